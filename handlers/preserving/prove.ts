// The proof on the copy: preserved rows and their references are as planned, and production's rows as they were.
import type { WriteSession } from "../../contracts/platform.ts";
import { telling } from "./errors.ts";
import type { Merging } from "./merging.ts";
import type { PreservePlan } from "./preserve-plan.ts";
import { fail } from "./proof/fail.ts";
import { provePreservedRows } from "./proof/preserved-rows.ts";
import { proveProduction } from "./proof/production.ts";
import { proveDefaulted, proveReference } from "./proof/references.ts";
import { stepsOf } from "./steps.ts";
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

/**
 * Proves what `preserveRows` finished, and sums it up.
 *
 * @throws FatalError `PRESERVE_PROOF_FAILED` when a row or a reference is not as planned, or the work is not finished,
 *   `PRESERVE_NOT_PROVABLE`; RetryAfter `PRESERVE_INTERRUPTED`
 */
export async function provePreserved(options: ProveOptions): Promise<PreserveSummary> {
  const { plan, database, workDatabase = DEFAULT_WORK_DATABASE } = options;
  const session = await options.open();
  try {
    const context = { plan, session, workspace: workspaceOf(plan, workDatabase), database };
    return await telling("proving the preserved rows", () => prove(context));
  } finally {
    await session.close();
  }
}

async function prove(context: Merging): Promise<PreserveSummary> {
  const { plan, session, workspace } = context;
  const state = await readState(session, workspace);
  const finished = state?.plan === fingerprint(plan) && state.step === stepsOf(plan).length;
  if (!finished) fail("they were not all carried over by this plan");
  const perTable: TableSummary[] = [];
  for (const table of plan.tables) {
    await proveProduction(context, table);
    perTable.push(await provePreservedRows(context, table));
  }
  for (const reference of plan.references) await proveReference(context, reference);
  for (const constraint of plan.defaulted) await proveDefaulted(context, constraint);
  const sum = (of: "rows" | "remapped") => perTable.reduce((total, entry) => total + entry[of], 0);
  return {
    tables: perTable.filter(({ rows }) => rows > 0).length,
    rows: sum("rows"),
    remapped: sum("remapped"),
    perTable,
  };
}
