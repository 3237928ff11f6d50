// What must be known of a table before its first row changes: how many rows, and digests of its values.
import { FatalError } from "../../contracts/errors.ts";
import type { WriteSession } from "../../contracts/platform.ts";
import { quoteName, quoteTable } from "../mysql/identifiers.ts";
import type { MaskingJob } from "./job.ts";
import { proofDigest } from "./keyed.ts";
import type { Ledger, LedgerColumn, LedgerTable, Whole } from "./ledger.ts";
import type { TablePlan } from "./plan.ts";
import { once } from "./transaction.ts";
import type { Step } from "./workers.ts";

/** Different originals that are remembered of a column: all of them up to about here. */
const MANY_ORIGINALS = 100_000;
/** Of more, about so many. */
const SAMPLED_ORIGINALS = 20_000;

/** The steps that are not done yet. A truncated table is emptied by its one. */
export function preparationOf(job: MaskingJob, ledger: Ledger): Step[] {
  return ledger.tables.flatMap((table) => {
    const prepare = { table: table.plan, run: (session: WriteSession) => prepareTable(session, job, ledger, table) };
    const samples = table.columns
      .filter(({ sampled }) => !sampled)
      .map((column) => ({
        table: table.plan,
        run: (session: WriteSession) => sampleOriginals(session, job, ledger, table, column),
      }));
    return table.prepared ? samples : [prepare, ...samples];
  });
}

async function prepareTable(session: WriteSession, job: MaskingJob, ledger: Ledger, table: LedgerTable): Promise<void> {
  const name = quoteTable(job.database, table.plan.table);
  const claim = `UPDATE ${ledger.name("mask_tables")} SET prepared = 1 WHERE id = ${table.id} AND prepared = 0`;
  if (table.plan.rule === "truncate") {
    await once(session, claim, () => emptyTable(session, name));
    return;
  }
  await once(session, claim, async () => {
    const [count] = await session.query<{ found: Whole }>(`SELECT COUNT(*) AS found FROM ${name}`);
    checkRoom(table.plan, Number(count?.found));
    await session.run(
      `UPDATE ${ledger.name("mask_tables")} SET rows_before = ${Number(count?.found)} WHERE id = ${table.id}`,
    );
  });
}

/** The plan went by the server's estimate; these are the rows. */
function checkRoom({ table, columns }: TablePlan, rows: number): void {
  const full = columns.find(({ atMostRows = Infinity }) => rows > atMostRows);
  if (!full) return;
  throw new FatalError(
    "MASK_NOT_UNIQUE",
    `\`${full.transform.name}\` on \`${table}.${full.column}\`: the column has room for so few different values that two of more than ${full.atMostRows} rows would meet under a unique key; the table has ${rows}. Make the column longer, or use \`keep\`.`,
  );
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

/**
 * Remembers digests of the values that must not be found again. Left out on purpose: NULL, and values that the
 * transform leaves as they are; and columns whose values are judged row by row, for whom proof/chance.ts remembers.
 *
 * A column with few different values is remembered whole, in which a sample would miss most of them. Of one with many, an
 * even sample is, told by CRC-32: a server tries every row with it, and a keyed hash would take it ten times as long.
 */
async function sampleOriginals(
  session: WriteSession,
  job: MaskingJob,
  ledger: Ledger,
  table: LedgerTable,
  { id, plan }: LedgerColumn,
): Promise<void> {
  const columns = ledger.name("mask_columns");
  const name = quoteName(plan.column);
  const from = `FROM ${quoteTable(job.database, table.plan.table)}`;
  const isOriginal = `${name} IS NOT NULL AND NOT (${plan.unchanged})`;
  const into = `INSERT IGNORE INTO ${ledger.name("mask_originals")} (column_id, digest)`;
  await once(session, `UPDATE ${columns} SET sampled = 1 WHERE id = ${id} AND sampled = 0`, async () => {
    if (plan.byChance) return;
    const [count] = await session.query<{ found: Whole }>(`SELECT COUNT(*) AS found ${from}`);
    const rows = Number(count?.found);
    let below = rows > MANY_ORIGINALS ? Math.ceil((SAMPLED_ORIGINALS / rows) * 2 ** 32) : null;
    const isSampled = below === null ? "" : `CRC32(${name}) < ${below} AND`;
    let { affectedRows: originals } = await session.run(
      `${into} SELECT ${id}, ${proofDigest(name)} ${from} WHERE ${isSampled} ${isOriginal}`,
    );
    if (below !== null && (originals / below) * 2 ** 32 < MANY_ORIGINALS) {
      below = null;
      const others = await session.run(
        `${into} SELECT DISTINCT ${id}, ${proofDigest(name)} ${from} WHERE ${isOriginal}`,
      );
      originals += others.affectedRows;
    }
    await session.run(
      `UPDATE ${columns} SET originals = ${originals}, sample_below = ${below ?? "NULL"} WHERE id = ${id}`,
    );
  });
}
