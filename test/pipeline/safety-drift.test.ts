// What production has and the contract does not name reaches nobody, by whichever way it comes in.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import type { Run } from "../../contracts/run.ts";
import { findTools } from "../../deploy/local/sql-admin/tools.ts";
import { abandonRun } from "../../handlers/abandon.ts";
import { assertNothingLeft, assertSynced } from "../support/assert-synced.ts";
import {
  type LocalWorld,
  openPipeline,
  requestSync,
  stagingDigests,
  waitForRun,
  type Pipeline,
} from "../support/pipeline.ts";

const PLANTED = "Planted-4417";

test("what the contract does not name stops at the replica, or is redacted where the contract says so", async (t) => {
  const pipeline = await openPipeline(t);
  const { query } = pipeline;
  const before = await stagingDigests(pipeline);
  const world = await pipeline.open({ platformSettings: { watcher: { scanMs: 50, settleMs: 100 } } });
  world.work?.start();

  await t.test("a table and a column that only a dump in the inbox has stop the run there", async () => {
    await query("production", `ALTER TABLE shop.users ADD ssn VARCHAR(40) DEFAULT '${PLANTED}'`);
    await query("production", "CREATE TABLE shop.secrets (id INT PRIMARY KEY, body TEXT)");
    await query("production", `INSERT INTO shop.secrets VALUES (1, '${PLANTED}')`);
    const run = await syncInbox(pipeline, world, await dumpProduction(pipeline));
    assert.ok(run.status === "failed" && run.error.code === "CONTRACT_UNLISTED_COLUMNS", JSON.stringify(run, null, 1));
    assert.match(run.error.message, /`secrets` \(the whole table\).*`users\.ssn`/);
    assert.deepEqual(
      Object.keys(run.stages).filter((id) => /preserve|export-replica|load-staging/.test(id)),
      [],
    );
    assert.deepEqual(await stagingDigests(pipeline), before);
    await abandonRun(world.platform, pipeline.contract, run.runId, "test");
    await assertNothingLeft(pipeline);
  });

  await t.test("with `unlisted: redact` neither of their values is on staging", async (s) => {
    await query("production", "ALTER TABLE shop.users CHANGE phone Phone VARCHAR(32)");
    await query(
      "production",
      "CREATE VIEW shop.people AS SELECT id, email AS address, name, PHONE AS phone FROM shop.users",
    );
    const redacting = await openSame(s, pipeline, (text) =>
      text.replace("  tables:\n", "  unlisted: redact\n  tables:\n    secrets: { keep: [id] }\n"),
    );
    const other = await redacting.open();
    await world.work?.stop();
    other.work?.start();
    const run = await waitForRun(other, await requestSync(other));
    assert.equal(run.status, "synced", JSON.stringify(run, null, 1));
    await assertSynced(pipeline);
    const stars = "*".repeat(PLANTED.length);
    assert.deepEqual(await query("staging", "SELECT body FROM shop_staging.secrets"), [{ body: stars }]);
    const demo = "company_id IN (SELECT id FROM shop_staging.companies WHERE is_demo = 1)";
    const own = await query("staging", `SELECT DISTINCT ssn FROM shop_staging.users WHERE NOT ${demo}`);
    assert.deepEqual(own, [{ ssn: stars }]);
    // A view, and a column that is computed, show what is masked.
    const shown = await query(
      "staging",
      `SELECT p.address, p.name, p.phone, u.email_domain FROM shop_staging.people p JOIN shop_staging.users u USING (id) WHERE NOT u.${demo}`,
    );
    assert.ok(shown.length > 40);
    const people = await query("production", "SELECT name, phone FROM shop.users");
    const originals = new Set(people.flatMap(({ name, phone }) => [name, ...(phone === null ? [] : [phone])]));
    for (const row of shown) {
      assert.match(String(row["address"]), /^u[0-9a-f]{24}@example\.com$/);
      assert.match(`${row["name"]} ${row["phone"] ?? ""}`, /^[A-Z][\w' ]+ (?:\+81-90-0\d{3}-\d{4})?$/);
      assert.ok(!originals.has(row["name"] ?? null) && !originals.has(row["phone"] ?? ""));
      assert.equal(row["email_domain"], "example.com");
    }
  });
});

/** The same servers under a changed contract. */
async function openSame(t: TestContext, pipeline: Pipeline, edit: (text: string) => string): Promise<Pipeline> {
  const same = await openPipeline(t, { servers: pipeline.servers, keep: true, edit });
  return { ...same, environment: Object.assign(same.environment, pipeline.environment) };
}

async function dumpProduction({ servers }: Pipeline): Promise<Buffer> {
  const [tool] = await findTools("dump", servers.production.flavour);
  assert.ok(tool);
  const { stdout } = await promisify(execFile)(
    tool.path,
    [
      "--no-defaults",
      "-h",
      "127.0.0.1",
      "-P",
      String(servers.production.port),
      "-u",
      "root",
      "--hex-blob",
      "--skip-triggers",
      "shop",
    ],
    { encoding: "buffer", maxBuffer: 100_000_000 },
  );
  return stdout;
}

/** Puts a dump into the inbox and waits for the end of the run that it makes. */
async function syncInbox({ directory }: Pipeline, world: LocalWorld, dump: Buffer): Promise<Run> {
  await writeFile(join(directory, "dump"), dump);
  await rename(join(directory, "dump"), join(directory, "dumps/inbox/drifted.sql"));
  for (;;) {
    const [run] = await world.platform.runs.list("shop", 1);
    if (run) return waitForRun(world, run.runId);
    await sleep(20);
  }
}
