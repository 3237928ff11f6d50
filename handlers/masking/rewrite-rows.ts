// Masks a table whose new keys are other rows' old ones: its rows are written anew, since no order of updates would do.
import type { WriteSession } from "../../contracts/platform.ts";
import { quoteName, quoteNames, quoteTable } from "../mysql/identifiers.ts";
import type { MaskingJob } from "./job.ts";
import { ledgerDatabase, type LedgerTable } from "./ledger.ts";
import { inLedger } from "./masked-sql.ts";

/** Where masked rows wait. It has the table's own keys, so a duplicate is found while the originals are still there. */
function waitingRoom(job: MaskingJob, { id }: LedgerTable): string {
  return quoteTable(ledgerDatabase(job), `rows_${id}`);
}

/** Before the transaction: a statement on a table's definition commits by itself. */
export async function openWaitingRoom(session: WriteSession, job: MaskingJob, table: LedgerTable): Promise<void> {
  const original = quoteTable(job.database, table.plan.table);
  await session.run(`CREATE TABLE IF NOT EXISTS ${waitingRoom(job, table)} LIKE ${original}`);
}

/** Inside the chunk's transaction. Resolves to the number of rows. */
export async function rewriteRows(session: WriteSession, job: MaskingJob, table: LedgerTable): Promise<number> {
  const original = quoteTable(job.database, table.plan.table);
  const masked = waitingRoom(job, table);
  // The server computes generated columns anew.
  const columns = table.plan.columns.filter(({ transform }) => transform.name !== "generated");
  const names = quoteNames(columns.map(({ column }) => column));
  const values = columns.map(({ column, sql }) => (sql === undefined ? quoteName(column) : inLedger(job, sql)));
  await session.run(`INSERT INTO ${masked} (${names}) SELECT ${values.join(", ")} FROM ${original}`);
  await session.run(`DELETE FROM ${original}`);
  const { affectedRows } = await session.run(`INSERT INTO ${original} (${names}) SELECT ${names} FROM ${masked}`);
  return affectedRows;
}

/** After it: the rows are where they belong. */
export async function closeWaitingRoom(session: WriteSession, job: MaskingJob, table: LedgerTable): Promise<void> {
  await session.run(`DROP TABLE IF EXISTS ${waitingRoom(job, table)}`);
}
