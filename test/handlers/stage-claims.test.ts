// Delivery by several: leases, takeovers, heartbeats, time budgets.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { RetryAfter } from "../../contracts/errors.ts";
import { done, waiting } from "../../contracts/stage.ts";
import { Masked, Preserved, ReplicaLoaded } from "../../events/index.ts";
import { withInstance } from "../../handlers/instances.ts";
import { claim, finish } from "../../handlers/state/claims.ts";
import { recordingPorts } from "../support/recording-ports.ts";
import { gate, openStageWorld, PIPELINE, RUN_ID, type StageWorld, toyStage } from "../support/stage-world.ts";

const loaded = ReplicaLoaded.create({ runId: RUN_ID, tables: 1, bytes: 1 });
const masked = Masked.create({ runId: RUN_ID, tables: 1, columns: 1, rows: 1 });

test("a stage that another claim works on is asked for again when its lease ends", async (t) => {
  const world = await openStageWorld(t, { settings: { leaseMs: 10_000 } });
  await world.openRun();
  const [begun, work] = [gate(), gate()];
  const slow = toyStage(ReplicaLoaded, async () => {
    begun.open();
    await work.opened;
    return done([masked]);
  });
  const first = world.deliver(slow, loaded);
  await begun.opened;
  await assert.rejects(world.deliver(slow, loaded), (error: RetryAfter) => {
    assert.equal(error.name, "RetryAfter");
    assert.equal(error.code, "STAGE_LEASED");
    assert.ok(error.afterMs > 9_000 && error.afterMs <= 10_000, String(error.afterMs));
    return true;
  });
  work.open();
  assert.equal(await first, "done");
});

test("a claim that was given up for dead is taken over with a higher epoch, and nothing of it counts", async (t) => {
  const world = await openStageWorld(t, { settings: { leaseMs: 1_000 } });
  await world.openRun();
  const work = gate();
  const claimed = gate();
  const epochs: number[] = [];
  const zombie = toyStage(ReplicaLoaded, async (_event, { epoch }) => {
    epochs.push(epoch);
    claimed.open();
    await work.opened;
    return done([Preserved.create({ runId: RUN_ID, tables: 0, rows: 0, remapped: 0 })]);
  });
  const late = world.deliver(zombie, loaded);
  await claimed.opened;
  world.pass(1_000);
  const successor = toyStage(ReplicaLoaded, async (_event, { epoch }) => {
    epochs.push(epoch);
    return done([masked]);
  });
  assert.equal(await world.deliver(successor, loaded), "done");
  assert.deepEqual(epochs, [1, 2]);
  work.open();
  assert.equal(await late, "lost");
  assert.deepEqual(world.published(), [masked]);
  const state = (await world.run()).stages["toy"];
  assert.deepEqual(state?.status === "done" && state.outputs, [masked]);
});

/** What another process does when this claim's lease has run out. */
async function takeOver(world: StageWorld): Promise<void> {
  world.pass(world.deps.settings.leaseMs);
  const now = world.platform.clock.now();
  const asked = { stage: "toy", key: "", event: loaded, owner: "successor", requires: undefined };
  await world.platform.runs.update(RUN_ID, (run) => claim(run, { ...asked, now, leaseMs: 60_000 }));
}

for (const learn of ["save", "confirm", "heartbeat"] as const) {
  test(`a claim that was taken over learns it by its next ${learn}, and stops`, async (t) => {
    const heartbeatMs = learn === "heartbeat" ? 5 : 3_600_000;
    const world = await openStageWorld(t, { settings: { leaseMs: 1_000, budgetMs: 5_000, heartbeatMs } });
    await world.openRun();
    const stage = toyStage(ReplicaLoaded, async (_event, { checkpoint, confirm, signal }) => {
      await takeOver(world);
      if (learn === "save") await checkpoint.save({ step: 1 });
      if (learn === "confirm") await confirm();
      while (!signal.aborted) await world.platform.clock.sleep(2);
      assert.equal(signal.reason instanceof Error && signal.reason.name, "LeaseLost");
      return waiting();
    });
    assert.equal(await world.deliver(stage, loaded), "lost");
    assert.deepEqual(world.published(), []);
    const state = (await world.run()).stages["toy"];
    assert.deepEqual(state?.status === "leased" && [state.owner, state.checkpoint], ["successor", undefined]);
  });
}

test("a claim that was taken over destroys nothing: it is confirmed under the fence", async (t) => {
  const { calls, platform } = recordingPorts();
  const world = await openStageWorld(t, { platform, settings: { leaseMs: 1_000 } });
  await world.openRun();
  const wiping = (before: () => Promise<void>) =>
    toyStage(ReplicaLoaded, async (_event, context) => {
      await before();
      await withInstance(context, "replica", (session) => session.run("DROP DATABASE shop"));
      return done([]);
    });
  assert.equal(
    await world.deliver(
      wiping(() => takeOver(world)),
      loaded,
    ),
    "lost",
  );
  assert.deepEqual(calls, []);
  world.pass(60_000);
  assert.equal(
    await world.deliver(
      wiping(async () => undefined),
      loaded,
    ),
    "done",
  );
  assert.deepEqual(calls, ["DROP DATABASE shop"]);
});

test("heartbeats keep the lease of a stage that takes longer, and store its progress", async (t) => {
  const world = await openStageWorld(t, { settings: { leaseMs: 150, heartbeatMs: 20 } });
  await world.openRun();
  const slow = toyStage(ReplicaLoaded, async (_event, { progress }) => {
    progress({ unit: "rows", done: 5, total: 10, doing: "masking `users`" });
    const until = Date.now() + 400;
    while (Date.now() < until) {
      await world.platform.clock.sleep(10);
      const state = (await world.run()).stages["toy"];
      assert.ok(state?.status === "leased" && Date.parse(state.leaseUntil) > Date.now(), "the lease is alive");
    }
    await assert.rejects(world.deliver(slow, loaded), { code: "STAGE_LEASED" });
    assert.equal((await world.run()).stages["toy"]?.progress?.done, 5);
    progress({ unit: "rows", done: 10, total: 10 });
    return done([]);
  });
  assert.equal(await world.deliver(slow, loaded), "done");
  assert.equal((await world.run()).stages["toy"]?.progress?.done, 10);
});

test("a stage that waits keeps its checkpoint and is published again", async (t) => {
  const world = await openStageWorld(t);
  await world.openRun();
  const stage = toyStage(ReplicaLoaded, async (_event, { checkpoint }) => {
    const { step = 0 } = (checkpoint.value ?? {}) as { step?: number };
    if (step === 2) return done([masked]);
    await checkpoint.save({ step: step + 1 });
    return waiting();
  });
  assert.equal(await world.deliver(stage, loaded), "waiting");
  assert.deepEqual(world.published(), [loaded]);
  assert.equal(await world.deliver(stage, loaded), "waiting");
  assert.equal(await world.deliver(stage, loaded), "done");
  const state = (await world.run()).stages["toy"];
  assert.deepEqual([state?.continuations, state?.failures, state?.epoch], [2, 0, 3]);
});

test("of two checkpoints that are stored side by side the later one stays, whichever the store takes first", async (t) => {
  const world = await openStageWorld(t);
  await world.openRun();
  const { runs } = world.platform;
  const later = gate();
  let writes = 0;
  const update: typeof runs.update = async (runId, decide) => {
    if (++writes === 2) await later.opened; // the first was the claim
    return runs.update(runId, decide);
  };
  const stage = toyStage(ReplicaLoaded, async (_event, { checkpoint }) => {
    const first = checkpoint.save({ step: 1 });
    await checkpoint.save({ step: 2 });
    later.open();
    await first;
    return done([]);
  });
  await world.deliver(stage, loaded, { platform: { ...world.platform, runs: { ...runs, update } } });
  assert.deepEqual((await world.run()).stages["toy"]?.checkpoint, { step: 2 });
});

test("a budget of milliseconds ends a long stage over many continuations, which spend no delivery attempts", async (t) => {
  const world = await openStageWorld(t, { settings: { budgetMs: 10 } });
  await world.openRun();
  const attempts: number[] = [];
  const stage = toyStage(ReplicaLoaded, async (_event, { checkpoint, signal }) => {
    let { step } = (checkpoint.value ?? { step: 0 }) as { step: number };
    while (step < 60) {
      if (signal.aborted) return waiting();
      await world.platform.clock.sleep(2);
      await checkpoint.save({ step: ++step });
    }
    return done([]);
  });
  world.bus.subscribe({
    ...{ name: "toy", topic: "replica-loaded" },
    handler: async (message) => {
      attempts.push(message.attempt);
      await world.deliver(stage, message);
    },
  });
  world.bus.start();
  await world.bus.publish(loaded);
  await world.drained();
  const state = (await world.run()).stages["toy"];
  assert.equal(state?.status, "done");
  assert.ok(attempts.length > 5, `${attempts.length} deliveries, more than a message may have`);
  assert.deepEqual(new Set(attempts), new Set([1]));
  assert.equal(state.continuations, attempts.length - 1);
});

test("the budget also ends a stage that only looks at its signal now and then", async (t) => {
  const world = await openStageWorld(t, { settings: { budgetMs: 20 } });
  await world.openRun();
  const stage = toyStage(ReplicaLoaded, async (_event, { signal }) => {
    const pressure: unknown[] = [];
    while (!signal.aborted) {
      pressure.push(Array.from({ length: 10_000 }, (_, index) => ({ index })));
      if (pressure.length > 200) pressure.length = 0; // garbage, so that the collector comes by
      await world.platform.clock.sleep(0);
    }
    return waiting();
  });
  assert.equal(await world.deliver(stage, loaded), "waiting");
});

test("the end of the process stops a stage as the budget does", async (t) => {
  const world = await openStageWorld(t);
  await world.openRun();
  const stopping = new AbortController();
  const stage = toyStage(ReplicaLoaded, async (_event, { signal }) => {
    stopping.abort();
    return signal.aborted ? waiting() : done([]);
  });
  assert.equal(await world.deliver(stage, loaded, { signal: stopping.signal }), "waiting");
});

test("a stage that ends when its run was abandoned meanwhile is lost", async (t) => {
  const world = await openStageWorld(t);
  await world.openRun();
  const stage = toyStage(ReplicaLoaded, async () => {
    await world.platform.runs.update(RUN_ID, (run) =>
      run ? { run: { ...run, status: "abandoning", reason: "asked to" }, result: 0 } : { result: 0 },
    );
    return done([masked]);
  });
  assert.equal(await world.deliver(stage, loaded), "lost");
  assert.deepEqual(world.published(), []);
});

test("a run that another epoch finished is not finished again", async (t) => {
  const world = await openStageWorld(t);
  await world.openRun();
  const stage = toyStage(ReplicaLoaded, async () => {
    await takeOver(world);
    const change = { now: world.platform.clock.now(), outputs: [], summary: { by: "successor" }, closes: true };
    await world.platform.runs.updateWithLock(PIPELINE, RUN_ID, (run) => finish(run, { id: "toy", epoch: 2 }, change));
    return done([masked], { by: "zombie" });
  });
  assert.equal(await world.deliver({ ...stage, closesRun: true }, loaded), "lost");
  const state = (await world.run()).stages["toy"];
  assert.deepEqual(state?.status === "done" && state.summary, { by: "successor" });
});
