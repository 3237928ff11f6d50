// Run and stage state, as the run store keeps it: unions on `status`, so that impossible states do not parse.
import { z } from "zod";
import { RunId } from "../events/run-id.ts";

const Instant = z.iso.datetime();

const ErrorRecord = z.strictObject({ code: z.string(), message: z.string() });

/** An event as state keeps it: to publish it again. */
export const StoredEvent = z.strictObject({ name: z.string(), version: z.int(), data: z.unknown() });

/** How far a stage is: of which unit, how many of how many, and in which table. */
export const Progress = z.strictObject({
  unit: z.enum(["rows", "bytes", "tables", "steps"]),
  done: z.number().nonnegative(),
  total: z.number().nonnegative().optional(),
  /** What is at work now: a table's name, or "import". */
  doing: z.string().optional(),
});
export type Progress = z.infer<typeof Progress>;

const stageBase = {
  stage: z.string(),
  /** The event's business key: one stage may meet several events in one run. */
  key: z.string(),
  event: StoredEvent,
  /** Grows with every claim and replay; a write with an older one is refused. */
  epoch: z.int().positive(),
  /** Claims that ended in an error that was worth another try. */
  failures: z.int().nonnegative(),
  /** Claims that ran out of time and went on in another. */
  continuations: z.int().nonnegative(),
  startedAt: Instant,
  progress: Progress.optional(),
  /** The stage's own note of how far it is; small, and never a row's values. */
  checkpoint: z.unknown().optional(),
  /** What went wrong last and was worth another try. */
  lastError: ErrorRecord.optional(),
};

export const StageState = z.discriminatedUnion("status", [
  z.strictObject({ ...stageBase, status: z.literal("leased"), owner: z.string(), leaseUntil: Instant }),
  /** Between two deliveries: a continuation, a retry or a replay. */
  z.strictObject({ ...stageBase, status: z.literal("waiting"), since: Instant }),
  z.strictObject({
    ...stageBase,
    status: z.literal("done"),
    endedAt: Instant,
    outputs: z.array(StoredEvent),
    /** Counts for the report. */
    summary: z.record(z.string(), z.unknown()),
  }),
  z.strictObject({ ...stageBase, status: z.literal("failed"), endedAt: Instant, error: ErrorRecord }),
]);
export type StageState = z.infer<typeof StageState>;

const runBase = {
  runId: RunId,
  pipeline: z.string(),
  openedAt: Instant,
  /** What opened it: a request, or a dump that somebody put under inbox/. */
  trigger: z.enum(["request", "inbox"]),
  requestedBy: z.string().optional(),
  /** By `stage` or `stage:key`, see stageId. */
  stages: z.record(z.string(), StageState),
};

export const Run = z.discriminatedUnion("status", [
  z.strictObject({ ...runBase, status: z.literal("running") }),
  z.strictObject({
    ...runBase,
    status: z.literal("failed"),
    failedAt: Instant,
    error: ErrorRecord,
    failedStage: z.string(),
  }),
  z.strictObject({
    ...runBase,
    status: z.literal("synced"),
    endedAt: Instant,
    /** What an operator asked for since: staging has the data of before, or (`stands: false`) the run's again. */
    rolledBack: z
      .strictObject({ at: Instant, to: z.enum(["previous", "backup"]), request: z.string(), stands: z.boolean() })
      .optional(),
    /** The operation by which a rollback's backup is restored: stored before it is followed. */
    restoring: z.strictObject({ request: z.string(), operation: z.string() }).optional(),
  }),
  /** Being wiped; ends as abandoned, also when the wiping has to be taken up again. */
  z.strictObject({ ...runBase, status: z.literal("abandoning"), reason: z.string() }),
  z.strictObject({ ...runBase, status: z.literal("abandoned"), endedAt: Instant, reason: z.string() }),
  /** Asked for while another run was active: recorded, and nothing else. */
  z.strictObject({ ...runBase, status: z.literal("refused"), endedAt: Instant, reason: z.string() }),
]);
export type Run = z.infer<typeof Run>;
export type RunStatus = Run["status"];

/** The pipeline's lock: one run at a time. A failed run keeps it until it is replayed or abandoned. */
export const Lock = z.strictObject({ pipeline: z.string(), runId: RunId, since: Instant });
export type Lock = z.infer<typeof Lock>;

/** What the dead-letter stage keeps for the operator. */
export const DeadLetter = z.strictObject({
  /** `stage/key/epoch`: the same failure told twice is one letter. */
  id: z.string(),
  pipeline: z.string(),
  runId: RunId.optional(),
  stage: z.string(),
  messageId: z.string(),
  attempts: z.int().nonnegative(),
  error: ErrorRecord,
  failedAt: Instant,
});
export type DeadLetter = z.infer<typeof DeadLetter>;

/** Where a stage's state stands in `run.stages`. */
export function stageId(stage: string, key: string): string {
  return key === "" ? stage : `${stage}:${key}`;
}

/** True while a run holds its pipeline's lock. */
export function holdsLock(run: Run): boolean {
  return run.status === "running" || run.status === "failed" || run.status === "abandoning";
}
