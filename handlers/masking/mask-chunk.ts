// Masks one chunk: one UPDATE of all columns, in one transaction with the row that says so.
import type { WriteSession } from "../../contracts/platform.ts";
import { quoteName } from "../mysql/identifiers.ts";
import { inAssignmentOrder } from "./assignment-order.ts";
import { withinRange, tableByKey, type Range } from "./chunk-range.ts";
import { sizeAfter } from "./chunk-size.ts";
import type { Chunk } from "./chunks.ts";
import type { MaskingJob } from "./job.ts";
import type { Ledger, LedgerTable } from "./ledger.ts";
import { inLedger } from "./masked-sql.ts";
import type { TablePlan } from "./plan.ts";
import { closeWaitingRoom, openWaitingRoom, rewriteRows } from "./rewrite-rows.ts";
import { once } from "./transaction.ts";

/** What masking a chunk came to. */
export interface MaskedChunk {
  readonly rows: number;
  /** How many rows the next chunk should have, by the time that these took. */
  readonly nextSize: number;
}

/** Masks a chunk, unless somebody has: then it has no rows. */
export async function maskChunk(
  session: WriteSession,
  job: MaskingJob,
  ledger: Ledger,
  table: LedgerTable,
  chunk: Chunk,
): Promise<MaskedChunk> {
  const { id, plan } = table;
  const chunks = ledger.name("mask_chunks");
  if (plan.rewritten) await openWaitingRoom(session, job, table);
  const own = `table_id = ${id} AND chunk = ${chunk.chunk}`;
  const masked = await once(session, `UPDATE ${chunks} SET done = 1 WHERE ${own} AND done = 0`, async () => {
    const startedAt = performance.now();
    // Rows that match, changed or not: mysql2 connects with the FOUND_ROWS flag.
    // A parent's key and its children's change one after the other, and no ON UPDATE CASCADE may mask a row again.
    await session.run("SET SESSION foreign_key_checks = 0");
    const rows = plan.rewritten
      ? await rewriteRows(session, job, table)
      : (await session.run(inLedger(job, updateStatement(job.database, plan, chunk)))).affectedRows;
    await session.run("SET SESSION foreign_key_checks = 1");
    const nextSize = sizeAfter(chunk.size, rows, performance.now() - startedAt);
    // Not the size, into mask_tables: a session that hands out the next chunk has that row locked and may wait for the
    // table, for keys being restored next to it, and these for this transaction. The server would not see the circle.
    await session.run(`UPDATE ${chunks} SET masked_rows = ${rows} WHERE ${own}`);
    return { rows, nextSize };
  });
  if (plan.rewritten) await closeWaitingRoom(session, job, table);
  return masked ?? { rows: 0, nextSize: chunk.size };
}

/** One UPDATE for all of a table's columns, over the rows of one range. */
export function updateStatement(database: string, table: TablePlan, range: Range): string {
  const assignments = inAssignmentOrder(table.columns).map(({ column, sql }) => `${quoteName(column)} = ${sql}`);
  const where = withinRange(table, range);
  return `UPDATE ${tableByKey(database, table)} SET ${assignments.join(", ")} WHERE ${where}`;
}
