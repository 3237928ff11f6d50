// What the tests of the transitions begin with.
import type { Run } from "../../../contracts/run.ts";
import type { Event } from "../../../events/define-event.ts";
import { claim, type ClaimRequest } from "../../../handlers/state/claims.ts";
import { open } from "../../../handlers/state/lifecycle.ts";

export const RUN_ID = "20261122-021500-000-4f9a2c";
export const START = new Date("2026-11-22T02:15:00.000Z");
export const LEASE_MS = 1000;

/** The instant `ms` after the start. */
export function at(ms: number): Date {
  return new Date(START.getTime() + ms);
}

export const event: Event = { name: "masked", version: 1, data: { runId: RUN_ID } };

/** A run that has just opened. */
export function openedRun(): Run {
  const { run } = open(undefined, undefined, undefined, {
    ...{ runId: RUN_ID, pipeline: "shop", trigger: "request", requestedBy: "operator", now: START },
  });
  if (!run) throw new Error("The run was not opened.");
  return run;
}

/** A claim of stage `mask` at the start; `change` says what is otherwise. */
export function request(change: Partial<ClaimRequest> = {}): ClaimRequest {
  return {
    ...{ stage: "mask", key: "", event, owner: "first", now: START, leaseMs: LEASE_MS, requires: undefined },
    ...change,
  };
}

/** The run in which that claim was given. */
export function claimedRun(change: Partial<ClaimRequest> = {}): Run {
  const { run } = claim(openedRun(), request(change));
  if (!run) throw new Error("The claim was not given.");
  return run;
}
