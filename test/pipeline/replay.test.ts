// A stage that fails for good: dead-lettered, its cause mended, replayed to the end; or given up.
import assert from "node:assert/strict";
import { test } from "node:test";
import { abandonRun } from "../../handlers/abandon.ts";
import { replayStage } from "../../handlers/replay.ts";
import { openPipeline, requestSync, stagingDigests, waitForRun, type Pipeline } from "../support/pipeline.ts";
import { assertNothingLeft } from "../support/assert-synced.ts";

/** A trigger of staging's that cannot exist on production's schema: the load must stop, with staging untouched. */
async function plantMisfit({ query }: Pipeline): Promise<void> {
  await query("staging", "ALTER TABLE shop_staging.companies ADD COLUMN only_here INT");
  await query(
    "staging",
    "CREATE TRIGGER shop_staging.misfit BEFORE INSERT ON shop_staging.companies FOR EACH ROW SET NEW.only_here = 1",
  );
}

test("a dead-lettered stage is replayed to the end after its cause is mended, and the second replay moves 0", async (t) => {
  const pipeline = await openPipeline(t);
  await plantMisfit(pipeline);
  const before = await stagingDigests(pipeline);
  const world = await pipeline.open();
  world.work?.start();
  const runId = await requestSync(world);
  const failed = await waitForRun(world, runId);
  assert.equal(failed.status, "failed");
  assert.equal(failed.failedStage, "load-staging:replica");
  assert.equal(failed.error.code, "OBJECT_DOES_NOT_FIT");
  assert.match(failed.error.message, /`misfit`/);
  assert.deepEqual(await stagingDigests(pipeline), before, "staging is untouched");
  const letters = await world.platform.runs.listDeadLetters("shop", 10);
  assert.deepEqual(
    letters.map(({ stage, runId: of }) => [stage, of]),
    [["load-staging", runId]],
  );

  await pipeline.query("staging", "DROP TRIGGER shop_staging.misfit");
  assert.deepEqual(await replayStage(world.platform, runId), { moved: 1 });
  assert.deepEqual(await replayStage(world.platform, runId), { moved: 0 });
  assert.equal((await waitForRun(world, runId)).status, "synced");
  await assertNothingLeft(pipeline);
  await assert.rejects(replayStage(world.platform, runId), { code: "RUN_CLOSED" });
});

test("a new request abandons a failed run by itself, and nothing of it stays", async (t) => {
  const pipeline = await openPipeline(t);
  await plantMisfit(pipeline);
  const world = await pipeline.open();
  world.work?.start();
  const failed = await requestSync(world);
  assert.equal((await waitForRun(world, failed)).status, "failed");
  await pipeline.query("staging", "DROP TRIGGER shop_staging.misfit");
  const next = await requestSync(world);
  assert.equal((await waitForRun(world, next)).status, "synced");
  assert.equal((await world.platform.runs.get(failed))?.status, "abandoned");
  await assertNothingLeft(pipeline);
});

test("abandoning a run at work stops it, wipes the replica, deletes its dumps and frees the lock", async (t) => {
  const pipeline = await openPipeline(t, { rows: 5_000 });
  const before = await stagingDigests(pipeline);
  const world = await pipeline.open();
  world.work?.start();
  const runId = await requestSync(world);
  await waitForRun(world, runId, (run) => run.stages["load-replica:production"]?.checkpoint !== undefined);
  await abandonRun(world.platform, pipeline.contract, runId, "The test says so.");
  assert.equal((await world.platform.runs.get(runId))?.status, "abandoned");
  assert.equal(await world.platform.runs.getLock("shop"), undefined);
  await assertNothingLeft(pipeline);
  assert.deepEqual(await stagingDigests(pipeline), before);
  assert.equal((await waitForRun(world, await requestSync(world))).status, "synced");
});
