// A run's report: what `understudy show RUN --json` prints and a report file holds. Names and counts, never a row's values.
import { z } from "zod";
import { RunId } from "../events/run-id.ts";
import type { Run, RunStatus, StageState } from "./run.ts";

const Count = z.number().nonnegative();

/** What the proof of masking looked at, and what it found and let pass. */
const ProofCounts = z.object({
  /** Different original values that are gone from their own columns. */
  originals: Count,
  /** Rows of columns with values by chance that hold what their transform gives. */
  compared: Count,
  /** Text and JSON that stays visible: columns, and the values in them, which were all read. */
  visibleColumns: Count,
  visibleValues: Count,
  /** Originals that were looked for in visible text, */
  quotable: Count,
  /** where that many tables gave those of a sample of their rows. */
  sampledTables: Count,
  /** Row counts, orphans of foreign keys and generated columns that are as they were. */
  facts: Count,
  /** What visible columns hold and the contract allows; `of`: the masked column whose originals they quote. */
  allowed: z.array(
    z.object({ table: z.string(), column: z.string(), pattern: z.string(), count: Count, of: z.string().optional() }),
  ),
});
export type ProofReport = z.infer<typeof ProofCounts>;

const MaskedCounts = z.strictObject({
  ...{ tables: Count, columns: Count, rows: Count },
  /** Rows that the contract leaves behind, where there were any. */
  deleted: Count.optional(),
  /** Absent in runs of older versions. */
  proof: ProofCounts.optional(),
});
const PreservedCounts = z.strictObject({
  ...{ tables: Count, rows: Count, remapped: Count },
  /** Rows that production has too, where there were any: its row stayed, got staging's values, or stands beside a renamed one. */
  ...{ kept: Count.optional(), overwritten: Count.optional(), renamed: Count.optional() },
  /** What of staging's was not carried, and why, in sentences; where there was anything. */
  notes: z.array(z.string()).optional(),
});
const StagingLoad = z.strictObject({
  /** The longest that a reader of staging was held while the databases were swapped, in milliseconds. */
  outageMs: Count,
  /** What to restore staging from, should the new data be unwanted. */
  backup: z.string(),
  /** Tables that only staging had, where there were any: they wait with the previous data until the next run. */
  setAside: z.array(z.string()).optional(),
});

const Warnings = z.strictObject({ warnings: z.array(z.string()).optional() });

const STATUSES = ["running", "failed", "synced", "abandoning", "abandoned", "refused"] as const satisfies RunStatus[];

export const RunReport = z.strictObject({
  run: RunId,
  status: z.enum(STATUSES),
  /** From opening to the end, or to now. */
  seconds: z.number().nonnegative(),
  stages: z.array(
    z.strictObject({
      name: z.string(),
      status: z.enum(["leased", "waiting", "done", "failed"]),
      seconds: z.number().nonnegative(),
      /** Claims: the first, one after each error that was worth another try, and one for each continuation. */
      attempts: z.int().positive(),
    }),
  ),
  /** Null until that stage is done. */
  masked: MaskedCounts.nullable(),
  preserved: PreservedCounts.nullable(),
  staging: StagingLoad.nullable(),
  /** What the run could not prevent and an administrator should. */
  warnings: z.array(z.string()).optional(),
  /** Why a run that is failed, refused or abandoned is. */
  error: z.strictObject({ code: z.string(), message: z.string() }).optional(),
});
export type RunReport = z.infer<typeof RunReport>;

/**
 * The report of a run, finished or not.
 *
 * @param now for what has not ended yet
 */
export function reportOf(run: Run, now: Date): RunReport {
  const stages = Object.values(run.stages).toSorted((a, b) => a.startedAt.localeCompare(b.startedAt));
  const error = errorOf(run);
  return {
    run: run.runId,
    status: run.status,
    seconds: secondsBetween(run.openedAt, endOf(run) ?? now.toISOString()),
    stages: stages.map((state) => ({
      name: stageLabel(state),
      status: state.status,
      seconds: secondsBetween(state.startedAt, "endedAt" in state ? state.endedAt : (endOf(run) ?? now.toISOString())),
      attempts: state.failures + state.continuations + 1,
    })),
    masked: summaryOf(stages, "mask", MaskedCounts),
    preserved: summaryOf(stages, "preserve", PreservedCounts),
    staging: summaryOf(stages, "load-staging", StagingLoad),
    ...summaryOf(stages, "export-production", Warnings),
    ...(error && { error }),
  };
}

/**
 * What a stage's state is called: the stage's name, and for a stage that a run meets twice also which dump it was about:
 * `dump-finalized:production`, `dump-finalized:masked`.
 */
export function stageLabel({ stage, key }: Pick<StageState, "stage" | "key">): string {
  return stage === "dump-finalized"
    ? `${stage}:${key.replace(/#\d+$/, "").replace(/(-\d+)?\.sql(\.gz)?$/, "")}`
    : stage;
}

/** When the run came to a stop: a failed one has, though a replay may take it up again. */
export function endOf(run: Run): string | undefined {
  if (run.status === "failed") return run.failedAt;
  return "endedAt" in run ? run.endedAt : undefined;
}

function errorOf(run: Run): { code: string; message: string } | null {
  if (run.status === "failed") return run.error;
  if (!("reason" in run)) return null;
  return { code: run.status === "refused" ? "RUN_REFUSED" : "RUN_ABANDONED", message: run.reason };
}

/** The counts that a stage left when it was done. Others that it left are not the report's. */
function summaryOf<Shape extends z.ZodRawShape>(
  stages: readonly StageState[],
  name: string,
  counts: z.ZodObject<Shape>,
): z.infer<z.ZodObject<Shape>> | null {
  const state = stages.find(({ stage, status }) => stage === name && status === "done");
  if (state?.status !== "done") return null;
  return z.object(counts.shape).safeParse(state.summary).data ?? null;
}

function secondsBetween(from: string, to: string): number {
  return Math.max(0, Date.parse(to) - Date.parse(from)) / 1000;
}
