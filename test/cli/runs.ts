// Run documents as the run store would hold them, for tests of the report and of what follows a run.
import type { Run, StageState } from "../../contracts/run.ts";
import { stageId } from "../../contracts/run.ts";

export const RUN_ID = "20261122-021500-000-4f9a2c";
const OPENED = Date.parse("2026-11-22T02:15:00.000Z");

/** The instant `seconds` after the run was opened. */
export function at(seconds: number): string {
  return new Date(OPENED + seconds * 1000).toISOString();
}

type Told = Partial<Extract<StageState, { status: "done" }>> & { readonly stage: string; readonly from: number };

function base({ stage, from, key = "", failures = 0, continuations = 0 }: Told) {
  const event = { name: "event", version: 1, data: {} };
  return { stage, key, event, epoch: 1, failures, continuations, startedAt: at(from) };
}

/** A stage that ended well `to` seconds after the run's opening. */
export function doneStage(told: Told & { readonly to: number }): StageState {
  return { ...base(told), status: "done", endedAt: at(told.to), outputs: [], summary: told.summary ?? {} };
}

export function activeStage({ progress, lastError, ...told }: Told): StageState {
  const known = { ...(progress && { progress }), ...(lastError && { lastError }) };
  return { ...base(told), ...known, status: "leased", owner: "test", leaseUntil: at(told.from + 60) };
}

export function waitingStage({ lastError, ...told }: Told): StageState {
  return { ...base(told), ...(lastError && { lastError }), status: "waiting", since: at(told.from + 1) };
}

export function failedStage(told: Told & { readonly to: number }, code: string, message: string): StageState {
  return { ...base(told), status: "failed", endedAt: at(told.to), error: { code, message } };
}

/** A run's facts with its stages under their ids. */
export function facts(stages: readonly StageState[]) {
  return {
    runId: RUN_ID,
    pipeline: "shop",
    openedAt: at(0),
    trigger: "request" as const,
    requestedBy: "operator",
    stages: Object.fromEntries(stages.map((state) => [stageId(state.stage, state.key), state])),
  };
}

/** A run that has come to its end, with a retry and a continuation on the way. */
export function syncedRun(): Run {
  const mask = { tables: 9, columns: 31, rows: 52_000 };
  const load = { tables: 17, outageMs: 12, backup: "backup-1" };
  const stages = [
    doneStage({ stage: "export-production", key: RUN_ID, from: 0.1, to: 4 }),
    doneStage({ stage: "dump-finalized", key: "production.sql.gz#1", from: 3.5, to: 4.2 }),
    doneStage({ stage: "load-replica", key: "production", from: 4.2, to: 15, failures: 1 }),
    doneStage({ stage: "mask", from: 15, to: 27.5, continuations: 2, summary: mask }),
    doneStage({ stage: "preserve", from: 27.5, to: 29, summary: { tables: 7, rows: 1234, remapped: 40 } }),
    doneStage({ stage: "export-replica", from: 29, to: 33 }),
    doneStage({ stage: "dump-finalized", key: "masked-2.sql.gz#2", from: 32, to: 33 }),
    doneStage({ stage: "load-staging", key: "replica", from: 33, to: 41, summary: load }),
  ];
  return { ...facts(stages), status: "synced", endedAt: at(41.5) };
}
