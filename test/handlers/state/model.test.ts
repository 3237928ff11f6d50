// Whatever several owners do in whatever order under a moving clock, the rules of claims and runs hold.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Decision } from "../../../contracts/platform.ts";
import { holdsLock, Lock, Run } from "../../../contracts/run.ts";
import { claim, finish, type Held, release, renew } from "../../../handlers/state/claims.ts";
import { fail, finishAbandoning, open, replay, startAbandoning } from "../../../handlers/state/lifecycle.ts";
import { at, event, LEASE_MS } from "./facts.ts";

const PIPELINE = "shop";
const RUNS = ["20261122-021500-000-aaaaaa", "20261123-021500-000-bbbbbb", "20261124-021500-000-cccccc"] as const;
const STAGES = ["first", "second", "last"] as const;
/** `second` needs `first`; `last` needs none and closes the run, as load-staging does beside export-replica. */
const REQUIRES: Record<string, string> = { second: "first" };

type Grant = Held & { readonly runId: string };

/** A run store and all the claims it ever gave, also those whose holders are dead. */
class World {
  now = 0;
  lock: Lock | undefined;
  readonly runs = new Map<string, Run>();
  readonly grants: Grant[] = [];

  /** Applies a decision as a run store does, after checking what the rules promise of every change. */
  apply<Result>(runId: string, decision: Decision<Result>): Result {
    const before = this.runs.get(runId);
    if (decision.run) {
      const after = Run.parse(decision.run);
      assert.deepEqual(after, JSON.parse(JSON.stringify(decision.run)), "state is what its JSON says");
      checkChange(before, after);
      this.runs.set(runId, after);
    }
    if (decision.lock === "free") this.lock = undefined;
    else if (decision.lock) this.lock = Lock.parse(decision.lock);
    this.checkLock();
    return decision.result;
  }

  checkLock(): void {
    const holders = [...this.runs.values()].filter(holdsLock).map(({ runId }) => runId);
    assert.deepEqual(holders, this.lock ? [this.lock.runId] : [], "one run holds the lock, and it is the lock's");
  }

  /** True when a later claim or a replay has replaced this one. */
  isOld({ runId, id, epoch }: Grant): boolean {
    return (this.runs.get(runId)?.stages[id]?.epoch ?? 0) !== epoch;
  }
}

function checkChange(before: Run | undefined, after: Run): void {
  if (!before) return;
  const closed = !holdsLock(before);
  if (closed) assert.deepEqual(after, before, "a closed run never changes");
  for (const [id, state] of Object.entries(before.stages)) {
    const next = after.stages[id];
    assert.ok(next, `stage ${id} is not forgotten`);
    assert.ok(next.epoch >= state.epoch, "an epoch never goes back");
    if (state.status === "done") assert.deepEqual(next, state, "done is never undone");
  }
}

/** One thing that somebody does; a counterexample prints its name. */
type Step = { readonly name: string; take(world: World): void };
function step<Choice>(name: string, choices: fc.Arbitrary<Choice>, take: (world: World, choice: Choice) => void) {
  return choices.map<Step>((choice) => ({
    name: `${name} ${JSON.stringify(choice)}`,
    take: (world) => take(world, choice),
  }));
}

const runIds = fc.constantFrom(...RUNS);
const stages = fc.constantFrom(...STAGES);
const picks = fc.nat(1000);
const error = { code: "BROKEN", message: "It broke." };

const requested = step("request", runIds, (world, runId) => {
  const holder = world.lock && world.runs.get(world.lock.runId);
  const decision = open(world.runs.get(runId), world.lock, holder, {
    ...{ runId, pipeline: PIPELINE, trigger: "request", now: at(world.now) },
  });
  const { kind } = world.apply(runId, decision);
  if (kind === "opened") assert.equal(world.lock?.runId, runId);
  if (kind === "refused") assert.equal(holder?.status, "running");
});

const claimed = step("claim", fc.tuple(runIds, stages), (world, [runId, stage]) => {
  const run = world.runs.get(runId);
  const before = run?.stages[stage];
  const now = at(world.now);
  const requires = REQUIRES[stage];
  const result = world.apply(
    runId,
    claim(run, { stage, key: "", event, owner: "any", now, leaseMs: LEASE_MS, requires }),
  );
  if (before?.status === "leased" && run?.status === "running" && Date.parse(before.leaseUntil) > now.getTime()) {
    assert.equal(result.kind, "leased", "a live lease is not given twice");
  }
  if (result.kind !== "claimed") return;
  assert.equal(run?.status, "running", "only a running run's stages are claimed");
  if (requires) assert.equal(run.stages[requires]?.status, "done");
  const earlier = world.grants.filter((grant) => grant.runId === runId && grant.id === stage);
  for (const grant of earlier) assert.ok(result.epoch > grant.epoch, "every claim has an epoch of its own");
  world.grants.push({ runId, id: stage, epoch: result.epoch });
});

/** A write by any claim that was ever given, dead or alive. */
function written(name: string, write: (run: Run | undefined, grant: Grant, world: World) => Decision<boolean>) {
  return step(name, picks, (world, pick) => {
    const grant = world.grants[pick % Math.max(1, world.grants.length)];
    if (!grant) return;
    const run = world.runs.get(grant.runId);
    const old = world.isOld(grant) || run?.status !== "running";
    const taken = world.apply(grant.runId, write(run, grant, world));
    if (old) assert.equal(taken, false, "an older epoch never writes");
  });
}

const renewed = written("renew", (run, grant, world) =>
  renew(run, grant, { now: at(world.now), leaseMs: LEASE_MS, checkpoint: { at: world.now } }),
);
const released = written("continue", (run, grant, world) => release(run, grant, { now: at(world.now) }));
const erred = written("retry", (run, grant, world) => release(run, grant, { now: at(world.now), lastError: error }));
const finished = written("finish", (run, grant, world) =>
  finish(run, grant, { now: at(world.now), outputs: [event], summary: {}, closes: grant.id === "last" }),
);

/** A dead letter by a claim that was given once, or (`grant` undefined) by the broker. */
const failed = step("fail", fc.tuple(runIds, stages, fc.option(picks)), (world, [runId, stage, pick]) => {
  const grant = pick === null ? undefined : world.grants[pick % Math.max(1, world.grants.length)];
  const told = grant ?? { runId, id: stage, epoch: undefined };
  const run = world.runs.get(told.runId);
  const { kind } = world.apply(
    told.runId,
    fail(run, {
      ...{ stage: told.id, key: "", event, epoch: told.epoch, error, now: at(world.now), graceMs: LEASE_MS },
    }),
  );
  if (grant && world.isOld(grant)) assert.equal(kind, "outdated", "an older epoch never fails a stage");
});

const replayed = step("replay", fc.tuple(runIds, fc.option(stages)), (world, [runId, stage]) => {
  const run = world.runs.get(runId);
  if (!run) return;
  world.apply(runId, replay(run, stage ?? undefined, at(world.now)));
  const again = replay(world.runs.get(runId) ?? run, stage ?? undefined, at(world.now));
  assert.equal(again.result.moved.length, 0, "a second replay moves nothing");
});

const abandoned = step("abandon", runIds, (world, runId) => {
  world.apply(runId, startAbandoning(world.runs.get(runId), "asked to"));
});
const wiped = step("wiped", runIds, (world, runId) => {
  world.apply(runId, finishAbandoning(world.runs.get(runId), world.lock, at(world.now)));
});
const passed = step("wait", fc.nat(LEASE_MS), (world, ms) => void (world.now += ms));

const anything = fc.oneof(
  { weight: 3, arbitrary: requested },
  { weight: 8, arbitrary: claimed },
  { weight: 4, arbitrary: renewed },
  { weight: 3, arbitrary: released },
  { weight: 3, arbitrary: erred },
  { weight: 3, arbitrary: finished },
  { weight: 2, arbitrary: failed },
  { weight: 3, arbitrary: replayed },
  { weight: 1, arbitrary: abandoned },
  { weight: 1, arbitrary: wiped },
  { weight: 4, arbitrary: passed },
);

test("random histories of several owners keep every rule", () => {
  const reached = new Set<string>();
  fc.assert(
    fc.property(fc.array(anything, { maxLength: 120, size: "max" }), (steps) => {
      const world = new World();
      for (const { take } of steps) take(world);
      for (const run of world.runs.values()) reached.add(run.status);
    }),
    { numRuns: 1000 },
  );
  assert.deepEqual(
    [...reached].toSorted(),
    ["abandoned", "abandoning", "failed", "refused", "running", "synced"],
    "the histories get into every status",
  );
});
