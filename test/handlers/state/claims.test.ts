// Claims, leases and epochs.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Run } from "../../../contracts/run.ts";
import { claim, finish, release, renew } from "../../../handlers/state/claims.ts";
import { fail } from "../../../handlers/state/lifecycle.ts";
import { at, claimedRun, event, LEASE_MS, openedRun, request, RUN_ID, START } from "./facts.ts";

const held = { id: "mask", epoch: 1 };
const finishing = { now: START, outputs: [event], summary: { rows: 3 }, closes: false };

function changed(decision: { run?: Run }): Run {
  assert.ok(decision.run, "nothing was changed");
  return decision.run;
}

test("the first claim gets epoch 1, a lease and no checkpoint", () => {
  const { run, result } = claim(openedRun(), request());
  assert.deepEqual(result, { kind: "claimed", epoch: 1, checkpoint: undefined });
  const state = run?.stages["mask"];
  assert.equal(state?.status === "leased" && state.leaseUntil, at(LEASE_MS).toISOString());
});

test("a stage that is leased is not given to another, to the last millisecond; then it is, with the next epoch", () => {
  const run = claimedRun();
  const last = claim(run, request({ owner: "second", now: at(LEASE_MS - 1) }));
  assert.deepEqual(last, { result: { kind: "leased", remainingMs: 1 } });
  const { result } = claim(run, request({ owner: "second", now: at(LEASE_MS) }));
  assert.equal(result.kind === "claimed" && result.epoch, 2);
});

test("a stage by one key does not stand in the way of the same stage by another", () => {
  const { run, result } = claim(claimedRun({ key: "a" }), request({ key: "b" }));
  assert.equal(result.kind, "claimed");
  assert.deepEqual(Object.keys(run?.stages ?? {}), ["mask:a", "mask:b"]);
});

test("a renewal extends the lease and keeps what it says nothing of", () => {
  const first = changed(renew(claimedRun(), held, { now: at(10), leaseMs: LEASE_MS, checkpoint: { chunk: 4 } }));
  const progress = { unit: "rows", done: 5 } as const;
  const second = changed(renew(first, held, { now: at(20), leaseMs: LEASE_MS, progress }));
  const third = changed(renew(second, held, { now: at(30), leaseMs: LEASE_MS }));
  const state = third.stages["mask"];
  assert.deepEqual(state?.checkpoint, { chunk: 4 });
  assert.deepEqual(state?.progress, progress);
  assert.equal(state?.status === "leased" && state.leaseUntil, at(30 + LEASE_MS).toISOString());
});

test("a lease that ran out and that nobody took is still its holder's", () => {
  const { result } = renew(claimedRun(), held, { now: at(9 * LEASE_MS), leaseMs: LEASE_MS });
  assert.equal(result, true);
});

test("nothing that an older epoch writes is taken", () => {
  const run = changed(claim(claimedRun(), request({ owner: "second", now: at(LEASE_MS) })));
  const now = at(LEASE_MS);
  assert.deepEqual(renew(run, held, { now, leaseMs: LEASE_MS, checkpoint: {} }), { result: false });
  assert.deepEqual(release(run, held, { now }), { result: false });
  assert.deepEqual(release(run, held, { now, lastError: { code: "X", message: "" } }), { result: false });
  assert.deepEqual(finish(run, held, { ...finishing, now }), { result: false });
});

test("a release keeps the checkpoint for the next claim and counts continuations apart from failures", () => {
  const noted = changed(renew(claimedRun(), held, { now: START, leaseMs: LEASE_MS, checkpoint: { chunk: 4 } }));
  const waiting = changed(release(noted, held, { now: START }));
  const again = claim(waiting, request({ owner: "second" }));
  assert.deepEqual(again.result, { kind: "claimed", epoch: 2, checkpoint: { chunk: 4 } });
  const lastError = { code: "MYSQL_UNREACHABLE", message: "The replica server cannot be reached." };
  const failed = changed(release(changed(again), { id: "mask", epoch: 2 }, { now: START, lastError }));
  const { failures, continuations, lastError: kept } = failed.stages["mask"] ?? {};
  assert.deepEqual({ failures, continuations, kept }, { failures: 1, continuations: 1, kept: lastError });
  const third = changed(claim(failed, request()));
  const mended = changed(release(third, { id: "mask", epoch: 3 }, { now: START })).stages["mask"];
  assert.deepEqual([mended?.continuations, mended?.lastError], [2, undefined], "it went on to the end of its time");
});

test("finishing records outputs and summary, forgets an error that was mended, and answers later claims with the outputs", () => {
  const lastError = { code: "X", message: "once" };
  const waiting = changed(release(claimedRun(), held, { now: START, lastError }));
  const again = changed(claim(waiting, request()));
  const { run, lock, result } = finish(again, { id: "mask", epoch: 2 }, finishing);
  assert.equal(result, true);
  assert.equal(lock, undefined);
  assert.equal(run?.status, "running");
  const state = run?.stages["mask"];
  assert.deepEqual(state?.status === "done" && [state.outputs, state.summary], [[event], { rows: 3 }]);
  assert.equal(state?.lastError, undefined);
  assert.deepEqual(claim(run, request()), { result: { kind: "already-done", outputs: [event] } });
});

test("the last stage closes the run and frees the lock in the same write", () => {
  const { run, lock } = finish(claimedRun(), held, { ...finishing, now: at(5), closes: true });
  assert.equal(lock, "free");
  assert.equal(run?.status === "synced" && run.endedAt, at(5).toISOString());
});

test("an event before the stage that must be done first is not believed, and believed after it", () => {
  const early = claim(openedRun(), request({ stage: "preserve", requires: "mask" }));
  assert.deepEqual(early, { result: { kind: "premature", requires: "mask" } });
  const atWork = claim(claimedRun(), request({ stage: "preserve", requires: "mask" }));
  assert.equal(atWork.result.kind, "premature");
  const done = changed(finish(claimedRun(), held, finishing));
  assert.equal(claim(done, request({ stage: "preserve", requires: "mask" })).result.kind, "claimed");
});

test("an event that the stage before did not publish is not believed", () => {
  const done = changed(finish(claimedRun(), held, finishing));
  for (const made of [
    { ...event, data: { ...(event.data as object), rows: 1 } },
    { ...event, name: "preserved" },
    { ...event, version: 2 },
  ]) {
    const forged = claim(done, request({ stage: "preserve", requires: "mask", event: made }));
    assert.deepEqual(forged, { result: { kind: "premature", requires: "mask" } });
  }
});

test("a run that nobody knows, or that is closed, is not worked on", () => {
  assert.deepEqual(claim(undefined, request()), { result: { kind: "closed", status: "unknown" } });
  const synced = changed(finish(claimedRun(), held, { ...finishing, closes: true }));
  assert.deepEqual(claim(synced, request({ stage: "preserve" })), { result: { kind: "closed", status: "synced" } });
});

test("a failed run refuses its claims, and keeps an event that reaches it for its replay", () => {
  const failed = changed(
    fail(changed(claim(claimedRun(), request({ stage: "other" }))), {
      ...{ stage: "mask", key: "", event, epoch: 1, now: START, graceMs: 0 },
      error: { code: "X", message: "" },
    }),
  );
  assert.deepEqual(renew(failed, { id: "other", epoch: 1 }, { now: START, leaseMs: 1 }), { result: false });
  assert.deepEqual(claim(failed, request()), { result: { kind: "closed", status: "failed" } });
  assert.deepEqual(claim(failed, request({ stage: "other" })), { result: { kind: "closed", status: "failed" } });
  const { run, result } = claim(failed, request({ stage: "preserve" }));
  assert.deepEqual(result, { kind: "closed", status: "failed" });
  const kept = run?.stages["preserve"];
  assert.deepEqual([kept?.status, kept?.event.data], ["waiting", { runId: RUN_ID }]);
  const early = claim(failed, request({ stage: "preserve", requires: "mask" }));
  assert.deepEqual(early, { result: { kind: "premature", requires: "mask" } });
});
