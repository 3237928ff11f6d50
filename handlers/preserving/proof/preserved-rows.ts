// Preserved rows in the copy: each stands there once, with every value as planned, alone under each unique key.
import { quoteName, quoteTable } from "../../mysql/identifiers.ts";
import { hasFate, isCarried } from "../fate.ts";
import { count, type Merging } from "../merging.ts";
import type { PlannedTable } from "../preserve-plan.ts";
import { valueInCopy } from "../workspace.ts";
import { carriedColumns, rowOfCopy, rowOfWork } from "./checksum.ts";
import { fail } from "./fail.ts";
import { isRowOf } from "./row-of.ts";

/** @throws FatalError `PRESERVE_PROOF_FAILED` */
export async function provePreservedRows(context: Merging, table: PlannedTable): Promise<void> {
  const rows = context.workspace.rows(table.name);
  // Without a key nothing finds a row: production.ts looks at the sum of all.
  if (table.key.length === 0) return;
  const staged = await count(context, `${rows} s WHERE ${isCarried("s")}`);
  const columns = carriedColumns(table);
  const whole = await count(
    context,
    `${found(context, table)} WHERE ${isCarried("s")} AND ${rowOfCopy(columns)} = ${rowOfWork(table, columns)}`,
  );
  if (whole !== staged) fail(`of ${staged} rows of \`${table.name}\`, ${whole} stand in the copy as planned`);
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
  const computed = table.computedKeys.filter(({ expressions }) => expressions.length === 0);
  for (const { name, parts } of [...table.uniqueKeys, ...computed]) {
    if (name === "PRIMARY" || parts.some(({ prefix }) => prefix !== null)) continue;
    const equal = parts.map(({ column }) => `d.${quoteName(column)} = c.${quoteName(column)}`).join(" AND ");
    const other = table.key.map((column) => `d.${quoteName(column)} <> c.${quoteName(column)}`).join(" OR ");
    const twins = await count(
      context,
      `${found(context, table)} STRAIGHT_JOIN ${quoteTable(context.database, table.name)} d ON ${equal} AND (${other})
       WHERE ${isCarried("s")}`,
    );
    if (twins > 0) fail(`${twins} rows of \`${table.name}\` share the unique key \`${name}\` with preserved ones`);
  }
}

/** Work rows, each with its row in the copy. */
function found({ workspace, database }: Merging, table: PlannedTable): string {
  return `${workspace.rows(table.name)} s STRAIGHT_JOIN ${quoteTable(database, table.name)} c ON ${isRowOf(table)}`;
}
