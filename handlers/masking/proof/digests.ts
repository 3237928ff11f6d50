// Before masking: digests of a column's originals, which must not be found in it again.
import type { WriteSession } from "../../../contracts/platform.ts";
import { quoteName, quoteTable } from "../../mysql/identifiers.ts";
import { type Range, tableByKey, withinRange } from "../chunk-range.ts";
import type { MaskingJob } from "../job.ts";
import { proofDigest } from "../keyed.ts";
import type { Ledger, LedgerColumn, LedgerTable } from "../ledger.ts";
import type { MaskedColumn } from "../plan.ts";
import { once } from "../transaction.ts";

/** Different originals that are remembered of a column: all of them up to about here. */
const MANY_ORIGINALS = 100_000;
/** Of more, about so many. */
const SAMPLED_ORIGINALS = 20_000;

/**
 * Which originals of a column with so many rows are remembered: those with a CRC-32 below this, or all (null).
 *
 * CRC-32 tells an even sample, and tells after masking who could be of it: a server tries every row with it, and a keyed
 * hash would take it ten times as long.
 */
export function sampleBelow(rows: number): number | null {
  return rows > MANY_ORIGINALS ? Math.ceil((SAMPLED_ORIGINALS / rows) * 2 ** 32) : null;
}

/** Transforms that leave what they have made as it is: every row can be held against that, of a table of any size. */
const SETTLING = new Set(["redact", "null", "fixed", "empty", "blob"]);

export function isSettling({ transform }: MaskedColumn): boolean {
  return SETTLING.has(transform.name);
}

/** False where values by chance are allowed for, and where a sample tells nothing: every row is seen to hold no original. */
export function areSought({ plan, sampleBelow: below }: LedgerColumn): boolean {
  return !plan.byChance && (below === null || !isSettling(plan));
}

/**
 * Remembers digests of the originals in a range of the table. Left out on purpose: NULL, and values that the transform
 * leaves as they are. To be run in a transaction with the note of what it returns: how many there were that no other range
 * had. Not counted in the column's own row: each of two sessions would wait for the other, since a digest refers to it.
 */
export async function rememberDigests(
  session: WriteSession,
  job: MaskingJob,
  ledger: Ledger,
  { plan: table }: LedgerTable,
  { id, plan, sampleBelow: below }: LedgerColumn,
  range: Range,
): Promise<number> {
  const sampled = below === null ? "" : `AND CRC32(${quoteName(plan.column)}) < ${below}`;
  const from = `${tableByKey(job.database, table)} WHERE ${withinRange(table, range)} ${sampled}`;
  return insertDigests(session, ledger, { id, plan }, from);
}

/**
 * After all ranges. Of a column with few different values a sample has next to none, so these are remembered whole, in a
 * second pass over the table.
 *
 * @param sampled how many the ranges gave
 */
export async function completeDigests(
  session: WriteSession,
  job: MaskingJob,
  ledger: Ledger,
  table: LedgerTable,
  column: LedgerColumn,
  sampled: number,
): Promise<void> {
  const { id, plan, sampleBelow: below } = column;
  const columns = ledger.name("mask_columns");
  const claim = `UPDATE ${columns} SET sampled = 1, originals = ${sampled} WHERE id = ${id} AND sampled = 0`;
  await once(session, claim, async () => {
    if (!areSought(column) || below === null || (sampled / below) * 2 ** 32 >= MANY_ORIGINALS) return;
    const whole = `${quoteTable(job.database, table.plan.table)} WHERE TRUE`;
    const others = await insertDigests(session, ledger, { id, plan }, whole);
    await session.run(`UPDATE ${columns} SET originals = originals + ${others}, sample_below = NULL WHERE id = ${id}`);
  });
}

/** Sorted, so that two sessions at ranges with the same values wait for one another, and never each for the other. */
async function insertDigests(
  session: WriteSession,
  ledger: Ledger,
  { id, plan }: Pick<LedgerColumn, "id" | "plan">,
  from: string,
): Promise<number> {
  const name = quoteName(plan.column);
  const { affectedRows } = await session.run(
    `INSERT IGNORE INTO ${ledger.name("mask_originals")} (column_id, digest)
     SELECT DISTINCT ${id}, ${proofDigest(name)} FROM ${from} AND ${name} IS NOT NULL AND NOT (${plan.unchanged})
     ORDER BY 2`,
  );
  return affectedRows;
}
