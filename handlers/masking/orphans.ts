// Rows whose parent stayed behind, as the server's ON DELETE would treat them: one statement for one foreign key.
import { quoteName, quoteTable } from "../mysql/identifiers.ts";
import type { Orphans, TablePlan } from "./plan.ts";

/**
 * Deletes them, or empties their reference and leaves the rest of the row alone; where there must be none, selects one.
 * A reference with a NULL in it is none.
 */
export function orphansStatement(database: string, table: TablePlan, orphans: Orphans): string {
  const { columns, parentTable, parentColumns, become } = orphans;
  const own = (column: string) => `c.${quoteName(column)}`;
  const keys = parentColumns.map((column) => `p.${quoteName(column)}`);
  const isParent = columns.map((column, i) => `${keys[i]} = ${own(column)}`).join(" AND ");
  const isSet = columns.map((column) => `${own(column)} IS NOT NULL`).join(" AND ");
  const join = `${quoteTable(database, table.table)} c LEFT JOIN ${quoteTable(database, parentTable)} p ON ${isParent}`;
  const where = `${keys[0]} IS NULL AND ${isSet}`;
  if (become === "refused") return `SELECT 1 AS found FROM ${join} WHERE ${where} LIMIT 1`;
  if (become === "deleted") return `DELETE c FROM ${join} WHERE ${where}`;
  const emptied = columns.map((column) => `${own(column)} = NULL`);
  // Set to themselves, they do not change to now.
  const times = table.columns
    .filter(({ type, transform }) => /^(?:timestamp|datetime)/i.test(type) && transform.name !== "generated")
    .map(({ column }) => `${own(column)} = ${own(column)}`);
  return `UPDATE ${join} SET ${[...emptied, ...times].join(", ")} WHERE ${where}`;
}
