// Production's own rows of a table that gets preserved ones: summed up before the first insert, and again afterwards.
import { quoteTable } from "../../mysql/identifiers.ts";
import { hasFate, isCarried } from "../fate.ts";
import type { Merging } from "../merging.ts";
import { tableOf, type PlannedTable } from "../preserve-plan.ts";
import {
  carriedColumns,
  checksum,
  digestOfCopy,
  digestOfWork,
  isAsPlanned,
  isSame,
  minus,
  storedColumns,
  type Checksum,
  type ChecksumOfSome,
} from "./checksum.ts";
import { fail } from "./fail.ts";
import { isRowOf } from "./row-of.ts";

/** Keeps the checksum of a table of the copy that nothing was inserted into yet. */
export async function rememberProduction(context: Merging, name: string): Promise<void> {
  const table = tableOf(context.plan, name);
  const all = await sumOfCopy(context, table);
  // What is overwritten is as planned afterwards, like what is inserted.
  const isOverwritten = table.match?.onMatch.kind === "overwrite";
  const { rows, sum } = isOverwritten ? minus(all, await sumOfRows(context, table, hasFate("s", "overwrite"))) : all;
  await context.session.run(
    `REPLACE INTO ${context.workspace.production} (table_name, rows_before, sum_before) VALUES (?, ?, ?)`,
    [name, String(rows), String(sum)],
  );
}

/**
 * The copy's rows without the preserved ones are production's as they were.
 *
 * Where the copy has no key to find the preserved rows by, they are taken off as they should be, and the columns that
 * staging lacks are in neither sum: a row of production's that is equal in all the others cannot be told from them.
 *
 * @param preserved from `sumOfPreserved`
 * @throws FatalError `PRESERVE_PROOF_FAILED`
 */
export async function proveProduction(context: Merging, table: PlannedTable, preserved: Checksum): Promise<void> {
  const { session, workspace } = context;
  const [kept] = await session.query<{ n: string; sum: string }>(
    `SELECT rows_before AS n, sum_before AS sum FROM ${workspace.production} WHERE table_name = ?`,
    [table.name],
  );
  if (!kept) return fail(`what \`${table.name}\` had before is not known`);
  const before = { rows: BigInt(kept.n), sum: BigInt(kept.sum) };
  const after = await sumOfCopy(context, table);
  const grown = after.rows - before.rows;
  if (grown !== preserved.rows) {
    fail(`\`${table.name}\` should have grown by ${preserved.rows} rows and has grown by ${grown}`);
  }
  if (isSame(minus(after, preserved), before)) return;
  fail(
    table.key.length > 0
      ? `production's ${before.rows} rows of \`${table.name}\` are not as they were before`
      : `the ${after.rows} rows of \`${table.name}\`, which has no primary key, are not production's and the preserved ones`,
  );
}

/**
 * Preserved rows as they stand in the copy; `met` by those with every value as planned. Where nothing finds them, as they
 * should stand there.
 */
export function sumOfPreserved(context: Merging, table: PlannedTable): Promise<ChecksumOfSome> {
  return sumOfRows(context, table, isCarried("s"));
}

function sumOfCopy(context: Merging, table: PlannedTable): Promise<Checksum> {
  return checksum(context, digestOfCopy(summed(table)), `${quoteTable(context.database, table.name)} c`);
}

/** @param which a condition on work rows `s` */
function sumOfRows(context: Merging, table: PlannedTable, which: string): Promise<ChecksumOfSome> {
  const { workspace, database } = context;
  const work = `${workspace.rows(table.name)} s`;
  const columns = summed(table);
  return table.key.length > 0
    ? checksum(
        context,
        digestOfCopy(columns),
        `${work} STRAIGHT_JOIN ${quoteTable(database, table.name)} c ON ${isRowOf(table)} WHERE ${which}`,
        isAsPlanned(table, carriedColumns(table)),
      )
    : checksum(context, digestOfWork(table, columns), `${work} WHERE ${which}`);
}

function summed(table: PlannedTable) {
  return table.key.length > 0 ? storedColumns(table) : carriedColumns(table);
}
