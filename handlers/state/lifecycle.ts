// How a run opens, fails, is replayed and is abandoned: pure functions, applied atomically as those of claims.ts.
import type { ErrorSummary } from "../../contracts/errors.ts";
import type { Decision, RunDecision } from "../../contracts/platform.ts";
import { holdsLock, stageId, type Lock, type Run, type StageState } from "../../contracts/run.ts";
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
  const { now, ...asked } = request;
  const opened = { ...asked, openedAt: now.toISOString(), stages: {} };
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
  | { readonly kind: "failed"; readonly error: ErrorSummary; readonly epoch: number }
  /** The stage went on since: it is done, replayed, or failed already. */
  | { readonly kind: "outdated" }
  /** A claim is alive; ask again when its lease has ended. */
  | { readonly kind: "alive"; readonly remainingMs: number };

/** Fails a stage and its run. Keeps quiet where the stage has moved on since the letter was written. */
export function fail(run: Run | undefined, failure: Failure): RunDecision<FailOutcome> {
  const id = stageId(failure.stage, failure.key);
  const known = run?.stages[id];
  // Told twice, or told again after a crash: the same answer.
  if (known?.status === "failed" && (failure.epoch ?? known.epoch) === known.epoch)
    return { result: { kind: "failed", error: known.error, epoch: known.epoch } };
  if (run?.status !== "running" && run?.status !== "failed") return { result: { kind: "outdated" } };
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
    // Of two stages that fail, the first is why the run failed.
    run:
      failed.status === "failed"
        ? failed
        : { ...facts(failed), status: "failed", failedAt: endedAt, error, failedStage: id },
    result: { kind: "failed", error, epoch: state.epoch },
  };
}

/**
 * Reopens the failed stages of a run (or the one called `stage`) and gives their original events in `moved`.
 *
 * `stillWaiting` are events of other stages that may have no message left: those that an earlier replay reopened and
 * perhaps did not publish, and those whose messages were acknowledged while the run was failed. Publishing an event
 * once more does no harm.
 */
export function replay(
  run: Run,
  stage: string | undefined,
  now: Date,
): RunDecision<{ readonly moved: readonly Event[]; readonly stillWaiting: readonly Event[] }> {
  const all = Object.entries(run.stages);
  const failed = all.filter(
    ([id, state]) => state.status === "failed" && (stage === undefined || [id, state.stage].includes(stage)),
  );
  const waiting = all.filter(([, state]) => state.status === "waiting");
  if (failed.length === 0 || run.status !== "failed") {
    return { result: { moved: [], stillWaiting: eventsOf(waiting) } };
  }
  // Every claim was refused since the run failed: the ones that were at work begin anew, too.
  const interrupted = all.filter(([, state]) => state.status === "leased");
  const stages = { ...run.stages };
  for (const [id, state] of [...failed, ...interrupted]) {
    const { lastError: _mended, ...rest } = shared(state);
    stages[id] = { ...rest, status: "waiting", since: now.toISOString(), epoch: state.epoch + 1 };
  }
  const stillFailed = Object.values(stages).some((state) => state.status === "failed");
  return {
    run: stillFailed ? { ...run, stages } : { ...facts(run), stages, status: "running" },
    result: { moved: eventsOf(failed), stillWaiting: eventsOf([...waiting, ...interrupted]) },
  };
}

function eventsOf(stages: readonly [string, StageState][]): Event[] {
  return stages.map(([, state]) => state.event);
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
