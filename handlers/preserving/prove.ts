// The proof on the copy: preserved rows and their references are as planned, and production's rows as they were.
import { isFatal } from "../../contracts/errors.ts";
import type { WriteSession } from "../../contracts/platform.ts";
import { telling } from "./errors.ts";
import { keepSessions } from "./kept-sessions.ts";
import type { Merging } from "./merging.ts";
import type { PlannedTable, PreservePlan } from "./preserve-plan.ts";
import { fail } from "./proof/fail.ts";
import { provePreservedRows } from "./proof/preserved-rows.ts";
import { proveProduction, sumOfPreserved } from "./proof/production.ts";
import { proveDefaulted, proveReference } from "./proof/references.ts";
import { proveScannedKeys } from "./proof/scanned-keys.ts";
import { runRound } from "./run-round.ts";
import { sideBySide } from "./side-by-side.ts";
import { roundsOf, type Step } from "./steps.ts";
import { summarize, type TableSummary } from "./summary.ts";
import { DEFAULT_WORK_DATABASE, fingerprint, readProgress, readState, workspaceOf } from "./workspace.ts";

export interface ProveOptions {
  readonly plan: PreservePlan;
  readonly open: () => Promise<WriteSession>;
  readonly database: string;
  /** Looked at between tables and references; a call proves one at least. */
  readonly signal: AbortSignal;
  readonly onProgress?: (steps: { readonly done: number; readonly total: number }) => void;
  readonly workDatabase?: string;
}

export interface PreserveSummary {
  /** Tables that got at least one row. */
  readonly tables: number;
  readonly rows: number;
  /** Rows that have another id than in staging. */
  readonly remapped: number;
  readonly perTable: readonly TableSummary[];
}

/**
 * Proves what `preserveRows` finished, as far as time allows, and sums it up in the end. Call it again with the same plan
 * until it does; what is proven is noted beside the steps of the work. A proof that failed begins afresh.
 *
 * @throws FatalError `PRESERVE_PROOF_FAILED` when a row or a reference is not as planned, or the work is not finished;
 *   RetryAfter `PRESERVE_INTERRUPTED`
 */
export async function provePreserved(options: ProveOptions): Promise<PreserveSummary | "out-of-time"> {
  const { plan, database, workDatabase = DEFAULT_WORK_DATABASE } = options;
  return telling("proving the preserved rows", async () => {
    await using sessions = keepSessions(options.open);
    const { open } = sessions;
    const context = { plan, session: await open(), workspace: workspaceOf(plan, workDatabase), database, open };
    await proveFinished(context);
    if (!(await proveSteps(context, options))) return "out-of-time";
    return summaryOf(
      await sideBySide(
        open,
        plan.tables.map((table) => (on) => summarize({ ...context, session: on }, table)),
      ),
    );
  });
}

async function proveFinished({ plan, session, workspace }: Merging): Promise<void> {
  const state = await readState(session, workspace);
  const finished = state?.plan === fingerprint(plan) && state.round === roundsOf(plan).length;
  if (!finished) fail("they were not all carried over by this plan");
}

/** @returns whether all is proven; else time ran out */
async function proveSteps(context: Merging, { plan, signal, onProgress }: ProveOptions): Promise<boolean> {
  const first = roundsOf(plan).flat().length;
  const placed = stepsOfProof(plan).map((step, i) => ({ step, place: first + i }));
  let worked = false;
  const mayGoOn = () => {
    const may = !worked || !signal.aborted;
    worked = true;
    return may;
  };
  const places = (await readProgress(context.session, context.workspace)).keys();
  let done = [...places].filter((place) => place >= first).length;
  const onBatch = async () => onProgress?.({ done: ++done, total: placed.length });
  const pace = { batchRows: 1, mayGoOn, onBatch };
  const forget = () => context.session.run(`DELETE FROM ${context.workspace.progress} WHERE step >= ${first}`);
  try {
    if (!(await runRound(context, placed, pace))) return false;
  } catch (error) {
    if (isFatal(error)) {
      await context.session.run("ROLLBACK");
      await forget();
    }
    throw error;
  }
  await forget();
  return true;
}

/**
 * A step for each table, then for each reference, each proven in one go. Of several that fail the first is told: a row that
 * is not as planned as that, and not as a reference's.
 */
function stepsOfProof({ tables, references, defaulted }: PreservePlan): Step[] {
  return [
    ...tables.map((table) => proofOf(table.name, (context) => proveTable(context, table))),
    ...references.map((reference) => proofOf(reference.table, (context) => proveReference(context, reference))),
    ...defaulted.map((key) => proofOf(key.table, (context) => proveDefaulted(context, key))),
  ];
}

function proofOf(name: string, prove: Step["run"]): Step {
  return { kind: "prove", table: null, doing: `proving rows of \`${name}\``, run: prove };
}

async function proveTable(context: Merging, table: PlannedTable): Promise<void> {
  const preserved = await sumOfPreserved(context, table);
  await proveProduction(context, table, preserved);
  await provePreservedRows(context, table, preserved.met);
  await proveScannedKeys(context, table);
}

function summaryOf(perTable: readonly TableSummary[]): PreserveSummary {
  const sum = (of: "rows" | "remapped") => perTable.reduce((total, entry) => total + entry[of], 0);
  return {
    tables: perTable.filter(({ rows }) => rows > 0).length,
    rows: sum("rows"),
    remapped: sum("remapped"),
    perTable,
  };
}
