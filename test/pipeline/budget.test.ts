// Stages that outlast their time budget: continuations, not delivery attempts.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { StageState } from "../../contracts/run.ts";
import { openPipeline, requestSync, STAGE_SETTINGS, stagingDigests, waitForRun } from "../support/pipeline.ts";

test("with a budget of milliseconds every long stage goes on in continuations, to the same end", async (t) => {
  const pipeline = await openPipeline(t);
  const world = await pipeline.open();
  world.work?.start();
  for (const _ of [1, 2]) assert.equal((await waitForRun(world, await requestSync(world))).status, "synced");
  await world.work?.stop();
  const expected = await stagingDigests(pipeline);

  const hurried = await pipeline.open({ settings: { ...STAGE_SETTINGS, budgetMs: 40 } });
  hurried.work?.start();
  const run = await waitForRun(hurried, await requestSync(hurried));
  assert.equal(run.status, "synced", JSON.stringify(run, null, 1));
  assert.deepEqual(await stagingDigests(pipeline), expected);
  for (const stage of ["export-production", "load-replica:production", "mask", "preserve", "load-staging:replica"]) {
    const state: StageState | undefined = run.stages[stage];
    assert.ok((state?.continuations ?? 0) > 0, `${stage} went on in a continuation`);
    assert.equal(state?.failures, 0, `${stage} spent no delivery attempt`);
  }
});
