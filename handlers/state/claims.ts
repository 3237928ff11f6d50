// The rules of claims, leases and epochs: pure functions from a run's state to the next one. A run store applies them
// atomically (contracts/platform.ts, RunStore.update), so that every world has the same rules.
import { isDeepStrictEqual } from "node:util";
import type { ErrorSummary } from "../../contracts/errors.ts";
import type { Decision, RunDecision } from "../../contracts/platform.ts";
import { stageId, type Progress, type Run, type StageState } from "../../contracts/run.ts";
import type { Event } from "../../events/define-event.ts";
import { after, facts, firstState, shared, withStage } from "./parts.ts";

export interface ClaimRequest {
  readonly stage: string;
  readonly key: string;
  readonly event: Event;
  readonly owner: string;
  readonly now: Date;
  readonly leaseMs: number;
  /** The state that must be done, with this very event among its outputs: one that comes too early, or that somebody
   * made up, is not believed. */
  readonly requires: string | undefined;
}

export type Claim =
  | { readonly kind: "claimed"; readonly epoch: number; readonly checkpoint: unknown }
  /** Its outputs may not have been published: publish them again. */
  | { readonly kind: "already-done"; readonly outputs: readonly Event[] }
  | { readonly kind: "leased"; readonly remainingMs: number }
  | { readonly kind: "premature"; readonly requires: string }
  | { readonly kind: "closed"; readonly status: Run["status"] | "unknown" };

/** What a claim is known by when it writes. */
export interface Held {
  readonly id: string;
  readonly epoch: number;
}

/** Claims a stage of a run: gives the lease to one caller at a time, with a new epoch. */
export function claim(run: Run | undefined, request: ClaimRequest): RunDecision<Claim> {
  if (!run) return { result: { kind: "closed", status: "unknown" } };
  const id = stageId(request.stage, request.key);
  const state = run.stages[id];
  if (state?.status === "done") return { result: { kind: "already-done", outputs: state.outputs } };
  const closed = { kind: "closed", status: run.status } as const;
  if ((run.status !== "running" && run.status !== "failed") || state?.status === "failed") return { result: closed };
  const { requires } = request;
  if (requires !== undefined && !hasSaid(run.stages[requires], request.event)) {
    return { result: { kind: "premature", requires } };
  }
  if (run.status === "failed") return state ? { result: closed } : { run: keep(run, id, request), result: closed };
  const remainingMs = state?.status === "leased" ? Date.parse(state.leaseUntil) - request.now.getTime() : 0;
  if (remainingMs > 0) return { result: { kind: "leased", remainingMs } };
  const claimed: StageState = {
    ...(state ? shared(state) : firstState(request)),
    status: "leased",
    epoch: (state?.epoch ?? 0) + 1,
    owner: request.owner,
    leaseUntil: after(request.now, request.leaseMs),
  };
  return {
    run: withStage(run, id, claimed),
    result: { kind: "claimed", epoch: claimed.epoch, checkpoint: claimed.checkpoint },
  };
}

/** Whether the stage is done and the event is what it published. */
function hasSaid(state: StageState | undefined, { name, version, data }: Event): boolean {
  return state?.status === "done" && state.outputs.some((output) => isDeepStrictEqual(output, { name, version, data }));
}

/** An event that reaches a failed run is acknowledged, so the run keeps it: its replay publishes it again. */
function keep(run: Run, id: string, request: ClaimRequest): Run {
  const since = request.now.toISOString();
  return withStage(run, id, { ...firstState(request), status: "waiting", epoch: 1, since });
}

/** Renews the lease and stores what else the claim knows. The result is false where the claim is no longer held. */
export function renew(
  run: Run | undefined,
  held: Held,
  change: { now: Date; leaseMs: number; progress?: Progress; checkpoint?: unknown },
): RunDecision<boolean> {
  const state = leasedState(run, held);
  if (!run || !state) return { result: false };
  const { progress = state.progress, checkpoint = state.checkpoint } = change;
  const renewed: StageState = {
    ...state,
    leaseUntil: after(change.now, change.leaseMs),
    ...(progress === undefined ? {} : { progress }),
    ...(checkpoint === undefined ? {} : { checkpoint }),
  };
  return { run: withStage(run, held.id, renewed), result: true };
}

/** Gives the lease up: `lastError` for a failure that is worth another try, none for a continuation. */
export function release(
  run: Run | undefined,
  held: Held,
  change: { now: Date; lastError?: ErrorSummary },
): RunDecision<boolean> {
  const state = leasedState(run, held);
  if (!run || !state) return { result: false };
  const { lastError } = change;
  // A claim that worked to the end of its time has mended what went wrong before.
  const { lastError: _mended, ...rest } = shared(state);
  const waiting: StageState = {
    ...rest,
    status: "waiting",
    since: change.now.toISOString(),
    failures: state.failures + (lastError ? 1 : 0),
    continuations: state.continuations + (lastError ? 0 : 1),
    ...(lastError ? { lastError } : {}),
  };
  return { run: withStage(run, held.id, waiting), result: true };
}

/** Records outputs and "done" together. With `closes`, the run ends as synced and frees the lock in the same write. */
export function finish(
  run: Run | undefined,
  held: Held,
  change: { now: Date; outputs: readonly Event[]; summary: Readonly<Record<string, unknown>>; closes: boolean },
): Decision<boolean> {
  const state = leasedState(run, held);
  if (!run || !state) return { result: false };
  const endedAt = change.now.toISOString();
  const { lastError: _mended, ...rest } = shared(state);
  const finished = withStage(run, held.id, {
    ...rest,
    status: "done",
    endedAt,
    outputs: [...change.outputs],
    summary: { ...change.summary },
  });
  if (!change.closes) return { run: finished, result: true };
  return { run: { ...facts(finished), status: "synced", endedAt }, lock: "free", result: true };
}

function leasedState(run: Run | undefined, held: Held): Extract<StageState, { status: "leased" }> | undefined {
  if (run?.status !== "running") return undefined;
  const state = run.stages[held.id];
  return state?.status === "leased" && state.epoch === held.epoch ? state : undefined;
}
