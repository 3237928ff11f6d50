// The proof on the copy: preserved rows and their references are as planned, and production's rows as they were.
import type { WriteSession } from "../../contracts/platform.ts";
import { telling } from "./errors.ts";
import type { Merging } from "./merging.ts";
import type { PlannedTable, PreservePlan } from "./preserve-plan.ts";
import { fail } from "./proof/fail.ts";
import { proveNotAdopted } from "./proof/not-adopted.ts";
import { provePreservedRows } from "./proof/preserved-rows.ts";
import { proveProduction } from "./proof/production.ts";
import { proveDefaulted, proveReference } from "./proof/references.ts";
import { sideBySide } from "./side-by-side.ts";
import { roundsOf } from "./steps.ts";
import type { TableSummary } from "./summary.ts";
import { DEFAULT_WORK_DATABASE, fingerprint, readState, workspaceOf } from "./workspace.ts";

export interface ProveOptions {
  readonly plan: PreservePlan;
  readonly open: () => Promise<WriteSession>;
  readonly database: string;
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

type Proving = Omit<Merging, "session">;

/**
 * Proves what `preserveRows` finished, and sums it up.
 *
 * @throws FatalError `PRESERVE_PROOF_FAILED` when a row or a reference is not as planned, or the work is not finished,
 *   `PRESERVE_NOT_PROVABLE`; RetryAfter `PRESERVE_INTERRUPTED`
 */
export async function provePreserved(options: ProveOptions): Promise<PreserveSummary> {
  const { plan, database, workDatabase = DEFAULT_WORK_DATABASE } = options;
  const context = { plan, workspace: workspaceOf(plan, workDatabase), database, open: options.open };
  return telling("proving the preserved rows", async () => {
    await proveFinished(context, options.open);
    const perTable = await sideBySide(
      options.open,
      plan.tables.map((table) => (session) => proveTable({ ...context, session }, table)),
    );
    await sideBySide(options.open, [
      ...plan.references.map(
        (reference) => (session: WriteSession) => proveReference({ ...context, session }, reference),
      ),
      ...plan.defaulted.map((key) => (session: WriteSession) => proveDefaulted({ ...context, session }, key)),
      ...plan.tables.map((table) => (session: WriteSession) => proveNotAdopted({ ...context, session }, table)),
    ]);
    return summaryOf(perTable);
  });
}

async function proveFinished({ plan, workspace }: Proving, open: ProveOptions["open"]): Promise<void> {
  const session = await open();
  try {
    const state = await readState(session, workspace);
    const finished = state?.plan === fingerprint(plan) && state.round === roundsOf(plan).length;
    if (!finished) fail("they were not all carried over by this plan");
  } finally {
    await session.close();
  }
}

async function proveTable(context: Merging, table: PlannedTable): Promise<TableSummary> {
  await proveProduction(context, table);
  return provePreservedRows(context, table);
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
