// Carries a plan out: every row masked exactly once, however often it is interrupted.
import type { WriteSession } from "../../contracts/platform.ts";
import { quoteName } from "../mysql/identifiers.ts";
import { rangeCondition, readChunks, tableByKey, type Chunk } from "./chunks.ts";
import type { MaskingJob } from "./job.ts";
import { openLedger, type Ledger, type LedgerTable } from "./ledger.ts";
import type { TablePlan } from "./plan.ts";
import { checkReplica } from "./preflight.ts";
import { preparationOf } from "./prepare.ts";
import { once } from "./transaction.ts";
import { withWorkers, type Step } from "./workers.ts";

/**
 * Masks the copy on the replica, or goes on where an earlier call stopped.
 *
 * Each chunk is one UPDATE of all masked columns, committed together with the row that says so: a kill at any instant,
 * and two calls at once, mask every row once.
 *
 * @returns "out-of-time" when `signal` aborted before all was done: call again.
 * @throws FatalError `MASK_*` (see docs/errors.md), RetryAfter `MYSQL_UNREACHABLE` or `MASK_LOCKED`.
 */
export async function maskReplica(job: MaskingJob): Promise<"finished" | "out-of-time"> {
  return withWorkers(job, async (workers) => {
    const session = await workers.first();
    await checkReplica(session, job);
    if (!(await workers.runAll(preparationOf(job, await openLedger(session, job))))) return "out-of-time";
    const chunks = await chunkSteps(session, job, await openLedger(session, job));
    return (await workers.runAll(chunks)) ? "finished" : "out-of-time";
  });
}

/** The chunks that are left, of the largest table first: were it last, one session would end the work alone. */
async function chunkSteps(session: WriteSession, job: MaskingJob, ledger: Ledger): Promise<Step[]> {
  const steps: Step[] = [];
  for (const table of ledger.tables.toSorted((a, b) => b.rowsBefore - a.rowsBefore)) {
    const chunks = await readChunks(session, ledger, table);
    let rowsDone = chunks.reduce((sum, { maskedRows }) => sum + maskedRows, 0);
    const progress = (rows: number) => {
      rowsDone += rows;
      job.onProgress?.({ table: table.plan.table, rowsDone, rowsTotal: table.rowsBefore });
    };
    for (const chunk of chunks.filter(({ done }) => !done)) {
      steps.push({
        table: table.plan,
        run: async (worker) => progress(await maskChunk(worker, job, ledger, table, chunk)),
      });
    }
  }
  return steps;
}

async function maskChunk(
  session: WriteSession,
  job: MaskingJob,
  ledger: Ledger,
  { id, plan }: LedgerTable,
  chunk: Chunk,
): Promise<number> {
  const chunks = ledger.name("mask_chunks");
  const own = `table_id = ${id} AND chunk = ${chunk.chunk}`;
  const rows = await once(session, `UPDATE ${chunks} SET done = 1 WHERE ${own} AND done = 0`, async () => {
    // Rows that match, changed or not: mysql2 connects with the FOUND_ROWS flag.
    const { affectedRows } = await session.run(updateStatement(job.database, plan, chunk));
    await session.run(`UPDATE ${chunks} SET masked_rows = ${affectedRows} WHERE ${own}`);
    return affectedRows;
  });
  return rows ?? 0;
}

/** One UPDATE for all of a table's columns, over the rows of one chunk. */
export function updateStatement(database: string, table: TablePlan, chunk: Pick<Chunk, "low" | "high">): string {
  const assignments = table.columns.flatMap(({ column, sql }) =>
    sql === undefined ? [] : `${quoteName(column)} = ${sql}`,
  );
  const where = table.chunkKey ? rangeCondition(table.chunkKey, chunk) : "TRUE";
  return `UPDATE ${tableByKey(database, table)} SET ${assignments.join(", ")} WHERE ${where}`;
}
