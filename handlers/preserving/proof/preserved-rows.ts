// Preserved rows in the copy: each stands there once, with every value as planned, alone under each unique key.
import { quoteName, quoteTable } from "../../mysql/identifiers.ts";
import { hasFate, isCarried } from "../fate.ts";
import { count, type Merging } from "../merging.ts";
import type { PlannedKey, PlannedTable } from "../preserve-plan.ts";
import { valueInCopy } from "../workspace.ts";
import { fail } from "./fail.ts";
import { isRowOf } from "./row-of.ts";

/**
 * @param whole how many stand in the copy as planned, by production.ts
 * @throws FatalError `PRESERVE_PROOF_FAILED`
 */
export async function provePreservedRows(context: Merging, table: PlannedTable, whole: bigint): Promise<void> {
  const rows = context.workspace.rows(table.name);
  // Without a key nothing finds a row: production.ts looks at the sum of all.
  if (table.key.length === 0) return;
  const staged = await count(context, `${rows} s WHERE ${isCarried("s")}`);
  if (whole !== BigInt(staged)) fail(`of ${staged} rows of \`${table.name}\`, ${whole} stand in the copy as planned`);
  await proveKept(context, table);
  await proveUniqueKeys(context, table);
}

/** Production's rows that stand for work rows are there, and have what they were matched by. */
async function proveKept(context: Merging, table: PlannedTable): Promise<void> {
  if (!table.match) return;
  const kept = await count(context, `${context.workspace.rows(table.name)} s WHERE ${hasFate("s", "keep")}`);
  const equal = table.match.columns.map((column) => `c.${quoteName(column)} = ${valueInCopy(table, column, "s")}`);
  const same = await count(
    context,
    `${found(context, table)} WHERE ${hasFate("s", "keep")} AND ${equal.join(" AND ")}`,
  );
  if (kept !== same) fail(`of ${kept} rows of \`${table.name}\` that production has, ${same} are the same there`);
}

/** The server holds unique keys to it that it knows of, so this also shows that it does. */
async function proveUniqueKeys(context: Merging, table: PlannedTable): Promise<void> {
  // What stands in the copy as planned has the work row's values; those that the server computes are in the copy alone.
  const planned = (column: string) => valueInCopy(table, column, "s");
  for (const key of table.uniqueKeys)
    await proveUnique(context, table, key, `${context.workspace.rows(table.name)} s`, planned);
  for (const key of table.computedKeys)
    if (key.expressions.length === 0)
      await proveUnique(context, table, key, found(context, table), (column) => `c.${quoteName(column)}`);
}

/** @param rows preserved rows, and `value` of a column of theirs */
async function proveUnique(
  context: Merging,
  table: PlannedTable,
  { name, parts }: PlannedKey,
  rows: string,
  value: (column: string) => string,
): Promise<void> {
  if (name === "PRIMARY" || parts.some(({ prefix }) => prefix !== null)) return;
  const equal = parts.map(({ column }) => `d.${quoteName(column)} = ${value(column)}`).join(" AND ");
  const other = table.key.map((column) => `d.${quoteName(column)} <> ${value(column)}`).join(" OR ");
  const twins = await count(
    context,
    `${rows} STRAIGHT_JOIN ${quoteTable(context.database, table.name)} d ON ${equal} AND (${other}) WHERE ${isCarried("s")}`,
  );
  if (twins > 0) fail(`${twins} rows of \`${table.name}\` share the unique key \`${name}\` with preserved ones`);
}

/** Work rows, each with its row in the copy. */
function found({ workspace, database }: Merging, table: PlannedTable): string {
  return `${workspace.rows(table.name)} s STRAIGHT_JOIN ${quoteTable(database, table.name)} c ON ${isRowOf(table)}`;
}
