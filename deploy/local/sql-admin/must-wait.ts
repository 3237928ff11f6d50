// Which statements of a dump another session may run before those that stand before them have ended.
import type { StatementEffect, TableEffect } from "./statement-effect.ts";

/** Whether a statement may only begin when one that stands before it has ended. */
export function mustWait(next: StatementEffect, before: StatementEffect): boolean {
  if (!("table" in next) || !("table" in before)) return true;
  if (next.table === before.table) return next.on === "table" || before.on === "table";
  return next.on === "table" && before.on === "table" && areRelated(next, before);
}

/**
 * A foreign key needs its parent's key, and of two tables that it connects the server alters one at a time. A new table
 * need not wait for keys of its parent that are none of its own.
 */
function areRelated(next: TableEffect, before: TableEffect): boolean {
  const needed = next.parents.filter(({ table }) => table === before.table);
  if (before.parents.some(({ table }) => table === next.table)) return true;
  if (next.keys.length > 0 || before.keys.length === 0) return needed.length > 0;
  return needed.some(({ column }) => before.keys.includes(column));
}
