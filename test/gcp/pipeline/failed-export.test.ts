// What Cloud SQL refuses becomes a dead letter that says what to do; mended and replayed, the run ends.
import assert from "node:assert/strict";
import { test } from "node:test";
import { replayStage } from "../../../handlers/replay.ts";
import { until } from "../../platform/world.ts";
import { assertReplicaIsEmpty, assertSynced } from "../../support/assert-synced.ts";
import { openCloudPipeline } from "../world/cloud-pipeline.ts";

test("production's instance may not write into the bucket: dead letter, mended, replayed, done", async (t) => {
  const pipeline = await openCloudPipeline(t);
  const { grants, platform, contract } = pipeline;
  const account = pipeline.accountOf("production");
  const missing = grants.objects.findIndex(({ member }) => member === account);
  const [grant] = grants.objects.splice(missing, 1);
  assert.ok(grant);

  const runId = await pipeline.request();
  const failed = await pipeline.waitFor(runId);
  assert.equal(failed.status, "failed", JSON.stringify(failed, null, 1));
  assert.ok(failed.status === "failed");
  assert.equal(failed.failedStage, "export-production");
  assert.match(failed.error.message, new RegExp(account), "it names the account that lacks the permission");
  // Recorded a moment after the run is marked.
  await until("it is recorded", async () => (await platform.runs.listDeadLetters(contract.pipeline, 10)).length > 0);
  const [letter] = await platform.runs.listDeadLetters(contract.pipeline, 10);
  assert.deepEqual([letter?.runId, letter?.stage, letter?.error], [runId, "export-production", failed.error]);

  grants.objects.push(grant);
  assert.deepEqual(await replayStage(platform, runId), { moved: 1 });
  const run = await pipeline.waitFor(runId);
  assert.equal(run.status, "synced", `${JSON.stringify(run, null, 1)}\n${await pipeline.log()}`);
  await assertSynced(pipeline);
  await assertReplicaIsEmpty(pipeline);
});

test("the raw dump of an export that failed at its very end goes with that of the next attempt", async (t) => {
  const pipeline = await openCloudPipeline(t);
  const { sql, contract } = pipeline;
  sql.faults.fail({ type: "EXPORT", instance: contract.production.name, moment: "after" }, "INTERNAL_ERROR", "Oops.");
  const masked = sql.faults.hold({ type: "EXPORT", instance: contract.replica.name });
  const runId = await pipeline.request();
  await masked.reached;
  const run = await pipeline.waitFor(runId, ({ stages }) => stages["load-replica:production"]?.status === "done");
  assert.deepEqual(run.stages["export-production"]?.failures, 1);
  const left = (await pipeline.objects()).filter((name) => !name.endsWith("/masked-facts.json"));
  assert.deepEqual(left, [], "no raw dump waits for the run's end");
  masked.release();
  assert.equal((await pipeline.waitFor(runId)).status, "synced", await pipeline.log());
});

test("a failed run makes room for the next one: it is abandoned next to the replica, and nothing of it stays", async (t) => {
  const pipeline = await openCloudPipeline(t);
  pipeline.sql.faults.fail(
    { type: "IMPORT", instance: pipeline.contract.replica.name },
    "ERROR_RDBMS",
    "exit status 1",
  );
  const failedId = await pipeline.request();
  const failed = await pipeline.waitFor(failedId);
  assert.equal(failed.status, "failed", JSON.stringify(failed, null, 1));

  const run = await pipeline.waitFor(await pipeline.request());
  assert.equal(run.status, "synced", `${JSON.stringify(run, null, 1)}\n${await pipeline.log()}`);
  assert.equal((await pipeline.platform.runs.get(failedId))?.status, "abandoned");
  await assertSynced(pipeline);
  await assertReplicaIsEmpty(pipeline);
  assert.deepEqual(await pipeline.objects(), []);
});
