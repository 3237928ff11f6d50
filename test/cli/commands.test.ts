// The commands as an operator uses them, on real servers: a sync, what is shown of it, a failure, a replay, a check.
import assert from "node:assert/strict";
import { appendFile, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { property } from "../../contracts/plain-data.ts";
import { RunReport } from "../../contracts/report.ts";
import { openPipeline, type Pipeline } from "../support/pipeline.ts";
import { start, understudy, type Outcome } from "./understudy.ts";

const STAGES = [
  "dump-finalized:masked",
  "dump-finalized:production",
  "export-production",
  "export-replica",
  "load-replica",
  "load-staging",
  "mask",
  "preserve",
];

function reportIn({ stdout, stderr }: Outcome): RunReport {
  assert.ok(stdout.startsWith("{"), stderr);
  return RunReport.parse(JSON.parse(stdout));
}

test("sync follows a run to its end; runs lists it, show prints its report, check finds the drift since", async (t) => {
  const pipeline = await openPipeline(t, { rows: 200 });
  const fits = await understudy(t, "check", pipeline);
  assert.deepEqual(fits, { code: 0, stdout: "sync.yaml and production's schema `shop` agree.\n", stderr: "" });

  const synced = await understudy(t, "sync --json", pipeline);
  const report = reportIn(synced);
  assert.equal(synced.code, 0);
  assert.equal(report.status, "synced");
  assert.deepEqual(report.stages.map(({ name }) => name).toSorted(), STAGES);
  assert.ok(report.masked && report.masked.rows > 0 && report.preserved && report.preserved.rows > 0);
  const proof = report.masked?.proof;
  assert.ok(proof && proof.originals > 100 && proof.visibleValues > 1_000 && proof.quotable > 200 && proof.facts > 20);
  assert.ok(report.staging && report.staging.backup !== "");

  // On a pipe: plain lines on standard error, only JSON on standard output, and the log in its file.
  assert.match(synced.stderr, new RegExp(`^Run ${report.run} of shop\n`));
  assert.match(synced.stderr, /^ +\d+\.\d s {2}mask done in \d+\.\d s$/m);
  const log = await readFile(join(pipeline.directory, ".understudy/shop/understudy.log"), "utf8");
  assert.match(log, /"stage":"mask".*"msg":"Stage done\."/);

  const [shown, text, listed] = await Promise.all(
    [`show ${report.run} --json`, `show ${report.run}`, "runs"].map((words) => understudy(t, words, pipeline)),
  );
  assert.deepEqual(shown && reportIn(shown), report);
  assert.match(text?.stdout ?? "", new RegExp(`^Run ${report.run}: synced after `));
  assert.match(text?.stdout ?? "", /^ {2}proven +[\d,]+ originals looked for in their columns: none is left$/m);
  assert.match(listed?.stdout ?? "", new RegExp(`^${report.run}  synced `, "m"));

  await assertDriftIsFound(pipeline, (words) => understudy(t, words, pipeline));
});

async function assertDriftIsFound(pipeline: Pipeline, run: (words: string) => Promise<Outcome>): Promise<void> {
  const { contractFile } = pipeline;
  const own = await readFile(contractFile, "utf8");
  await appendFile(contractFile, "  - { table: companies, where: is_demo = 2, parents: 'null' }\n");
  const whole = await run("check");
  assert.match(whole.stdout, /^sync\.yaml:\d+:\d+ +Under `parents: null` .* cannot be NULL/m);
  assert.equal(whole.code, 1);
  await writeFile(contractFile, own);
  await pipeline.query("production", "ALTER TABLE shop.companies ADD COLUMN tax_number VARCHAR(20)");
  const text = (await readFile(contractFile, "utf8")).replace(/^ {4}users:/m, "    userz: truncate\n    users:");
  await writeFile(contractFile, text);
  await appendFile(
    contractFile,
    "  - { table: companyes, where: is_demo = 1 }\n  - { table: companies, where: is_demo == 1 }\nreferences:\n  - users.compny_id → companies.id\n",
  );

  const { code, stdout } = await run("check");
  assert.equal(code, 1);
  assert.match(stdout, /^sync\.yaml against production's schema `shop`: 7 differences\n/);
  const line = text.split("\n").indexOf("    userz: truncate") + 1;
  assert.match(
    stdout,
    new RegExp(`^sync\\.yaml:${line}:5 +There is no table \`userz\`. Did you mean \`users\`\\?$`, "m"),
  );
  assert.match(stdout, /There is no table `companyes` on staging\. Did you mean `companies`\?/);
  assert.match(stdout, /Staging refuses the condition of the rule to preserve `companies` with MySQL error 1064/);
  assert.match(stdout, /^sync\.yaml:\d+:5 +There is no column `users\.compny_id` on staging\. Did you mean/m);
  assert.match(stdout, /^sync\.yaml:\d+:\d+ +The column `companies\.tax_number` is not listed\.$/m);
  assert.match(stdout, /A proposal to review[^]*\ncompanies:/);

  const json: unknown = JSON.parse((await run("check --json")).stdout);
  assert.deepEqual(property(json, "unlisted"), [{ table: "companies", column: "tax_number" }]);
  assert.equal(property(json, "ok"), false);
}

test("a failed run says why and what to do: abandoned it is gone, replayed it ends", async (t) => {
  const pipeline = await openPipeline(t, { rows: 100 });
  const { UNDERSTUDY_MASKING_KEY: _key, ...withoutKey } = pipeline.environment;
  const run = (words: string) => understudy(t, words, pipeline);
  const fail = async () => understudy(t, "sync", { ...pipeline, environment: withoutKey });
  const failed = await fail();
  assert.equal(failed.code, 1);
  assert.match(failed.stdout, /SECRET_MISSING: .*UNDERSTUDY_MASKING_KEY/);
  const first = /Or give it up: `npx understudy abandon (\S+)`/.exec(failed.stdout)?.[1];
  assert.ok(first, failed.stdout);
  assert.equal((await run(`abandon ${first} --reason enough`)).code, 0);
  const abandoned = reportIn(await run(`show ${first} --json`));
  assert.deepEqual([abandoned.status, abandoned.error?.message], ["abandoned", "enough"]);
  assert.deepEqual(await pipeline.query("replica", "SHOW DATABASES LIKE 'shop'"), []);

  const second = /then `npx understudy replay (\S+) --follow`/.exec((await fail()).stdout)?.[1];
  assert.ok(second);
  const unmet = await run(`replay ${second} msak`);
  assert.match(unmet.stderr, /^STAGE_UNKNOWN: .* Did you mean `mask`\?/);
  const moved = async () => property(JSON.parse((await run(`replay ${second} --json`)).stdout), "moved");
  assert.deepEqual([await moved(), await moved()], [1, 0]);
  const replayed = await run(`replay ${second} --follow --json`);
  assert.equal(replayed.code, 0, replayed.stderr);
  assert.equal(reportIn(replayed).status, "synced");
  for (const words of [`replay ${second}`, `abandon ${second}`]) {
    assert.match((await run(words)).stderr, /^RUN_CLOSED: /);
  }
});

test("Ctrl-C puts a sync's work down and ends with 130; work carries it on while show looks on", async (t) => {
  const pipeline = await openPipeline(t, { rows: 100 });
  const syncing = start(t, "sync", pipeline);
  await syncing.stderr("Run ");
  syncing.child.kill("SIGINT");
  const { code, stdout } = await syncing.ended;
  assert.equal(code, 130);
  assert.match(stdout, /No longer followed; the run is not over\. Carry it on with `npx understudy work`\./);
  const run = /^Run (\S+): running/.exec(stdout)?.[1];
  assert.ok(run, stdout);

  const worker = start(t, "work", pipeline);
  const watched = await understudy(t, `show ${run} --follow --json`, pipeline);
  assert.equal(watched.code, 0, watched.stderr);
  assert.equal(reportIn(watched).status, "synced");
  worker.child.kill("SIGTERM");
  const ended = await worker.ended;
  assert.deepEqual([ended.code, ended.stdout], [0, "Stopped.\n"]);
  assert.match(ended.stderr, /^Working on pipeline shop; Ctrl-C stops\.$/m);
});
