// How a run opens, fails, is replayed and is abandoned.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Run } from "../../../contracts/run.ts";
import { claim, finish, release } from "../../../handlers/state/claims.ts";
import {
  fail,
  type Failure,
  finishAbandoning,
  open,
  replay,
  startAbandoning,
} from "../../../handlers/state/lifecycle.ts";
import { at, claimedRun, event, LEASE_MS, openedRun, request, RUN_ID, START } from "./facts.ts";

const OTHER_ID = "20261123-021500-000-aaaaaa";
const lock = { pipeline: "shop", runId: RUN_ID, since: START.toISOString() };
const asked = { runId: OTHER_ID, pipeline: "shop", trigger: "request", now: at(5) } as const;
const error = { code: "UNLISTED_COLUMN", message: "No transform for `users.phone`." };
const failure: Failure = { stage: "mask", key: "", event, epoch: 1, error, now: at(7), graceMs: LEASE_MS };
/** As the broker tells it, which knows of no epoch. */
const forwarded: Failure = { ...failure, epoch: undefined };

function changed(decision: { run?: Run }): Run {
  assert.ok(decision.run, "nothing was changed");
  return decision.run;
}
const failedRun = () => changed(fail(claimedRun(), failure));

test("a run opens with the lock; asked for again, it is known", () => {
  const { run, lock: taken, result } = open(undefined, undefined, undefined, asked);
  assert.equal(result.kind, "opened");
  assert.equal(run?.status, "running");
  assert.deepEqual(taken, { pipeline: "shop", runId: OTHER_ID, since: at(5).toISOString() });
  assert.deepEqual(open(run, taken, run, asked), { result: { kind: "known" } });
});

test("while a run is active another is refused and recorded, and the lock is left alone", () => {
  const { run, lock: taken, result } = open(undefined, lock, openedRun(), asked);
  assert.deepEqual(result, { kind: "refused", holder: RUN_ID });
  assert.equal(taken, undefined);
  assert.match(run?.status === "refused" ? run.reason : "", new RegExp(`\`${RUN_ID}\` is active`));
});

test("a run that failed, or is being abandoned, is in the way until it is abandoned", () => {
  const abandoning = changed(startAbandoning(failedRun(), "asked to"));
  for (const holder of [failedRun(), abandoning]) {
    assert.deepEqual(open(undefined, lock, holder, asked), { result: { kind: "held", holder: RUN_ID } });
  }
});

test("a lock whose run is over or gone is taken", () => {
  const over = changed(finishAbandoning(changed(startAbandoning(failedRun(), "")), lock, START));
  for (const holder of [over, undefined]) assert.equal(open(undefined, lock, holder, asked).result.kind, "opened");
});

test("a dead letter of the claim that is held fails the stage and the run, and is the same told twice", () => {
  const { run, result } = fail(claimedRun(), failure);
  assert.deepEqual(result, { kind: "failed", error, epoch: 1 });
  assert.equal(run?.status === "failed" && run.failedStage, "mask");
  assert.equal(run?.stages["mask"]?.status, "failed");
  assert.deepEqual(fail(run, failure), { result });
  assert.deepEqual(fail(run, { ...forwarded, error: { code: "DELIVERIES_EXHAUSTED", message: "" } }), { result });
});

test("a dead letter of an older claim changes nothing", () => {
  const taken = changed(claim(claimedRun(), request({ now: at(LEASE_MS) })));
  assert.deepEqual(fail(taken, failure), { result: { kind: "outdated" } });
  const replayed = changed(replay(failedRun(), undefined, START));
  assert.deepEqual(fail(replayed, failure), { result: { kind: "outdated" } });
});

test("a dead letter of a stage that is done, or of a run that is over, changes nothing", () => {
  const done = changed(
    finish(claimedRun(), { id: "mask", epoch: 1 }, { now: START, outputs: [], summary: {}, closes: false }),
  );
  assert.deepEqual(fail(done, forwarded), { result: { kind: "outdated" } });
  assert.deepEqual(fail(done, failure), { result: { kind: "outdated" } });
  const abandoning = changed(startAbandoning(claimedRun(), ""));
  assert.deepEqual(fail(abandoning, failure), { result: { kind: "outdated" } });
  assert.deepEqual(fail(undefined, failure), { result: { kind: "outdated" } });
});

test("what the broker gave up on is failed only when no claim is alive", () => {
  assert.deepEqual(fail(claimedRun(), { ...forwarded, now: at(400) }).result, { kind: "alive", remainingMs: 600 });
  assert.equal(fail(claimedRun(), { ...forwarded, now: at(LEASE_MS) }).result.kind, "failed");
  const waiting = changed(release(claimedRun(), { id: "mask", epoch: 1 }, { now: START }));
  assert.deepEqual(fail(waiting, { ...forwarded, now: at(400) }).result, { kind: "alive", remainingMs: 600 });
  assert.equal(fail(waiting, { ...forwarded, now: at(LEASE_MS) }).result.kind, "failed");
});

test("what the broker gave up on after errors is failed at once, with the stage's own last error", () => {
  const lastError = { code: "MYSQL_UNREACHABLE", message: "The replica server cannot be reached." };
  const waiting = changed(release(claimedRun(), { id: "mask", epoch: 1 }, { now: START, lastError }));
  const { run, result } = fail(waiting, { ...forwarded, now: START });
  assert.deepEqual(result, { kind: "failed", error: lastError, epoch: 1 });
  assert.deepEqual(run?.status === "failed" && run.error, lastError);
});

test("what was never claimed is failed with the event that a replay needs", () => {
  const run = changed(fail(openedRun(), forwarded));
  assert.deepEqual(run.stages["mask"]?.event, event);
  assert.deepEqual(replay(run, undefined, START).result.moved, [event]);
});

test("of two stages that fail, the first is why the run failed, and a replay moves both", () => {
  const both = changed(claim(claimedRun(), request({ stage: "other" })));
  const first = changed(fail(both, failure));
  const second = changed(fail(first, { ...failure, stage: "other", error: { code: "Y", message: "" } }));
  assert.deepEqual(second.status === "failed" && [second.failedStage, second.error], ["mask", error]);
  assert.equal(second.stages["other"]?.status, "failed");
  const { run, result } = replay(second, undefined, START);
  assert.equal(result.moved.length, 2);
  assert.equal(run?.status, "running");
});

test("a replay reopens the failed stage with a new epoch, and the second moves none", () => {
  const { run, result } = replay(failedRun(), undefined, START);
  assert.deepEqual(result, { moved: [event], stillWaiting: [] });
  const state = run?.stages["mask"];
  assert.deepEqual([run?.status, state?.status, state?.epoch], ["running", "waiting", 2]);
  assert.ok(run);
  assert.deepEqual(replay(run, undefined, START), { result: { moved: [], stillWaiting: [event] } });
});

test("a replay brings back the stages beside the failed one, whose messages are gone", () => {
  const waiting = changed(claim(claimedRun(), request({ stage: "waits" })));
  const three = changed(
    claim(changed(release(waiting, { id: "waits", epoch: 1 }, { now: START })), request({ stage: "works" })),
  );
  const failed = changed(fail(three, failure));
  const arrived = changed(claim(failed, request({ stage: "arrives" })));
  const { run, result } = replay(arrived, "mask", START);
  assert.equal(result.moved.length, 1);
  assert.equal(result.stillWaiting.length, 3);
  assert.deepEqual(
    Object.values(run?.stages ?? {}).map(({ stage, status, epoch }) => [stage, status, epoch]),
    [
      ["mask", "waiting", 2],
      ["waits", "waiting", 1],
      ["works", "waiting", 2],
      ["arrives", "waiting", 1],
    ],
  );
});

test("a replay of one stage leaves the run failed while another is", () => {
  const both = changed(
    fail(changed(fail(changed(claim(claimedRun(), request({ stage: "other" }))), failure)), {
      ...failure,
      stage: "other",
    }),
  );
  const { run, result } = replay(both, "other", START);
  assert.equal(result.moved.length, 1);
  assert.equal(run?.status, "failed");
  assert.deepEqual(replay(both, "preserve", START).result, { moved: [], stillWaiting: [] });
});

test("abandoning closes the run to claims, then frees its lock; the second time there is nothing to do", () => {
  const abandoning = changed(startAbandoning(claimedRun(), "asked to"));
  assert.deepEqual(startAbandoning(abandoning, "again"), { result: true });
  assert.equal(claim(abandoning, request()).result.kind, "closed");
  const { run, lock: freed } = finishAbandoning(abandoning, lock, at(9));
  assert.equal(freed, "free");
  assert.equal(run?.status === "abandoned" && run.reason, "asked to");
  assert.deepEqual(finishAbandoning(run, lock, START), { result: false });
  assert.deepEqual(startAbandoning(run, ""), { result: false });
  assert.deepEqual(startAbandoning(undefined, ""), { result: false });
});

test("an abandoned run does not free a lock that another run holds", () => {
  const abandoning = changed(startAbandoning(openedRun(), ""));
  assert.equal(finishAbandoning(abandoning, { ...lock, runId: OTHER_ID }, START).lock, undefined);
});
