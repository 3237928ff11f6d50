// Delivery: done and published once, however often and in whatever order messages come.
import assert from "node:assert/strict";
import { test } from "node:test";
import { done, waiting, type Stage } from "../../contracts/stage.ts";
import { DumpFinalized, Masked, ReplicaLoaded, SyncRequested } from "../../events/index.ts";
import { openStageWorld, PIPELINE, RUN_ID, toyStage } from "../support/stage-world.ts";

const loaded = ReplicaLoaded.create({ runId: RUN_ID, tables: 1, bytes: 1 });
const masked = Masked.create({ runId: RUN_ID, tables: 1, columns: 1, rows: 1 });

/** Counts how often it works. */
function masking(): Stage<ReplicaLoaded["data"]> & { worked: number } {
  const stage = {
    ...toyStage(ReplicaLoaded, async () => {
      stage.worked++;
      return done([masked], { rows: 1 });
    }),
    worked: 0,
  };
  return stage;
}

test("a stage that is done publishes its outputs and says so in the run", async (t) => {
  const world = await openStageWorld(t);
  await world.openRun();
  assert.equal(await world.deliver(masking(), loaded), "done");
  assert.deepEqual(world.published(), [masked]);
  const state = (await world.run()).stages["toy"];
  assert.deepEqual(state?.status === "done" && [state.outputs, state.summary, state.epoch], [[masked], { rows: 1 }, 1]);
});

test("the same message twice works once and publishes the outputs again", async (t) => {
  const world = await openStageWorld(t);
  await world.openRun();
  const stage = masking();
  const message = world.message(loaded);
  assert.equal(await world.deliver(stage, message), "done");
  assert.equal(await world.deliver(stage, message), "duplicate");
  assert.equal(await world.deliver(stage, loaded), "duplicate", "nor does another message with the same event");
  assert.equal(stage.worked, 1);
  assert.deepEqual(world.published(), [masked, masked, masked]);
});

test("a crash between done and published heals with the redelivery", async (t) => {
  const world = await openStageWorld(t);
  await world.openRun();
  const stage = masking();
  const message = world.message(loaded);
  world.crashBeforePublishing();
  await assert.rejects(world.deliver(stage, message), /ended before it published/);
  assert.equal((await world.run()).stages["toy"]?.status, "done");
  assert.deepEqual(world.published(), []);
  assert.equal(await world.deliver(stage, { ...message, attempt: 2 }), "duplicate");
  assert.equal(stage.worked, 1);
  assert.deepEqual(world.published(), [masked]);
});

test("a crash between released and published heals with the redelivery", async (t) => {
  const world = await openStageWorld(t);
  await world.openRun();
  const message = world.message(loaded);
  world.crashBeforePublishing();
  await assert.rejects(
    world.deliver(
      toyStage(ReplicaLoaded, async () => waiting()),
      message,
    ),
    /ended before/,
  );
  assert.equal(await world.deliver(masking(), { ...message, attempt: 2 }), "done");
});

test("an event that is another stage's, or of no run, is ignored", async (t) => {
  const world = await openStageWorld(t, { platform: { objects: {} as never } });
  await world.openRun();
  const stage = masking();
  assert.equal(await world.deliver({ ...stage, accepts: () => false }, loaded), "ignored");
  const object = DumpFinalized.create({ bucket: "b", name: "somebody's.txt", generation: "1", size: "1" });
  const finalized = toyStage(DumpFinalized, async () => done([]));
  assert.equal(await world.deliver(finalized, object), "ignored");
  assert.equal(stage.worked, 0);
  assert.deepEqual((await world.run()).stages, {});
});

test("an event ahead of the stage that must be done first is not believed", async (t) => {
  const world = await openStageWorld(t);
  await world.openRun();
  const preserve = toyStage(Masked, async () => done([]), { name: "preserve", requires: () => "toy" });
  assert.equal(await world.deliver(preserve, masked), "premature");
  assert.deepEqual((await world.run()).stages, {});
  await world.deliver(masking(), loaded);
  assert.equal(await world.deliver(preserve, masked), "done");
});

test("an event of a run that nobody opened does nothing", async (t) => {
  const world = await openStageWorld(t);
  const stage = masking();
  assert.equal(await world.deliver(stage, loaded), "closed");
  assert.equal(stage.worked, 0);
  assert.equal(await world.platform.runs.get(RUN_ID), undefined);
});

test("the last stage ends the run and frees the lock; the run then does nothing more", async (t) => {
  const world = await openStageWorld(t);
  await world.openRun();
  assert.equal(await world.deliver({ ...masking(), closesRun: true }, loaded), "done");
  assert.equal((await world.run()).status, "synced");
  assert.equal(await world.platform.runs.getLock(PIPELINE), undefined);
  const preserve = toyStage(Masked, async () => done([]), { name: "preserve" });
  assert.equal(await world.deliver(preserve, masked), "closed");
});

test("a request that names no run opens one run however often its message comes", async (t) => {
  const world = await openStageWorld(t);
  const stage = toyStage(SyncRequested, async () => done([]), { opens: () => ({ trigger: "request" }) });
  const message = world.message(SyncRequested.create({ pipeline: PIPELINE, runId: "", requestedBy: "test" }));
  assert.equal(await world.deliver(stage, message), "done");
  assert.equal(await world.deliver(stage, { ...message, attempt: 2 }), "duplicate");
  assert.equal((await world.platform.runs.list(PIPELINE, 10)).length, 1);
});
