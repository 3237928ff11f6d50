// Columns whose new values may be real ones by chance: each row is held against what its transform gives.
import { FatalError } from "../../../contracts/errors.ts";
import type { WriteSession } from "../../../contracts/platform.ts";
import { quoteName, quoteTable } from "../../mysql/identifiers.ts";
import type { Table } from "../../mysql/schema.ts";
import { type Range, tableByKey, withinRange } from "../chunk-range.ts";
import { columnId } from "../column-kind.ts";
import type { MaskingJob } from "../job.ts";
import { proofDigest } from "../keyed.ts";
import type { LedgerColumn, LedgerTable, Whole } from "../ledger.ts";
import { inLedger } from "../masked-sql.ts";
import type { ProofRecords } from "./records.ts";
import { rowIdentity, sampleCondition } from "./row-identity.ts";

/** Smaller tables are compared row by row, whole. */
const WHOLE_TABLE_ROWS = 100_000;

/** A range's note before masking: how many of its rows were remembered, by the column's id. */
export type Remembered = Readonly<Record<string, number>>;

export interface ChanceProof {
  /** Rows held against their original and against what the transform gives for it. */
  readonly compared: number;
  /** Different originals that the transform itself leaves as they are. */
  readonly unchanged: number;
}

/** Columns that one read of a range serves. */
const SCRATCH_COLUMNS = 8; // of long texts, an old server keeps 768 bytes in the row, which has 8,126
const SCRATCH_BYTES = 32_000; // of a row's 65,535, with room for digests

/** In the order of the ledger; a column that is longer than that stands alone. */
function scratchGroups(columns: readonly LedgerColumn[], table: Table): LedgerColumn[][] {
  const groups: LedgerColumn[][] = [];
  let bytes = Infinity;
  for (const column of columns) {
    const own = table.columns.find(({ name }) => columnId(name) === columnId(column.plan.column))?.maxBytes ?? 0;
    bytes += own;
    const last = groups.at(-1);
    if (last && last.length < SCRATCH_COLUMNS && bytes <= SCRATCH_BYTES) last.push(column);
    else {
      groups.push([column]);
      bytes = own;
    }
  }
  return groups;
}

/** For the session's own use, as long as it lives: columns of the same types. */
export async function openScratch(
  session: WriteSession,
  { database }: MaskingJob,
  records: ProofRecords,
  columns: readonly LedgerColumn[],
  table: Table,
): Promise<void> {
  for (const group of scratchGroups(columns, table)) {
    const originals = group.map(({ id }) => `original_${id} BINARY(16)`);
    const expected = group.map(({ id, plan }) => `${quoteName(plan.column)} AS expected_${id}`);
    await session.run(
      `CREATE TEMPORARY TABLE IF NOT EXISTS ${scratchOf(records, group)} (row_digest BINARY(16), ${originals.join(", ")})
       SELECT ${expected.join(", ")} FROM ${quoteTable(database, table.name)} LIMIT 0`,
    );
  }
}

function scratchOf(records: ProofRecords, [first]: readonly LedgerColumn[]): string {
  return `${records.name("proof_rows").slice(0, -1)}_${first?.id}\``;
}

/**
 * Remembers, for each row of a range or a sample of them, digests of the original and of what the transform makes of it.
 *
 * The new value is stored in a column of the same type first: only so does the server round, cut and convert it as it will
 * when it masks.
 *
 * @param columns all of the table's whose values are by chance
 */
export async function rememberExpected(
  session: WriteSession,
  job: MaskingJob,
  records: ProofRecords,
  ledgerTable: LedgerTable,
  columns: readonly LedgerColumn[],
  table: Table,
  range: Range,
): Promise<Remembered> {
  const remembered: Record<string, number> = {};
  for (const group of scratchGroups(columns, table)) {
    const scratch = scratchOf(records, group);
    await fillScratch(session, job, scratch, ledgerTable, group, table, range);
    for (const { id } of group) {
      const { affectedRows } = await session.run(
        `INSERT INTO ${records.name("proof_rows")} (column_id, row_digest, original, expected)
         SELECT ${id}, row_digest, original_${id}, IFNULL(${proofDigest(`expected_${id}`)}, '') FROM ${scratch}
         WHERE original_${id} IS NOT NULL ORDER BY row_digest`,
      );
      remembered[id] = affectedRows;
    }
  }
  return remembered;
}

/** No original stands in the scratch for NULL, and for what the transform leaves as it is. */
async function fillScratch(
  session: WriteSession,
  job: MaskingJob,
  scratch: string,
  ledgerTable: LedgerTable,
  group: readonly LedgerColumn[],
  table: Table,
  range: Range,
): Promise<void> {
  const identity = rowIdentity(table, ledgerTable.plan);
  // Without a key rows are told apart by nothing: they are compared by count, so all of them are needed.
  const row = identity === undefined ? "LEFT(UNHEX(SHA2(UUID(), 256)), 16)" : proofDigest(identity);
  const made = group.map(({ id, plan }) => {
    const name = quoteName(plan.column);
    const original = `IF(${name} IS NOT NULL AND NOT (${plan.unchanged}), ${proofDigest(name)}, NULL)`;
    return { into: `original_${id}, expected_${id}`, sql: `${original}, ${inLedger(job, plan.sql)}` };
  });
  await session.run(`DELETE FROM ${scratch}`);
  await session.run(
    `INSERT INTO ${scratch} (row_digest, ${made.map(({ into }) => into).join(", ")})
     SELECT ${row}, ${made.map(({ sql }) => sql).join(", ")} FROM ${tableByKey(job.database, ledgerTable.plan)}
     WHERE ${withinRange(ledgerTable.plan, range)} AND ${sampleOf(table, ledgerTable)}`,
  );
}

/** A condition that holds for the rows that are remembered. */
function sampleOf(table: Table, { plan, rowsBefore }: LedgerTable): string {
  return sampleCondition(rowIdentity(table, plan), rowsBefore, WHOLE_TABLE_ROWS);
}

/** So many different originals may stay as they are: one by chance is likely, eight are less than one in 100,000. */
const UNCHANGED_MAX = 7;
/** A shift or noise of few steps is nothing now and then. */
const UNCHANGED_SHARE_MAX = 0.05;

/**
 * What the remembered rows of a column say by themselves; whether the table's rows agree is for proof/read-range.ts, or,
 * without a key, for this.
 *
 * @param rows how many rows were remembered, by the notes
 * @throws FatalError `MASK_LEAK`, `MASK_NOT_CHECKED`
 */
export async function judgeChance(
  session: WriteSession,
  job: MaskingJob,
  records: ProofRecords,
  ledgerTable: LedgerTable,
  column: LedgerColumn,
  table: Table,
  rows: number,
): Promise<ChanceProof> {
  const { transform } = column.plan;
  const place = `\`${table.name}.${column.plan.column}\``;
  const kept = `${records.name("proof_rows")} r`;
  const [counts] = await session.query<Record<"found" | "different" | "unchanged", Whole>>(
    `SELECT COUNT(*) AS found, COUNT(DISTINCT original) AS different,
       COUNT(DISTINCT IF(expected = original, original, NULL)) AS unchanged
     FROM ${kept} WHERE column_id = ${column.id}`,
  );
  const compared = Number(counts?.found);
  if (rows !== compared) throw rowsNotChecked(place);
  const unchanged = Number(counts?.unchanged);
  // What a document's paths keep may be all that it has.
  const mayStay = transform.name === "json";
  if (!mayStay && unchanged > Math.max(UNCHANGED_MAX, UNCHANGED_SHARE_MAX * Number(counts?.different))) {
    throw new FatalError(
      "MASK_LEAK",
      `The transform \`${transform.name}\` leaves ${unchanged} different values of ${place} as they are, more than chance explains. Nothing was handed on. Abandon the run, and report this as a defect.`,
    );
  }
  if (rowIdentity(table, ledgerTable.plan) === undefined) {
    const leaks = await countSurplus(session, job, kept, column, table);
    if (leaks > 0) throw rowsLeak(place, leaks);
  }
  return { compared, unchanged };
}

/**
 * SQL for a row of the table: 1 where it is remembered, `leak` more where it holds its original although the transform gives
 * another value, else NULL or 0. Undefined where no key tells rows apart.
 */
export function rowWeight(
  { database }: MaskingJob,
  records: ProofRecords,
  ledgerTable: LedgerTable,
  { id, plan }: LedgerColumn,
  table: Table,
  leak: number,
): string | undefined {
  // In the subqueries a bare name could be the ledger's own.
  const of = `${quoteTable(database, table.name)}.`;
  const identity = rowIdentity(table, ledgerTable.plan, of);
  if (identity === undefined) return undefined;
  const sample = sampleOf(table, ledgerTable);
  const holdsOriginal = `r.original <> r.expected AND r.original = ${proofDigest(of + quoteName(plan.column))}`;
  return `IF(${sample}, (SELECT IF(${holdsOriginal}, ${leak + 1}, 1) FROM ${records.name("proof_rows")} r
    WHERE r.column_id = ${id} AND r.row_digest = ${proofDigest(identity)}), 0)`;
}

/** Of a table without a fit key: how many more rows hold a value that was an original than the transform gives. */
async function countSurplus(
  session: WriteSession,
  job: MaskingJob,
  kept: string,
  { id, plan }: LedgerColumn,
  table: Table,
): Promise<number> {
  const [counts] = await session.query<{ leaks: Whole | null }>(
    `SELECT SUM(GREATEST(0, CAST(t.held AS SIGNED) - CAST(IFNULL(e.given, 0) AS SIGNED))) AS leaks
     FROM (SELECT ${proofDigest(quoteName(plan.column))} AS now, COUNT(*) AS held
           FROM ${quoteTable(job.database, table.name)} GROUP BY now) t
     JOIN (SELECT DISTINCT original FROM ${kept} WHERE column_id = ${id}) o ON o.original = t.now
     LEFT JOIN (SELECT expected, COUNT(*) AS given FROM ${kept} WHERE column_id = ${id} GROUP BY expected) e
       ON e.expected = t.now`,
  );
  return Number(counts?.leaks ?? 0);
}

export function rowsLeak(place: string, rows: number): FatalError {
  return new FatalError(
    "MASK_LEAK",
    `${rows} rows of ${place} still hold their original value after masking, where the transform gives another. Nothing was handed on. Abandon the run, and report this as a defect.`,
  );
}

export function rowsNotChecked(place: string): FatalError {
  return new FatalError(
    "MASK_NOT_CHECKED",
    `Rows of ${place} that were remembered before masking are not found after it, so it cannot be proven. Abandon the run and request a new one.`,
  );
}
