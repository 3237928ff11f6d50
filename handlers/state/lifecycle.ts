// How a run opens, fails, is replayed and is abandoned: pure functions, applied atomically as those of claims.ts.
import type { ErrorSummary } from "../../contracts/errors.ts";
import type { Decision, RunDecision } from "../../contracts/platform.ts";
import { holdsLock, stageId, type Lock, type Run } from "../../contracts/run.ts";
import type { Event } from "../../events/define-event.ts";
import { facts, firstState, shared, withStage } from "./parts.ts";

/** What came of asking for a new run. */
export type Opening =
  | { readonly kind: "opened" }
  /** The run is there already: a redelivery. */
  | { readonly kind: "known" }
  | { readonly kind: "refused"; readonly holder: string }
  /** A run that failed holds the lock: it has to be abandoned first. */
  | { readonly kind: "held"; readonly holder: string };

/** Opens a run and takes the pipeline's lock, or records that it was refused. */
export function open(
  run: Run | undefined,
  lock: Lock | undefined,
  holder: Run | undefined,
  request: Pick<Run, "runId" | "pipeline" | "trigger" | "requestedBy"> & { now: Date },
): Decision<Opening> {
  if (run) return { result: { kind: "known" } };
  const { now, ...facts } = request;
  const opened = { ...facts, openedAt: now.toISOString(), stages: {} };
  if (lock && lock.runId !== request.runId && holder && holdsLock(holder)) {
    if (holder.status !== "running") return { result: { kind: "held", holder: lock.runId } };
    const reason = `Run \`${lock.runId}\` is active; one run at a time. Wait for it, or abandon it.`;
    return {
      run: { ...opened, status: "refused", endedAt: now.toISOString(), reason },
      result: { kind: "refused", holder: lock.runId },
    };
  }
  return {
    run: { ...opened, status: "running" },
    lock: { pipeline: request.pipeline, runId: request.runId, since: now.toISOString() },
    result: { kind: "opened" },
  };
}

/** What a dead letter says of a stage. */
export interface Failure {
  readonly stage: string;
  readonly key: string;
  readonly event: Event;
  /** The claim that failed; undefined when the broker gave up, which does not know of claims. */
  readonly epoch: number | undefined;
  readonly error: ErrorSummary;
  readonly now: Date;
  /** How long a stage without a claim may wait for its own redelivery before it counts as lost, in milliseconds. */
  readonly graceMs: number;
}

export type FailOutcome =
  | { readonly kind: "failed"; readonly error: ErrorSummary }
  /** The stage went on since: it is done, replayed, or failed already. */
  | { readonly kind: "outdated" }
  /** A claim is alive; ask again when its lease has ended. */
  | { readonly kind: "alive"; readonly remainingMs: number };

/** Fails a stage and its run. Keeps quiet where the stage has moved on since the letter was written. */
export function fail(run: Run | undefined, failure: Failure): RunDecision<FailOutcome> {
  const id = stageId(failure.stage, failure.key);
  const known = run?.stages[id];
  // Told twice, or told again after a crash: the same answer.
  if (known?.status === "failed" && known.epoch === failure.epoch)
    return { result: { kind: "failed", error: known.error } };
  if (run?.status !== "running") return { result: { kind: "outdated" } };
  const state = run.stages[id] ?? {
    ...firstState(failure),
    epoch: 1,
    status: "waiting" as const,
    since: new Date(0).toISOString(),
  };
  if (state.status === "done" || state.status === "failed") return { result: { kind: "outdated" } };
  if (failure.epoch !== undefined && failure.epoch !== state.epoch) return { result: { kind: "outdated" } };
  if (failure.epoch === undefined) {
    const aliveUntil =
      state.status === "leased" ? Date.parse(state.leaseUntil) : Date.parse(state.since) + failure.graceMs;
    // A stage that told its error and used up its deliveries is at its end, however short ago that was.
    const gaveUp = state.status === "waiting" && state.lastError !== undefined;
    const remainingMs = aliveUntil - failure.now.getTime();
    if (remainingMs > 0 && !gaveUp) return { result: { kind: "alive", remainingMs } };
  }
  const error = failure.epoch === undefined ? (state.lastError ?? failure.error) : failure.error;
  const endedAt = failure.now.toISOString();
  const failed = withStage(run, id, { ...shared(state), status: "failed", endedAt, error });
  return {
    run: { ...facts(failed), status: "failed", failedAt: endedAt, error, failedStage: id },
    result: { kind: "failed", error },
  };
}

/** Reopens the failed stages of a run (or the one called `stage`) and gives their original events. */
export function replay(
  run: Run,
  stage: string | undefined,
  now: Date,
): RunDecision<{ readonly moved: readonly Event[]; readonly stillWaiting: readonly Event[] }> {
  const chosen = Object.entries(run.stages).filter(
    ([id, state]) => stage === undefined || [id, state.stage].includes(stage),
  );
  const failed = chosen.filter(([, state]) => state.status === "failed");
  // Published by an earlier replay or not, nobody knows; publishing once more does no harm.
  const stillWaiting = chosen.filter(([, state]) => state.status === "waiting").map(([, state]) => state.event);
  if (failed.length === 0 || run.status !== "failed") return { result: { moved: [], stillWaiting } };
  const stages = { ...run.stages };
  for (const [id, state] of failed) {
    const { lastError: _mended, ...rest } = shared(state);
    stages[id] = { ...rest, status: "waiting", since: now.toISOString(), epoch: state.epoch + 1 };
  }
  const stillFailed = Object.values(stages).some((state) => state.status === "failed");
  return {
    run: stillFailed ? { ...run, stages } : { ...facts(run), stages, status: "running" },
    result: { moved: failed.map(([, state]) => state.event), stillWaiting: [] },
  };
}

/** Closes a run to every claim, so that it can be wiped. */
export function startAbandoning(run: Run | undefined, reason: string): RunDecision<boolean> {
  if (!run || !holdsLock(run)) return { result: false };
  return run.status === "abandoning"
    ? { result: true }
    : { run: { ...facts(run), status: "abandoning", reason }, result: true };
}

/** Ends an abandoned run and frees its lock. */
export function finishAbandoning(run: Run | undefined, lock: Lock | undefined, now: Date): Decision<boolean> {
  if (run?.status !== "abandoning") return { result: false };
  return {
    run: { ...run, status: "abandoned", endedAt: now.toISOString() },
    ...(lock?.runId === run.runId ? { lock: "free" as const } : {}),
    result: true,
  };
}
