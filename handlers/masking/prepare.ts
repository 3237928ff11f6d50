// What must be known of a table before anything is remembered of it: how many rows it has, and in which ranges to read it.
import { FatalError } from "../../contracts/errors.ts";
import type { WriteSession } from "../../contracts/platform.ts";
import { quoteTable } from "../mysql/identifiers.ts";
import { textLiteral } from "../mysql/literals.ts";
import { divide } from "./divide.ts";
import type { MaskingJob } from "./job.ts";
import type { Ledger, LedgerTable, Whole } from "./ledger.ts";
import type { TablePlan } from "./plan.ts";
import { sampleBelow } from "./proof/digests.ts";
import { tooManyRows } from "./refusals.ts";
import { once } from "./transaction.ts";
import type { Step } from "./workers.ts";

/** The steps that are not done yet. A truncated table is emptied by its one. */
export function preparationOf(job: MaskingJob, ledger: Ledger): Step[] {
  return ledger.tables
    .filter(({ prepared }) => !prepared)
    .map((table) => ({ table: table.plan, run: (session) => prepareTable(session, job, ledger, table) }));
}

async function prepareTable(session: WriteSession, job: MaskingJob, ledger: Ledger, table: LedgerTable): Promise<void> {
  const { id, plan } = table;
  const name = quoteTable(job.database, plan.table);
  const claim = `UPDATE ${ledger.name("mask_tables")} SET prepared = 1 WHERE id = ${id} AND prepared = 0`;
  if (plan.rule === "truncate") {
    await once(session, claim, () => emptyTable(session, name));
    return;
  }
  await once(session, claim, async () => {
    const [count] = await session.query<{ found: Whole }>(`SELECT COUNT(*) AS found FROM ${name}`);
    const rows = Number(count?.found);
    checkRoom(plan, rows);
    const ends = JSON.stringify(await divide(session, job, plan, rows));
    await session.run(
      `UPDATE ${ledger.name("mask_tables")} SET rows_before = ${rows}, ends = ${textLiteral(ends)} WHERE id = ${id}`,
    );
    await session.run(
      `UPDATE ${ledger.name("mask_columns")} SET sample_below = ${sampleBelow(rows) ?? "NULL"} WHERE table_id = ${id}`,
    );
  });
}

/** The plan went by the server's estimate; these are the rows. */
function checkRoom({ table, columns }: TablePlan, rows: number): void {
  for (const { column, transform, room } of columns) {
    if (!room || rows <= room.rows) continue;
    const { code, message } = tooManyRows({ name: table }, { name: column }, transform, room, String(rows));
    throw new FatalError(code, message);
  }
}

/**
 * Its rows are left out when the replica is loaded; what came another way goes here. By DELETE, since TRUNCATE commits by
 * itself and waits for the tables that refer to it.
 */
async function emptyTable(session: WriteSession, name: string): Promise<void> {
  await session.run("SET SESSION foreign_key_checks = 0");
  await session.run(`DELETE FROM ${name}`);
  await session.run("SET SESSION foreign_key_checks = 1");
}
