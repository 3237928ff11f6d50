// What Pub/Sub may do with messages: push each twice at the same time.
import assert from "node:assert/strict";
import { test } from "node:test";
import { assertReplicaIsEmpty, assertSynced } from "../../support/assert-synced.ts";
import { stagingDigests } from "../../support/sample-servers.ts";
import { openCloudPipeline } from "../world/cloud-pipeline.ts";

test("with every push given to its function twice at once, the result is the same", async (t) => {
  const pipeline = await openCloudPipeline(t);
  const first = await pipeline.waitFor(await pipeline.request());
  assert.equal(first.status, "synced", JSON.stringify(first, null, 1));
  const expected = await stagingDigests(pipeline);

  pipeline.run.duplicate = true;
  const run = await pipeline.waitFor(await pipeline.request());
  assert.equal(run.status, "synced", `${JSON.stringify(run, null, 1)}\n${await pipeline.log()}`);
  await assertSynced(pipeline);
  await assertReplicaIsEmpty(pipeline);
  assert.deepEqual(await stagingDigests(pipeline), expected);
  assert.deepEqual(await pipeline.platform.runs.listDeadLetters("shop", 10), []);
});
