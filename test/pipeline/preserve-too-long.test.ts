// Staging's rows are read in one go: where a delivery is cut off sooner, the run fails in a sentence instead of trying for ever.
import assert from "node:assert/strict";
import { test } from "node:test";
import { replayStage } from "../../handlers/replay.ts";
import { assertSynced } from "../support/assert-synced.ts";
import { openPipeline, requestSync, STAGE_SETTINGS, stagingDigests, waitForRun } from "../support/pipeline.ts";

test("reading that no delivery is long enough for fails the run at once, and with time a replay ends it", async (t) => {
  const pipeline = await openPipeline(t);
  const before = await stagingDigests(pipeline);
  const hurried = await pipeline.open({ settings: { ...STAGE_SETTINGS, cutOffMs: 1 } });
  hurried.work?.start();
  const runId = await requestSync(hurried);
  const failed = await waitForRun(hurried, runId);
  assert.equal(failed.status, "failed");
  assert.deepEqual([failed.failedStage, failed.error.code], ["preserve", "PRESERVE_COLLECTING_TOO_LONG"]);
  assert.equal(failed.stages["preserve"]?.failures, 0, "no delivery attempt was spent on trying again");
  assert.deepEqual(await stagingDigests(pipeline), before);
  await hurried.work?.stop();

  const world = await pipeline.open();
  world.work?.start();
  assert.deepEqual(await replayStage(world.platform, runId), { moved: 1 });
  assert.equal((await waitForRun(world, runId)).status, "synced");
  await assertSynced(pipeline);
});
