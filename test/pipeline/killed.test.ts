// A process killed with SIGKILL at each point where it matters: the run ends once, with the same staging as ever.
import assert from "node:assert/strict";
import { test } from "node:test";
import { syncKilledAt } from "../support/killed.ts";
import { openPipeline, requestSync, stagingDigests, waitForRun } from "../support/pipeline.ts";

const POINTS = [
  ["between claim and work of the export", "claimed export-production"],
  ["with production's export under way", "started export"],
  ["between claim and work of loading the replica", "claimed load-replica"],
  ["in the middle of the import", "started import"],
  ["between `done` and published of loading the replica", "publishing replica-loaded"],
  ["in the middle of masking, before a chunk", "running 4 UPDATE `shop`"],
  ["in the middle of masking, after a chunk and before its commit", "ran 4 UPDATE `shop`"],
  ["between `done` and published of masking", "publishing masked"],
  ["in the middle of preserving", "ran 3 INSERT INTO `shop`"],
  ["between `done` and published of preserving", "publishing preserved"],
  ["when the replica is half wiped", "ran 5 DROP DATABASE"],
  ["with staging's backup under way", "started backup"],
  ["right before the swap", "running 1 RENAME"],
  ["right after the swap", "ran 1 RENAME"],
] as const;

test("a killed process", async (t) => {
  const pipeline = await openPipeline(t);
  const world = await pipeline.open();
  // Twice: the first gives the demo rows their new ids, which they keep from then on.
  for (const _ of [1, 2]) {
    world.work?.start();
    assert.equal((await waitForRun(world, await requestSync(world))).status, "synced");
    await world.work?.stop();
  }
  const expected = await stagingDigests(pipeline);
  for (const [name, point] of POINTS) {
    await t.test(name, async (killing) => {
      const run = await syncKilledAt(killing, pipeline, world, point);
      assert.equal(run.status, "synced", JSON.stringify(run, null, 1));
      assert.deepEqual(await stagingDigests(pipeline), expected);
    });
  }
});
