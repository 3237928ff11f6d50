// Chunks: ranges of a table's rows, handed out one after another while others are masked, and recorded in the ledger.
import type { WriteSession } from "../../contracts/platform.ts";
import { textLiteral } from "../mysql/literals.ts";
import { findBoundary, type Boundary, type Range } from "./chunk-range.ts";
import { FIRST_ROWS, nextRows } from "./chunk-size.ts";
import type { MaskingJob } from "./job.ts";
import type { Ledger, LedgerTable, Whole } from "./ledger.ts";
import { inTransaction } from "./transaction.ts";

export interface Chunk extends Range {
  readonly chunk: number;
  /** The rows of a full chunk when this one was handed out; this one may have fewer. */
  readonly size: number;
}

/** How far a table is, by the ledger. */
export interface ChunkTotals {
  /** Every row is in a chunk, and every chunk is masked. */
  readonly finished: boolean;
  readonly maskedRows: number;
}

/**
 * Hands out the next rows of a table: the range is recorded, and the walk stands behind it, before anyone masks it.
 * Whoever asks at the same time, also from another process, gets the range after it.
 *
 * @param found the size that this call's last chunk spoke for; it is remembered for later calls
 * @returns undefined when every row is handed out.
 */
export async function takeChunk(
  session: WriteSession,
  job: MaskingJob,
  ledger: Ledger,
  { id, plan, rowsBefore }: LedgerTable,
  found: number | undefined,
): Promise<Chunk | undefined> {
  const tables = ledger.name("mask_tables");
  return inTransaction(session, async () => {
    const [row] = await session.query<{ chunk: Whole; handed: Whole; low: string | null; walked: Whole; size: Whole }>(
      `SELECT chunks AS chunk, handed_rows AS handed, high AS low, walked, chunk_rows AS size
       FROM ${tables} WHERE id = ${id} FOR UPDATE`,
    );
    if (!row || Number(row.walked) === 1) return undefined;
    const chunk = Number(row.chunk);
    const low = restored(row.low);
    const rowsLeft = rowsBefore - Number(row.handed);
    const size = job.chunkRows ?? found ?? (Number(row.size) || FIRST_ROWS);
    const rows = job.chunkRows ?? nextRows(size, rowsLeft, job.connections);
    const high = isSmall({ rowsBefore }, job) ? null : await findBoundary(session, job.database, plan, low, rows);
    await session.run(
      `INSERT INTO ${ledger.name("mask_chunks")} (table_id, chunk, low, high)
       VALUES (${id}, ${chunk}, ${stored(low)}, ${stored(high)})`,
    );
    await session.run(
      `UPDATE ${tables} SET chunks = ${chunk + 1}, handed_rows = handed_rows + ${rows}, high = ${stored(high)}, chunk_rows = ${size},
       walked = ${high === null ? 1 : 0} WHERE id = ${id}`,
    );
    return { chunk, low, high, size };
  });
}

/** A table that its first chunk holds whole. */
export function isSmall({ rowsBefore }: Pick<LedgerTable, "rowsBefore">, { chunkRows = FIRST_ROWS }: MaskingJob) {
  return rowsBefore <= chunkRows;
}

/** Chunks that were handed out and are not masked: their sessions were killed, or work on them at this moment. */
export async function unfinishedChunks(session: WriteSession, ledger: Ledger, { id }: LedgerTable): Promise<Chunk[]> {
  const rows = await session.query<{ chunk: Whole; low: string | null; high: string | null; size: Whole }>(
    `SELECT c.chunk, c.low, c.high, t.chunk_rows AS size
     FROM ${ledger.name("mask_chunks")} c JOIN ${ledger.name("mask_tables")} t ON t.id = c.table_id
     WHERE c.table_id = ${id} AND c.done = 0 ORDER BY c.chunk`,
  );
  return rows.map(({ chunk, low, high, size }) => ({
    chunk: Number(chunk),
    low: restored(low),
    high: restored(high),
    size: Number(size) || FIRST_ROWS,
  }));
}

/** What the ledger says of a table's chunks now. */
export async function readTotals(session: WriteSession, ledger: Ledger, { id }: LedgerTable): Promise<ChunkTotals> {
  const [row] = await session.query<{ walked: Whole; unfinished: Whole | null; maskedRows: Whole | null }>(
    `SELECT t.walked, SUM(c.done = 0) AS unfinished, SUM(c.masked_rows) AS maskedRows
     FROM ${ledger.name("mask_tables")} t LEFT JOIN ${ledger.name("mask_chunks")} c ON c.table_id = t.id
     WHERE t.id = ${id} GROUP BY t.id, t.walked`,
  );
  return {
    finished: Number(row?.walked) === 1 && row?.unfinished !== null && Number(row?.unfinished) === 0,
    maskedRows: Number(row?.maskedRows ?? 0),
  };
}

/** A boundary as the ledger keeps it: SQL for a text, or NULL. */
export function stored(boundary: Boundary | null): string {
  return boundary ? textLiteral(JSON.stringify(boundary)) : "NULL";
}

export function restored(text: string | null): Boundary | null {
  if (text === null) return null;
  const value: unknown = JSON.parse(text);
  if (!Array.isArray(value)) throw new TypeError("The ledger holds a boundary that is none.");
  return value.map(String);
}
