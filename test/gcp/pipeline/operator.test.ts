// What an operator does, with the program and the contract alone, against the deployed pipeline.
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { understudy } from "../../cli/understudy.ts";
import { assertReplicaIsEmpty, assertSynced } from "../../support/assert-synced.ts";
import { type CloudPipeline, openCloudPipeline } from "../world/cloud-pipeline.ts";

/** Runs `understudy`, in an environment that has an operator's credentials and nothing of the functions'. */
async function operate(t: TestContext, { directory, environment }: CloudPipeline, words: string) {
  const { code, stdout, stderr } = await understudy(t, `${words} --json`, { directory, environment });
  return { code, json: JSON.parse(stdout || "{}") as Record<string, unknown>, stderr };
}

/** Nobody opens a session on production: staging stands for it, or a server that the operator names. */
async function previews({ servers, environment }: CloudPipeline, ask: (words: string) => ReturnType<typeof operate>) {
  const numbers = ({ json }: Awaited<ReturnType<typeof operate>>) =>
    (json["tables"] as { table: string; rows: number; idsKept: number | null }[])
      .filter(({ table }) => table === "companies")
      .map(({ rows, idsKept }) => [rows, idsKept]);
  const alone = await ask("plan --preserve");
  assert.equal(alone.code, 0, alone.stderr);
  assert.deepEqual([alone.json["heldAgainst"], numbers(alone)], ["staging", [[3, null]]]);
  assert.deepEqual((await ask("check")).code, 0);
  const { host, port, user } = servers.production;
  assert.ok(!JSON.stringify(environment).includes(String(port)), "the program is not told where production is");
  const clone = await ask(`plan --preserve --server ${host}:${port} --user ${user}`);
  assert.equal(clone.code, 0, clone.stderr);
  assert.deepEqual([clone.json["heldAgainst"], numbers(clone)], ["production", [[3, 3]]]);
}

test("an operator syncs, looks, mends, replays, abandons and rolls back with the contract alone", async (t) => {
  const pipeline = await openCloudPipeline(t);
  const { sql, contract } = pipeline;
  const ask = (words: string) => operate(t, pipeline, words);
  const synced = await ask("sync");
  assert.equal(synced.code, 0, `${synced.stderr}\n${await pipeline.log()}`);
  await assertSynced(pipeline);
  const first = String(synced.json["run"]);
  await previews(pipeline, ask);

  sql.faults.fail({ type: "IMPORT", instance: contract.replica.name }, "ERROR_RDBMS", "exit status 1");
  const requested = await ask("request");
  const second = String(requested.json["run"]);
  const failed = await pipeline.waitFor(second);
  assert.equal(failed.status, "failed");
  const shown = await ask(`show ${second}`);
  assert.deepEqual([shown.code, shown.json["status"]], [0, "failed"]);

  const replayed = await ask(`replay ${second} --follow`);
  assert.equal(replayed.code, 0, `${replayed.stderr}\n${await pipeline.log()}`);
  assert.equal(replayed.json["status"], "synced");
  assert.equal((await ask(`replay ${second}`)).code, 1, "a run that is over is not replayed");

  sql.faults.fail({ type: "BACKUP_VOLUME", instance: contract.staging.name }, "ERROR_RDBMS", "exit status 1");
  const third = String((await ask("request")).json["run"]);
  await pipeline.waitFor(third, (run) => run.status === "failed");
  const abandoned = await ask(`abandon ${third}`);
  assert.equal(abandoned.code, 0, `${abandoned.stderr}\n${await pipeline.log()}`);
  await assertReplicaIsEmpty(pipeline);
  assert.deepEqual(await pipeline.objects(), []);

  const back = await ask("rollback");
  assert.equal(back.code, 0, `${back.stderr}\n${await pipeline.log()}`);
  assert.deepEqual(back.json, { run: second, to: "previous", staging: "before" });
  const restored = await ask(`rollback ${second} --backup`);
  assert.equal(restored.code, 0, `${restored.stderr}\n${await pipeline.log()}`);

  const runs = await ask("runs");
  assert.deepEqual(
    (runs.json as unknown as { run: string; status: string }[]).map(({ run, status }) => [run, status]),
    [
      [third, "abandoned"],
      [second, "synced"],
      [first, "synced"],
    ],
  );
});
