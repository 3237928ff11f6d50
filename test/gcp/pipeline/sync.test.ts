// A whole sync as it is deployed.
import assert from "node:assert/strict";
import { test } from "node:test";
import { serviceAccountEmail } from "../../../deploy/gcp/names.ts";
import { assertReplicaIsEmpty, assertSynced } from "../../support/assert-synced.ts";
import { openCloudPipeline } from "../world/cloud-pipeline.ts";

test("one SyncRequested, and staging ends masked and preserved; the run's document tells the story", async (t) => {
  const pipeline = await openCloudPipeline(t);
  const { contract, sql } = pipeline;
  const runId = await pipeline.request();
  const run = await pipeline.waitFor(runId);
  assert.equal(run.status, "synced", `${JSON.stringify(run, null, 1)}\n${await pipeline.log()}`);
  await assertSynced(pipeline);
  await assertReplicaIsEmpty(pipeline);
  assert.deepEqual(await pipeline.objects(), []);

  assert.deepEqual(
    Object.values(run.stages).map(({ stage, status }) => `${stage} ${status}`),
    [
      "export-production done",
      "dump-finalized done",
      "load-replica done",
      "mask done",
      "preserve done",
      "export-replica done",
      "dump-finalized done",
      "load-staging done",
    ],
  );

  const onProduction = sql.requests.filter(({ instance }) => instance === contract.production.name);
  assert.ok(onProduction.length > 0);
  const exporter = serviceAccountEmail(contract, "export-production");
  assert.deepEqual([...new Set(onProduction.map(({ email }) => email))], [exporter]);
  assert.deepEqual(sql.refused, []);
});
