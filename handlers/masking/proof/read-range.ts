// After masking: one read of a range of a table, for every look at its masked columns.
import { FatalError } from "../../../contracts/errors.ts";
import type { WriteSession } from "../../../contracts/platform.ts";
import { quoteName, quoteTable } from "../../mysql/identifiers.ts";
import { type Range, tableByKey, withinRange } from "../chunk-range.ts";
import { proofDigest } from "../keyed.ts";
import type { LedgerColumn, Whole } from "../ledger.ts";
import type { MaskedColumn } from "../plan.ts";
import { mayLeak, rowsLeak, rowsNotChecked, rowWeight } from "./chance.ts";
import { areSought, isSettling } from "./digests.ts";
import { groupId, isRepeatable, recordGroups } from "./expected-rows.ts";
import type { ProvenTable } from "./proven-table.ts";
import { rowIdentity } from "./row-identity.ts";
import { tryAgain } from "./try-again.ts";

/** What a range was found to hold; noted only where nothing leaked. */
export interface ReadRange {
  readonly rows: number;
  /** Records that its rows were held against, by their group's id. */
  readonly compared: Readonly<Record<string, number>>;
  /** Rows that hold their original because the transform gives it again, by the column's id. */
  readonly alike: Readonly<Record<string, number>>;
}

/** More than a table's remembered rows: one sum tells how many are found, and how many values leak. */
const LEAK = 2 ** 32;

const ALL_ROWS: Range = { low: null, high: null };

/**
 * Looks at all masked columns of a range at once, and where a value is found that may be a leak, at each by itself.
 *
 * @throws FatalError `MASK_LEAK` with the rows of the whole table
 */
export async function readRange(session: WriteSession, proven: ProvenTable, range: Range): Promise<ReadRange> {
  const { plan, columns } = proven.ledgerTable;
  const gone = columns.filter((column) => !column.plan.byChance);
  const leaks = gone.map((column) => holdsOne(proven, column));
  const hasKey = rowIdentity(proven.table, plan) !== undefined;
  const groups = hasKey ? recordGroups(proven) : []; // without one judgeChance compares by count
  const [row] = await session.query<Record<string, Whole | null>>(
    `SELECT ${[
      "COUNT(*) AS understudy_rows",
      `COUNT(IF(${["FALSE", ...leaks].join(" OR ")}, 1, NULL)) AS understudy_leaks`,
      ...groups.map((group, i) => `SUM(${rowWeight(proven, group, LEAK)}) AS understudy_${i}`),
    ].join(", ")} FROM ${tableByKey(proven.job.database, plan)} WHERE ${withinRange(plan, range)}`,
  );
  if (Number(row?.["understudy_leaks"]) > 0) throw await originalsLeak(session, proven, gone, leaks);
  const compared: Record<string, number> = {};
  const alike: Record<string, number> = {};
  for (const [i, group] of groups.entries()) {
    const sum = Number(row?.[`understudy_${i}`] ?? 0);
    compared[groupId(group)] = sum % LEAK;
    if (sum >= LEAK) Object.assign(alike, await explainAlike(session, proven, group, range, Math.floor(sum / LEAK)));
  }
  return { rows: Number(row?.["understudy_rows"]), compared, alike };
}

/**
 * @param values of the range that may be leaks, over the group's columns
 * @returns rows that hold their original because the transform gives it again, by the column's id
 */
async function explainAlike(
  session: WriteSession,
  proven: ProvenTable,
  group: readonly LedgerColumn[],
  range: Range,
  values: number,
): Promise<Record<string, number>> {
  const alike: Record<string, number> = {};
  let explained = 0;
  for (const column of group) {
    const look = isRepeatable(proven, column) ? tryAgain : countLeft;
    const own = await look(session, proven, column, range);
    if (own.leaks > 0) {
      const { leaks } = await look(session, proven, column, ALL_ROWS);
      throw rowsLeak(`\`${proven.table.name}.${column.plan.column}\``, leaks);
    }
    alike[column.id] = own.rows;
    explained += own.rows;
  }
  if (explained !== values) throw rowsNotChecked(`\`${proven.table.name}\``);
  return alike;
}

/** Where the transform was tried before masking: nothing is left to be explained. */
async function countLeft(
  session: WriteSession,
  proven: ProvenTable,
  column: LedgerColumn,
  range: Range,
): Promise<{ readonly rows: number; readonly leaks: number }> {
  const [leaks = 0] = await countRows(session, proven, [mayLeak(proven, column)], range);
  return { rows: 0, leaks };
}

/** How many rows fulfil each condition. */
async function countRows(
  session: WriteSession,
  { job, ledgerTable: { plan } }: ProvenTable,
  conditions: readonly string[],
  range: Range,
): Promise<number[]> {
  const counts = conditions.map((condition, i) => `COUNT(IF(${condition}, 1, NULL)) AS understudy_${i}`);
  const [row] = await session.query<Record<string, Whole>>(
    `SELECT ${counts.join(", ")} FROM ${tableByKey(job.database, plan)} WHERE ${withinRange(plan, range)}`,
  );
  return counts.map((_count, i) => Number(row?.[`understudy_${i}`]));
}

/** A condition on a row: it holds one of the column's originals. */
function holdsOne({ job, ledger, table }: ProvenTable, sought: LedgerColumn): string {
  const { id, plan, sampleBelow } = sought;
  const column = quoteName(plan.column);
  const settled = settledCondition(plan);
  // In the subquery a bare name could be the ledger's own.
  const digest = proofDigest(`${quoteTable(job.database, table.name)}.${column}`);
  const remembered = `(SELECT COUNT(*) FROM ${ledger.name("mask_originals")} o WHERE o.column_id = ${id} AND o.digest = ${digest})`;
  const isSought = sampleBelow === null ? "TRUE" : `CRC32(${column}) < ${sampleBelow}`;
  return `CASE WHEN ${column} IS NULL THEN 0
    ${settled === undefined ? "" : `WHEN NOT (${settled}) THEN 1`}
    ${areSought(sought) ? `WHEN ${isSought} THEN ${remembered}` : ""} ELSE 0 END`;
}

function settledCondition(plan: MaskedColumn): string | undefined {
  const { column, transform, unchanged } = plan;
  if (isSettling(plan)) return unchanged;
  const name = quoteName(column);
  return transform.name === "email" ? `${name} LIKE 'u%@example.com' OR CHAR_LENGTH(${name}) = 0` : undefined;
}

/** Names the first column that leaks, with the rows of the whole table. */
async function originalsLeak(
  session: WriteSession,
  proven: ProvenTable,
  columns: readonly LedgerColumn[],
  conditions: readonly string[],
): Promise<FatalError> {
  const counts = await countRows(session, proven, conditions, ALL_ROWS);
  const first = counts.findIndex((rows) => rows > 0);
  return new FatalError(
    "MASK_LEAK",
    `${counts[first] ?? 0} rows of \`${proven.table.name}.${columns[first]?.plan.column ?? ""}\` still hold an original value after masking. Nothing was handed on. Abandon the run, and report this as a defect.`,
  );
}
