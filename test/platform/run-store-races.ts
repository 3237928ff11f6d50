// The races that a run store decides, with the rules of handlers/state/ as every world applies them.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { RunStore } from "../../contracts/platform.ts";
import type { Run } from "../../contracts/run.ts";
import { type Claim, claim, finish, type Held, release, renew } from "../../handlers/state/claims.ts";
import { open as openRun } from "../../handlers/state/lifecycle.ts";
import { newRunId } from "../../events/run-id.ts";
import type { OpenRuns } from "./run-store-suite.ts";
import { aRun } from "./world.ts";

const CONCURRENT = 50;
const LEASE_MS = 60_000;
const MASK: Held = { id: "mask", epoch: 1 };

export function describeRaces(world: string, open: OpenRuns): void {
  test(`${world}: of ${CONCURRENT} who claim a stage at once one holds it`, async (t) => {
    const { runs, run } = await withRun(open, t);
    await claimAtOnce(runs, run, new Date(), 1);
  });

  test(`${world}: a lease that has ended lets one other claim through`, async (t) => {
    const { runs, run } = await withRun(open, t);
    const start = Date.now();
    const first = await claimMask(runs, run, "first", new Date(start));
    assert.equal(first.kind, "claimed");
    const before = await claimMask(runs, run, "second", new Date(start + LEASE_MS - 1));
    assert.deepEqual(before, { kind: "leased", remainingMs: 1 });
    await claimAtOnce(runs, run, new Date(start + LEASE_MS), 2);
  });

  test(`${world}: whatever a stale epoch writes is refused`, async (t) => {
    const { runs, run } = await withRun(open, t);
    const [now, later] = [new Date(), new Date(Date.now() + LEASE_MS)];
    await claimMask(runs, run, "first", now);
    await claimMask(runs, run, "second", later);
    const current = await runs.get(run.runId);
    const finished = { now: later, outputs: [], summary: {}, closes: true };
    const { runId, pipeline } = run;
    assert.deepEqual(
      await Promise.all([
        runs.update(runId, (stored) => renew(stored, MASK, { now: later, leaseMs: LEASE_MS, checkpoint: 1 })),
        runs.update(runId, (stored) => release(stored, MASK, { now: later })),
        runs.updateWithLock(pipeline, runId, (stored) => finish(stored, MASK, finished)),
      ]),
      [false, false, false],
    );
    assert.deepEqual(await runs.get(runId), current);
    const held = { ...MASK, epoch: 2 };
    assert.equal(await runs.updateWithLock(pipeline, runId, (stored) => finish(stored, held, finished)), true);
  });

  test(`${world}: of heartbeats and ${CONCURRENT} claims at once, the lease outlives them all`, async (t) => {
    const { runs, run } = await withRun(open, t);
    const now = new Date();
    await claimMask(runs, run, "holder", now);
    const beat = (done: number) =>
      runs.update(run.runId, (stored) =>
        renew(stored, MASK, { now, leaseMs: LEASE_MS, progress: { unit: "rows", done } }),
      );
    const [beats, claims] = await Promise.all([
      Promise.all([1, 2, 3, 4, 5].map((done) => beat(done))),
      Promise.all(Array.from({ length: CONCURRENT }, (_, index) => claimMask(runs, run, `rival ${index}`, now))),
    ]);
    assert.deepEqual(new Set(beats), new Set([true]));
    assert.deepEqual(new Set(claims.map(({ kind }) => kind)), new Set(["leased"]));
  });

  test(`${world}: a lock that its run left behind is taken over once`, async (t) => {
    const { runs, run: ended } = await withRun(open, t);
    const { pipeline } = ended;
    const since = ended.openedAt;
    await runs.updateWithLock(pipeline, ended.runId, () => ({
      run: { ...ended, status: "synced", endedAt: since },
      lock: { pipeline, runId: ended.runId, since },
      result: undefined,
    }));
    const rivals = Array.from({ length: 20 }, () => newRunId(new Date()));
    const taken = await Promise.all(
      rivals.map((runId) =>
        runs.updateWithLock(pipeline, runId, (run, lock) => {
          const holder = lock?.runId === ended.runId ? { ...ended, status: "synced" as const, endedAt: since } : aRun();
          return openRun(run, lock, holder, { runId, pipeline, trigger: "request", requestedBy: "", now: new Date() });
        }),
      ),
    );
    assert.deepEqual(taken.map(({ kind }) => kind).toSorted(), ["opened", ...rivals.slice(1).map(() => "refused")]);
    const winner = rivals[taken.findIndex(({ kind }) => kind === "opened")];
    assert.equal((await runs.getLock(pipeline))?.runId, winner);
    const kept = await runs.list(pipeline, 100);
    assert.deepEqual(
      kept.filter(({ status }) => status === "running").map(({ runId }) => runId),
      [winner],
    );
    assert.equal(kept.filter(({ status }) => status === "refused").length, rivals.length - 1);
  });
}

/** A store with a run that has just opened. */
async function withRun(open: OpenRuns, t: Parameters<OpenRuns>[0]): Promise<{ runs: RunStore; run: Run }> {
  const { runs } = (await open(t)).platform;
  const run = aRun();
  await runs.update(run.runId, () => ({ run, result: undefined }));
  return { runs, run };
}

/** Claims by many at once: one is given `epoch`, the others hear that it is leased, and the run knows the winner. */
async function claimAtOnce(runs: RunStore, run: Run, now: Date, epoch: number): Promise<void> {
  const claims = await Promise.all(
    Array.from({ length: CONCURRENT }, (_, index) => claimMask(runs, run, `owner ${index}`, now)),
  );
  const won = claims.flatMap((one, index) => (one.kind === "claimed" ? [{ epoch: one.epoch, index }] : []));
  assert.equal(won.length, 1);
  assert.equal(won[0]?.epoch, epoch);
  assert.equal(claims.filter(({ kind }) => kind === "leased").length, CONCURRENT - 1);
  const state = (await runs.get(run.runId))?.stages["mask"];
  assert.equal(state?.status === "leased" && state.owner, `owner ${won[0]?.index}`);
  assert.equal(state?.epoch, epoch);
}

function claimMask(runs: RunStore, { runId }: Run, owner: string, now: Date): Promise<Claim> {
  const event = { name: "replica-loaded", version: 1, data: { runId } };
  return runs.update(runId, (run) =>
    claim(run, { stage: "mask", key: "", event, owner, now, leaseMs: LEASE_MS, requires: undefined }),
  );
}
