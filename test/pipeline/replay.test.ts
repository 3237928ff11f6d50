// A stage that fails for good: dead-lettered, its cause mended, replayed to the end; or given up.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { promisify } from "node:util";
import { abandonRun } from "../../handlers/abandon.ts";
import { replayStage } from "../../handlers/replay.ts";
import { openPipeline, requestSync, stagingDigests, waitForRun, type Pipeline } from "../support/pipeline.ts";
import { assertNothingLeft } from "../support/assert-synced.ts";
import { afterTest } from "../support/cleanup.ts";

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

test("a missing dump tool fails the export in a sentence; with the tool there, a replay ends the run", async (t) => {
  const pipeline = await openPipeline(t);
  const environment: Record<string, string> = { ...pipeline.environment, PATH: pipeline.directory };
  const world = await pipeline.open({ environment });
  world.work?.start();
  const runId = await requestSync(world);
  const failed = await waitForRun(world, runId);
  assert.equal(failed.status, "failed");
  assert.deepEqual([failed.failedStage, failed.error.code], ["export-production", "TOOL_MISSING"]);
  await world.work?.stop();

  const mended = await pipeline.open();
  mended.work?.start();
  assert.deepEqual(await replayStage(mended.platform, runId), { moved: 1 });
  assert.equal((await waitForRun(mended, runId)).status, "synced");
});

test("a full disk fails the operation and leaves nothing half-written; with room, a replay ends the run", async (t) => {
  const pipeline = await openPipeline(t, { rows: 5_000 });
  const dumps = join(pipeline.directory, "dumps");
  if (!(await mountSmall(t, dumps))) return t.skip("needs root and the right to mount a small tmpfs");
  const world = await pipeline.open();
  world.work?.start();
  const runId = await requestSync(world);
  const failed = await waitForRun(world, runId);
  assert.equal(failed.status, "failed");
  assert.equal(failed.error.code, "DISK_FULL");
  assert.match(failed.error.message, /dumps/);
  const left = (await readdir(dumps, { recursive: true })).filter((name) => name.endsWith(".gz"));
  assert.deepEqual(left, []);

  await promisify(execFile)("mount", ["-o", "remount,size=100m", dumps]);
  assert.deepEqual(await replayStage(world.platform, runId), { moved: 1 });
  assert.equal((await waitForRun(world, runId)).status, "synced");
});

/** Mounts a file system of 64 kB, too small for the sample's dump; false where this user may not. */
async function mountSmall(t: TestContext, directory: string): Promise<boolean> {
  await mkdir(directory);
  const mounted = await promisify(execFile)("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", directory]).then(
    () => true,
    () => false,
  );
  if (mounted) afterTest(t, async () => void (await promisify(execFile)("umount", ["-l", directory])));
  return mounted;
}

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
