// A function has little time: what is not done by then goes on in a continuation, and spends no delivery attempts.
import assert from "node:assert/strict";
import { test } from "node:test";
import { assertReplicaIsEmpty, assertSynced } from "../../support/assert-synced.ts";
import { openCloudPipeline } from "../world/cloud-pipeline.ts";

test("with a time budget of 2 s every long stage goes on in continuations, and the run ends", async (t) => {
  const pipeline = await openCloudPipeline(t, { settings: { UNDERSTUDY_BUDGET_MS: "2000" } });
  const { sql, contract } = pipeline;
  const operations = [
    { type: "EXPORT", instance: contract.production.name },
    { type: "IMPORT", instance: contract.replica.name },
    { type: "EXPORT", instance: contract.replica.name },
    { type: "BACKUP_VOLUME", instance: contract.staging.name },
    { type: "IMPORT", instance: contract.staging.name },
  ] as const;
  for (const operation of operations) {
    const hold = sql.faults.hold({ ...operation, moment: "after" });
    void hold.reached.then(() => setTimeout(() => hold.release(), 5_000));
  }
  const runId = await pipeline.request();
  const run = await pipeline.waitFor(runId);
  assert.equal(run.status, "synced", `${JSON.stringify(run, null, 1)}\n${await pipeline.log()}`);
  await assertSynced(pipeline);
  await assertReplicaIsEmpty(pipeline);
  for (const name of ["export-production", "load-replica:production", "export-replica", "load-staging:replica"]) {
    const state = run.stages[name];
    assert.ok(state && state.continuations > 0, `${name} went on in a continuation`);
  }
  for (const { stage, failures } of Object.values(run.stages)) assert.equal(failures, 0, `${stage} did not fail`);
});
