// Stages chained over a real bus, which delivers twice, late and out of order: the run ends once.
import assert from "node:assert/strict";
import { test } from "node:test";
import { FatalError } from "../../contracts/errors.ts";
import { done, waiting, type Stage } from "../../contracts/stage.ts";
import type { Event } from "../../events/define-event.ts";
import { DeadLettered, Masked, ReplicaLoaded, Synced, SyncRequested } from "../../events/index.ts";
import { replayStage } from "../../handlers/replay.ts";
import { openStageWorld, PIPELINE, RUN_ID, type StageWorld, toyStage } from "../support/stage-world.ts";

const request = SyncRequested.create({ pipeline: PIPELINE, runId: RUN_ID, requestedBy: "test" });
const loaded = ReplicaLoaded.create({ runId: RUN_ID, tables: 1, bytes: 1 });
const masked = Masked.create({ runId: RUN_ID, tables: 1, columns: 1, rows: 1 });
const synced = Synced.create({ runId: RUN_ID, tables: 1, seconds: 1 });

/** Three stages, each of which does its work in three steps and tells `steps` of each. */
function chain(steps: string[]): Stage[] {
  const inSteps = (name: string, output: Event): Stage["run"] =>
    async function run(_event, { checkpoint, platform, signal }) {
      let { step } = (checkpoint.value ?? { step: 0 }) as { step: number };
      while (step < 3) {
        if (signal.aborted) return waiting();
        await platform.clock.sleep(5);
        await checkpoint.save({ step: ++step });
        steps.push(`${name} ${step}`);
      }
      return done([output]);
    };
  return [
    toyStage(SyncRequested, inSteps("load", loaded), { name: "load", opens: () => ({ trigger: "request" }) }),
    toyStage(ReplicaLoaded, inSteps("mask", masked), { name: "mask", requires: () => "load" }),
    toyStage(Masked, inSteps("swap", synced), { name: "swap", requires: () => "mask", closesRun: true }),
  ];
}

const STEPS = ["load", "mask", "swap"].flatMap((stage) => [1, 2, 3].map((step) => `${stage} ${step}`));

/** Every stage at work as a world subscribes them, two deliveries at a time. */
function start(world: StageWorld, stages: readonly Stage[]): void {
  for (const stage of stages) {
    world.bus.subscribe({
      ...{ name: stage.name, topic: stage.on.name, concurrency: 2 },
      handler: async (message) => void (await world.deliver(stage, message)),
    });
  }
  world.bus.subscribe({
    ...{ name: "dead-letter", topic: DeadLettered.name, deadLetter: false },
    handler: async (message) => void (await world.deadLetter(message, stages)),
  });
  world.bus.start();
}

test("three stages chained over the bus end the run once, each step done once", async (t) => {
  const world = await openStageWorld(t);
  const steps: string[] = [];
  start(world, chain(steps));
  await world.bus.publish(request);
  await world.drained();
  assert.deepEqual(steps, STEPS);
  assert.deepEqual(world.published(), [loaded, masked, synced]);
  assert.equal((await world.run()).status, "synced");
});

test("every event twice, late and out of order, under a budget of milliseconds: each step is done once all the same", async (t) => {
  const world = await openStageWorld(t, { settings: { budgetMs: 7, leaseMs: 200, heartbeatMs: 20 } });
  const steps: string[] = [];
  start(world, chain(steps));
  for (const event of [synced, masked, loaded, request, masked, request, loaded]) await world.bus.publish(event);
  await world.drained();
  for (const event of [masked, request, loaded]) await world.bus.publish(event);
  await world.drained();
  assert.deepEqual(steps, STEPS);
  const run = await world.run();
  assert.equal(run.status, "synced");
  assert.ok(Object.values(run.stages).some(({ continuations }) => continuations > 0));
  assert.deepEqual(await world.platform.runs.listDeadLetters(PIPELINE, 10), []);
});

test("a stage that fails for good stops the run with a dead letter; its cause mended, a replay ends the run", async (t) => {
  const world = await openStageWorld(t, { settings: { leaseMs: 200, heartbeatMs: 50 } });
  const steps: string[] = [];
  const [load, mask, swap] = chain(steps);
  assert.ok(load && mask && swap);
  let broken = true;
  const breaking: Stage = {
    ...mask,
    run: (event, context) => {
      if (broken) throw new FatalError("UNLISTED_COLUMN", "No transform for `users.phone`.");
      return mask.run(event, context);
    },
  };
  start(world, [load, breaking, swap]);
  await world.bus.publish(request);
  await world.drained();
  const failed = await world.run();
  assert.deepEqual(failed.status === "failed" && [failed.failedStage, failed.error.code], ["mask", "UNLISTED_COLUMN"]);
  assert.equal((await world.platform.runs.listDeadLetters(PIPELINE, 10)).length, 1);
  broken = false;
  assert.deepEqual(await replayStage(world.platform, RUN_ID), { moved: 1 });
  assert.deepEqual(await replayStage(world.platform, RUN_ID), { moved: 0 });
  await world.drained();
  assert.deepEqual(steps, STEPS);
  assert.equal((await world.run()).status, "synced");
});

test("a stage that fails in all its deliveries is told by the bus, fails the run with its own error, and can be replayed", async (t) => {
  const world = await openStageWorld(t);
  const [load, mask, swap] = chain([]);
  assert.ok(load && mask && swap);
  let attempts = 0;
  const failing: Stage = {
    ...mask,
    run: async (event, context) => {
      if (++attempts <= 5) throw Object.assign(new Error("reset"), { code: "ECONNRESET" });
      return mask.run(event, context);
    },
  };
  start(world, [load, failing, swap]);
  await world.bus.publish(request);
  await world.drained();
  const failed = await world.run();
  assert.deepEqual(failed.status === "failed" && [failed.failedStage, failed.error.code], ["mask", "ECONNRESET"]);
  const [letter] = await world.platform.runs.listDeadLetters(PIPELINE, 10);
  assert.deepEqual([letter?.stage, letter?.attempts, letter?.error.code], ["mask", 5, "ECONNRESET"]);
  assert.deepEqual(await replayStage(world.platform, RUN_ID), { moved: 1 });
  await world.drained();
  assert.equal((await world.run()).status, "synced");
});

test("a stage beside the one that failed comes back with the replay, also when its message came meanwhile", async (t) => {
  const world = await openStageWorld(t);
  const worked: string[] = [];
  let broken = true;
  const failing = toyStage(
    ReplicaLoaded,
    async () => {
      if (broken) throw new FatalError("BROKEN", "It broke.");
      worked.push("failing");
      return done([]);
    },
    { name: "failing" },
  );
  const beside = toyStage(
    Masked,
    async () => {
      worked.push("beside");
      return done([]);
    },
    { name: "beside" },
  );
  await world.openRun();
  start(world, [failing, beside] as readonly unknown[] as Stage[]);
  await world.bus.publish(loaded);
  await world.drained();
  assert.equal((await world.run()).status, "failed");
  await world.bus.publish(masked);
  await world.drained();
  assert.deepEqual(worked, []);
  broken = false;
  assert.deepEqual(await replayStage(world.platform, RUN_ID), { moved: 1 });
  await world.drained();
  assert.deepEqual(new Set(worked), new Set(["beside", "failing"]));
});
