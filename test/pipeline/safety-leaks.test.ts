// No row's value, password or key is told by anything that goes wrong: values are planted, every stage is made to fail
// on them, and they are looked for everywhere.
import assert from "node:assert/strict";
import { readdir, readFile, rename, stat, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { Run } from "../../contracts/run.ts";
import { assertNothingLeft, assertSynced } from "../support/assert-synced.ts";
import {
  type LocalWorld,
  openPipeline,
  readLog,
  requestSync,
  stagingDigests,
  waitForRun,
  type Pipeline,
} from "../support/pipeline.ts";
import { understudy } from "../cli/understudy.ts";

/** Stands in rows of production, of staging and of dumps, and nowhere else. */
const PLANTED = "Planted-7731";

test("errors of every stage tell no planted value, no password and no key, and leave nothing behind", async (t) => {
  const pipeline = await openPipeline(t, {
    edit: (text) => text.replace("where: is_demo = 1", `where: "is_demo = 1 AND name <> '${PLANTED}'"`),
  });
  const { query, directory, environment } = pipeline;
  const secrets = ["PRODUCTION_PASSWORD", "REPLICA_PASSWORD", "STAGING_PASSWORD", "UNDERSTUDY_MASKING_KEY"].map(
    (name) => environment[name]!,
  );
  const forbidden = [PLANTED, ...secrets];
  await query("production", `UPDATE shop.users SET name = '${PLANTED}', phone = '${PLANTED}' WHERE id < 20`);
  await query("production", `UPDATE shop.users SET email = '${PLANTED}@corp.test' WHERE id = 20`);
  await query("staging", `UPDATE shop_staging.users SET name = '${PLANTED}'`);
  const staging = await stagingDigests(pipeline);
  const commandLines = watchCommandLines(t.signal, forbidden);
  const world = await pipeline.open({
    platformSettings: { bus: { minBackoffMs: 20, maxBackoffMs: 50 }, watcher: { scanMs: 50, settleMs: 100 } },
  });
  world.work?.start();
  const documents: string[] = [];
  const fails = async (run: Run, ...codes: string[]) => {
    assert.ok(run.status === "failed" && codes.includes(run.error.code), JSON.stringify(run, null, 1));
    documents.push(JSON.stringify(run));
    assert.deepEqual(await stagingDigests(pipeline), staging, "staging is as it was");
  };

  // Rows that the client, and the rewriter, break on.
  const rows = `INSERT INTO \`users\` VALUES ('${PLANTED}'),('${PLANTED}');\n`;
  await fails(await syncInbox(pipeline, world, rows), "IMPORT_FAILED");
  await fails(await syncInbox(pipeline, world, `INSERT INTO \`users\` VALUES ('${PLANTED});\n`), "DUMP_INCOMPLETE");
  await fails(await syncInbox(pipeline, world, `${PLANTED} and more;\n`), "DUMP_UNSUPPORTED_STATEMENT");
  await fails(
    await syncInbox(pipeline, world, `INSERT INTO \`users\` SELECT '${PLANTED}';\n`),
    "DUMP_UNSUPPORTED_STATEMENT",
  );

  // A masked value that the server refuses.
  await query("production", "ALTER TABLE shop.users ADD CONSTRAINT no_examples CHECK (email NOT LIKE '%@example.com')");
  await fails(await synced(world), "MASK_REFUSED_BY_SERVER");
  await query("production", "ALTER TABLE shop.users DROP CONSTRAINT no_examples");

  // A preserved row that clashes at the insert alone.
  await query(
    "production",
    `ALTER TABLE shop.companies ADD clash VARCHAR(200) AS (IF(is_demo = 1, '${PLANTED}', NULL)) STORED, ADD UNIQUE KEY clash (clash)`,
  );
  await fails(await synced(world), "PRESERVE_UNIQUE_CLASH");
  await query("production", "ALTER TABLE shop.companies DROP clash");

  // A view of staging's that does not fit.
  await query("staging", "ALTER TABLE shop_staging.users ADD gone INT");
  await query(
    "staging",
    `CREATE VIEW shop_staging.stale AS SELECT gone, '${PLANTED}' AS literal FROM shop_staging.users`,
  );
  Object.assign(staging, await stagingDigests(pipeline));
  const failed = await synced(world);
  await fails(failed, "OBJECT_DOES_NOT_FIT");
  await assertMasked(pipeline, "shop_staging__next");
  for (const words of ["show", "show --json", "runs --json"]) {
    const { code, stdout, stderr } = await understudy(t, words.replace("show", `show ${failed.runId}`), pipeline);
    assert.equal(code, 0, stderr);
    documents.push(stdout, stderr);
  }
  await query("staging", "DROP VIEW shop_staging.stale");

  // Mended: a new request abandons the failed run and leaves nothing of any.
  const run = await synced(world);
  assert.equal(run.status, "synced", JSON.stringify(run, null, 1));
  await assertSynced(pipeline);
  await assertNothingLeft(pipeline);
  documents.push(JSON.stringify(await world.platform.runs.list("shop", 100)));
  documents.push(JSON.stringify(await world.platform.runs.listDeadLetters("shop", 100)));
  documents.push(await readLog(directory));
  for (const [i, document] of documents.entries()) {
    for (const word of forbidden)
      assert.ok(!document.includes(word), `document ${i} tells a planted value or a secret`);
  }
  assert.deepEqual(await commandLines.end(), [], "command lines that tell one");
  await assertFiles(directory, forbidden);
});

/** Requests a sync and waits for its end. */
async function synced(world: LocalWorld): Promise<Run> {
  return waitForRun(world, await requestSync(world));
}

let dumps = 0;

/** Puts a dump with these rows into the inbox and waits for the run's end. */
async function syncInbox({ directory }: Pipeline, world: LocalWorld, rows: string): Promise<Run> {
  const known = new Set((await world.platform.runs.list("shop", 100)).map(({ runId }) => runId));
  const text = `-- MySQL dump 10.13\nCREATE TABLE \`users\` (name VARCHAR(100) PRIMARY KEY) ENGINE=InnoDB;\n${rows}-- Dump completed\n`;
  await writeFile(join(directory, "dump"), text);
  await rename(join(directory, "dump"), join(directory, `dumps/inbox/${++dumps}.sql`));
  for (;;) {
    const run = (await world.platform.runs.list("shop", 1))[0];
    if (run && !known.has(run.runId)) return waitForRun(world, run.runId);
    await sleep(20);
  }
}

/** Nothing of production's people is in that database on staging. */
async function assertMasked({ query }: Pipeline, database: string): Promise<void> {
  const people = await query("production", "SELECT email FROM shop.users");
  const [found] = await query(
    "staging",
    `SELECT COUNT(*) AS all_users, SUM(email IN (?)) AS leaked FROM ${database}.users`,
    [people.map(({ email }) => String(email))],
  );
  assert.ok(Number(found?.["all_users"]) >= people.length);
  assert.equal(Number(found?.["leaked"]), 0);
}

/** Looks at every process's command line, again and again; `end` gives those with a forbidden word. */
function watchCommandLines(signal: AbortSignal, forbidden: readonly string[]) {
  const told = new Set<string>();
  let looks = 0;
  const end = new AbortController();
  const watching = (async () => {
    while (!end.signal.aborted && !signal.aborted) {
      for (const pid of (await readdir("/proc").catch(() => [])).filter((name) => /^\d+$/.test(name))) {
        const line = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
        if (forbidden.some((word) => line.includes(word))) told.add(line.split("\0")[0] ?? "");
      }
      looks++;
      await sleep(30);
    }
  })();
  return {
    async end(): Promise<string[]> {
      end.abort();
      await watching;
      assert.ok(looks > 20);
      return [...told];
    },
  };
}

/** Every file and folder of ours is this user's alone, and no file but the backups tells a forbidden word. */
async function assertFiles(directory: string, forbidden: readonly string[]): Promise<void> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const ours = entries.map((entry) => ({ entry, path: relative(directory, join(entry.parentPath, entry.name)) }));
  const made = ours.filter(({ path }) => /^(?:dumps|\.understudy)\b/.test(path) && !path.includes("compile-cache"));
  assert.ok(
    made.some(({ path }) => path.endsWith("state.sqlite")) && made.some(({ path }) => /backups\/.+gz$/.test(path)),
  );
  for (const { entry, path } of made) {
    const { mode } = await stat(join(directory, path));
    assert.equal((mode & 0o777).toString(8), entry.isDirectory() ? "700" : "600", path);
    if (!entry.isFile() || path.includes("backups/")) continue;
    const bytes = await readFile(join(directory, path), "latin1");
    for (const word of forbidden) assert.ok(!bytes.includes(word), `${path} tells a planted value or a secret`);
  }
  assert.deepEqual(
    made.filter(({ path }) => /^dumps\/(?:runs|\.incoming|inbox)\/./.test(path)).map(({ path }) => path),
    [],
  );
}
