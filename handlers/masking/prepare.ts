// What must be known of a table before anything is remembered of it: how many rows it has, and in which ranges to read it.
import { FatalError } from "../../contracts/errors.ts";
import type { WriteSession } from "../../contracts/platform.ts";
import { quoteTable } from "../mysql/identifiers.ts";
import { textLiteral } from "../mysql/literals.ts";
import { type Boundary, findBoundary } from "./chunk-range.ts";
import type { MaskingJob } from "./job.ts";
import type { Ledger, LedgerTable, Whole } from "./ledger.ts";
import type { TablePlan } from "./plan.ts";
import { sampleBelow } from "./proof/digests.ts";
import { tooManyRows } from "./refusals.ts";
import { once } from "./transaction.ts";
import type { Step } from "./workers.ts";

/**
 * Rows of a range: a quarter of a second's reading. All looks at a range follow one another, so that a table that is larger
 * than the server's memory comes from the disk once for all of them.
 */
const RANGE_ROWS = 100_000;
/** A table is shared out among the sessions; below so many rows the steps themselves begin to count. */
const LEAST_RANGE_ROWS = 5_000;

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

/** Where the table's ranges end but the last. */
async function divide(
  session: WriteSession,
  { database, connections, proofRangeRows }: MaskingJob,
  plan: TablePlan,
  rows: number,
): Promise<Boundary[]> {
  // As many ranges for each session: were one left over, all others would wait for it.
  const ranges = connections * Math.max(1, Math.ceil(rows / (connections * RANGE_ROWS)));
  const rangeRows = proofRangeRows ?? Math.max(LEAST_RANGE_ROWS, Math.ceil(rows / ranges));
  const ends: Boundary[] = [];
  while ((ends.length + 1) * rangeRows < rows) {
    const end = await findBoundary(session, database, plan, ends.at(-1) ?? null, rangeRows);
    if (!end) break;
    ends.push(end);
  }
  return ends;
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
