// After masking: one read of a range of a table, for every look at its masked columns.
import { FatalError } from "../../../contracts/errors.ts";
import type { WriteSession } from "../../../contracts/platform.ts";
import { quoteName, quoteTable } from "../../mysql/identifiers.ts";
import type { Table } from "../../mysql/schema.ts";
import { type Range, tableByKey, withinRange } from "../chunk-range.ts";
import type { MaskingJob } from "../job.ts";
import { proofDigest } from "../keyed.ts";
import type { Ledger, LedgerColumn, LedgerTable, Whole } from "../ledger.ts";
import type { MaskedColumn } from "../plan.ts";
import { rowsLeak, rowsNotChecked, rowWeight } from "./chance.ts";
import { isRepeatable } from "./expected-rows.ts";
import type { ProofRecords } from "./records.ts";
import { tryAgain } from "./try-again.ts";

/** What a range was found to hold; noted only where nothing leaked. */
export interface ReadRange {
  readonly rows: number;
  /** Rows with values by chance that were held against what was remembered of them, by the column's id. */
  readonly compared: Readonly<Record<string, number>>;
  /** Of these, rows that hold their original because the transform gives it again. */
  readonly alike: Readonly<Record<string, number>>;
}

/** More than a table's remembered rows: one sum, and one search for a row, tell how many are found and how many leak. */
const LEAK = 2 ** 32;

const ALL_ROWS: Range = { low: null, high: null };

/** What the looks at one column count. */
interface ColumnLook {
  readonly column: LedgerColumn;
  /** SQL for a row: 1 where it was found again, LEAK more where it leaks, or seems to. */
  readonly weight: string;
  readonly error: (rows: number) => FatalError;
}

/** @throws FatalError `MASK_LEAK` with the rows of the whole table */
export async function readRange(
  session: WriteSession,
  job: MaskingJob,
  ledger: Ledger,
  records: ProofRecords,
  ledgerTable: LedgerTable,
  table: Table,
  range: Range,
): Promise<ReadRange> {
  const looks = looksAt(job, ledger, records, ledgerTable, table);
  const { rows, counts } = await count(session, job, ledgerTable, looks, range);
  const alike: Record<string, number> = {};
  for (const [i, look] of looks.entries()) {
    const leaks = counts[i]?.leaks ?? 0;
    if (leaks === 0) continue;
    const { column } = look;
    if (!column.plan.byChance || !isRepeatable(column, ledgerTable, table)) {
      const whole = await count(session, job, ledgerTable, [look], ALL_ROWS);
      throw look.error(whole.counts[0]?.leaks ?? 0);
    }
    const again = await tryAgain(session, job, records, ledgerTable, column, table, range);
    if (again.leaks > 0) {
      throw look.error((await tryAgain(session, job, records, ledgerTable, column, table, ALL_ROWS)).leaks);
    }
    if (again.rows !== leaks) throw rowsNotChecked(`\`${table.name}.${column.plan.column}\``);
    alike[column.id] = again.rows;
  }
  const compared = looks.map(({ column }, i) => [column.id, counts[i]?.found ?? 0]);
  return { rows, compared: Object.fromEntries(compared), alike };
}

async function count(
  session: WriteSession,
  { database }: MaskingJob,
  { plan }: LedgerTable,
  looks: readonly ColumnLook[],
  range: Range,
): Promise<{ rows: number; counts: { leaks: number; found: number }[] }> {
  const sums = looks.map(({ weight }, i) => `SUM(${weight}) AS understudy_${i}`);
  const [row] = await session.query<Record<string, Whole | null>>(
    `SELECT ${["COUNT(*) AS understudy_rows", ...sums].join(", ")} FROM ${tableByKey(database, plan)}
     WHERE ${withinRange(plan, range)}`,
  );
  return {
    rows: Number(row?.["understudy_rows"]),
    counts: looks.map((_look, i) => {
      const sum = Number(row?.[`understudy_${i}`] ?? 0);
      return { leaks: Math.floor(sum / LEAK), found: sum % LEAK };
    }),
  };
}

function looksAt(
  job: MaskingJob,
  ledger: Ledger,
  records: ProofRecords,
  ledgerTable: LedgerTable,
  table: Table,
): ColumnLook[] {
  return ledgerTable.columns.flatMap((column): ColumnLook[] => {
    const place = `\`${table.name}.${column.plan.column}\``;
    if (!column.plan.byChance) {
      const weight = `IF(${holdsOriginal(job, ledger, table, column)}, ${LEAK}, 0)`;
      return [{ column, weight, error: (rows) => originalsLeak(place, rows) }];
    }
    const weight = rowWeight(job, records, ledgerTable, column, table, LEAK);
    return weight === undefined ? [] : [{ column, weight, error: (rows) => rowsLeak(place, rows) }];
  });
}

/** Transforms that leave what they have made as it is: every row can be held against that, of a table of any size. */
const SETTLING = new Set(["redact", "null", "fixed", "empty", "blob"]);

/** A condition on a row. */
function holdsOriginal(
  { database }: MaskingJob,
  { name }: Ledger,
  table: Table,
  { id, plan, sampleBelow }: LedgerColumn,
): string {
  const column = quoteName(plan.column);
  const settled = settledCondition(plan);
  // In the subquery a bare name could be the ledger's own.
  const digest = proofDigest(`${quoteTable(database, table.name)}.${column}`);
  const remembered = `(SELECT COUNT(*) FROM ${name("mask_originals")} o WHERE o.column_id = ${id} AND o.digest = ${digest})`;
  // A sample tells nothing of a column in which every row has been seen to hold nothing.
  const isSought = sampleBelow === null ? "TRUE" : `CRC32(${column}) < ${sampleBelow}`;
  const seeks = sampleBelow === null || !SETTLING.has(plan.transform.name);
  return `CASE WHEN ${column} IS NULL THEN 0
    ${settled === undefined ? "" : `WHEN NOT (${settled}) THEN 1`}
    ${seeks ? `WHEN ${isSought} THEN ${remembered}` : ""} ELSE 0 END`;
}

function settledCondition({ column, transform, unchanged }: MaskedColumn): string | undefined {
  if (SETTLING.has(transform.name)) return unchanged;
  const name = quoteName(column);
  return transform.name === "email" ? `CHAR_LENGTH(${name}) = 0 OR ${name} LIKE 'u%@example.com'` : undefined;
}

function originalsLeak(place: string, rows: number): FatalError {
  return new FatalError(
    "MASK_LEAK",
    `${rows} rows of ${place} still hold an original value after masking. Nothing was handed on. Abandon the run, and report this as a defect.`,
  );
}
