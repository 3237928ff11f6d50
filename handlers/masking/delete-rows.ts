// Rows that stay behind are deleted before anything is masked, with the rows that follow them by foreign keys.
import { FatalError, isMySqlError } from "../../contracts/errors.ts";
import type { WriteSession } from "../../contracts/platform.ts";
import { quoteName, quoteTable } from "../mysql/identifiers.ts";
import { textLiteral } from "../mysql/literals.ts";
import { findBoundary, withinRange, type Range } from "./chunk-range.ts";
import { restored, stored } from "./chunks.ts";
import type { MaskingJob } from "./job.ts";
import type { Ledger, Whole } from "./ledger.ts";
import { orphansStatement } from "./orphans.ts";
import type { MaskingPlan, Orphans, RowsPlan, TablePlan } from "./plan.ts";
import { inTransaction } from "./transaction.ts";

/** Rows that are looked at in one transaction: a few seconds, were all of them deleted. */
const RANGE_ROWS = 100_000;

type Losing = TablePlan & { readonly rows: RowsPlan };

/** The tables that lose rows or references, children before their parents. */
export function losingTables({ tables }: MaskingPlan): Losing[] {
  return tables
    .filter((table): table is Losing => table.rows !== undefined)
    .toSorted((a, b) => b.rows.depth - a.rows.depth);
}

/**
 * Deletes what the plan leaves behind, or goes on where an earlier call stopped. Each row is asked about once, however
 * often that is: a condition may well be `RAND() < 0.9`.
 *
 * The server's own cascades are off, as it may have no foreign keys at this point; what they would do is done here.
 *
 * @returns false when `signal` aborted before all was done
 * @throws FatalError `MASK_ROWS_CONDITION`, `MASK_ROWS_ORPHANS`
 */
export async function deleteRows(session: WriteSession, job: MaskingJob, ledger: Ledger): Promise<boolean> {
  const losing = losingTables(job.plan);
  if (losing.length === 0) return true;
  await session.run("SET SESSION foreign_key_checks = 0");
  // Sessions have no default database, and a condition may look into another table.
  await session.run(`USE ${quoteName(job.database)}`);
  const all = (await deleteByConditions(session, job, ledger, losing)) && (await settle(session, job, ledger, losing));
  await session.run("SET SESSION foreign_key_checks = 1");
  return all;
}

/** Rows that were deleted, over all tables of a copy that is masked. */
export async function countDeleted(session: WriteSession, database: string, workDatabase: string): Promise<number> {
  const [row] = await session.query<{ deleted: Whole | null }>(
    `SELECT SUM(deleted) AS deleted FROM ${quoteTable(workDatabase, "mask_rows")} WHERE copy = ${textLiteral(database)}`,
  );
  return Number(row?.deleted ?? 0);
}

async function deleteByConditions(
  session: WriteSession,
  job: MaskingJob,
  ledger: Ledger,
  losing: readonly Losing[],
): Promise<boolean> {
  for (const table of losing) {
    if (table.rows.deleteRows === undefined) continue;
    for (;;) {
      const step = await deleteRange(session, job, ledger, table).catch((error: unknown) => {
        throw explainCondition(error, table);
      });
      if (step === "finished" || step === "last") {
        if (step === "last" && job.signal.aborted) return false;
        break;
      }
      if (job.signal.aborted) return false;
    }
  }
  return true;
}

/** @returns `finished` where nothing was left to do, `last` when this was the table's last range */
async function deleteRange(
  session: WriteSession,
  { database, deleteRangeRows = RANGE_ROWS }: MaskingJob,
  ledger: Ledger,
  table: Losing,
): Promise<"finished" | "last" | "more"> {
  const own = `copy = ${textLiteral(database)} AND name = ${textLiteral(table.table)}`;
  const rows = ledger.name("mask_rows");
  return inTransaction(session, async () => {
    const [state] = await session.query<{ high: string | null; walked: Whole }>(
      `SELECT high, walked FROM ${rows} WHERE ${own} FOR UPDATE`,
    );
    if (!state || Number(state.walked) === 1) return "finished";
    const low = restored(state.high);
    const high = await findBoundary(session, database, table, low, deleteRangeRows);
    const statement = deleteStatement(database, table, table.rows.deleteRows ?? "FALSE", { low, high });
    const { affectedRows } = await session.run(statement);
    await session.run(
      `UPDATE ${rows} SET high = ${stored(high)}, walked = ${high ? 0 : 1}, deleted = deleted + ${affectedRows}
       WHERE ${own}`,
    );
    return high ? "more" : "last";
  });
}

/** Over the rows of one range. The condition may end in a comment. */
export function deleteStatement(database: string, table: TablePlan, condition: string, range: Range): string {
  const within = withinRange(table, range);
  return `DELETE FROM ${quoteTable(database, table.table)} WHERE ${within} AND (${condition}\n)`;
}

/** Until no row has lost its parent: those that follow may have children too, of their own table even. */
async function settle(
  session: WriteSession,
  job: MaskingJob,
  ledger: Ledger,
  losing: readonly Losing[],
): Promise<boolean> {
  const rows = ledger.name("mask_rows");
  const copy = `copy = ${textLiteral(job.database)}`;
  const unsettled = await session.query(`SELECT 1 AS found FROM ${rows} WHERE ${copy} AND settled = 0 LIMIT 1`);
  if (unsettled.length === 0) return true;
  const references = losing.flatMap((table) => table.rows.orphans.map((orphans) => ({ table, orphans })));
  for (let changed = true; changed;) {
    changed = false;
    for (const { table, orphans } of references.filter(({ orphans: { become } }) => become !== "refused")) {
      if ((await follow(session, job, ledger, table, orphans)) === 0) continue;
      changed = true;
      if (job.signal.aborted) return false;
    }
  }
  for (const { table, orphans } of references.filter(({ orphans: { become } }) => become === "refused")) {
    const left = await session.query(orphansStatement(job.database, table, orphans));
    if (left.length > 0) throw leftAlone(table, orphans);
  }
  await session.run(`UPDATE ${rows} SET settled = 1 WHERE ${copy}`);
  return true;
}

/** @returns how many rows followed their parents, or lost their reference */
async function follow(
  session: WriteSession,
  { database }: MaskingJob,
  ledger: Ledger,
  table: Losing,
  orphans: Orphans,
): Promise<number> {
  const count = orphans.become === "deleted" ? "deleted" : "emptied";
  return inTransaction(session, async () => {
    const { affectedRows } = await session.run(orphansStatement(database, table, orphans));
    await session.run(
      `UPDATE ${ledger.name("mask_rows")} SET ${count} = ${count} + ${affectedRows}
       WHERE copy = ${textLiteral(database)} AND name = ${textLiteral(table.table)}`,
    );
    return affectedRows;
  });
}

function leftAlone({ table }: TablePlan, { columns, parentTable }: Orphans): FatalError {
  return new FatalError(
    "MASK_ROWS_ORPHANS",
    `Rows of \`${table}\` refer by \`${columns.join("`, `")}\` to rows of \`${parentTable}\` that are not there, after \`rows.delete\` of both. Let the condition of \`${table}\` take these rows too, then request a new run.`,
  );
}

/** What only a mistake in the condition can bring about: unknown names, wrong syntax, a value of the wrong type. */
const CONDITION_ERRORS = new Set([1046, 1049, 1052, 1054, 1064, 1093, 1111, 1146, 1242, 1292, 1305, 1366, 1582, 1690]);

/** Without `cause`: the server's text may quote a row. */
function explainCondition(error: unknown, { table }: TablePlan): unknown {
  if (!isMySqlError(error) || !CONDITION_ERRORS.has(error.errno)) return error;
  return new FatalError(
    "MASK_ROWS_CONDITION",
    `The server does not take the condition of \`rows.delete\` of \`${table}\` (error ${error.errno}, ${error.code}). Try it in a SELECT on production, correct it in sync.yaml, then request a new run.`,
  );
}
