// How the proof finds a preserved row in the copy.
import { quoteName } from "../../mysql/identifiers.ts";
import type { PlannedTable } from "../preserve-plan.ts";
import { valueInCopy } from "../workspace.ts";

/** `c` in the copy is the work row `s`, by the copy's primary key. Only for a table that has one. */
export function isRowOf(table: PlannedTable): string {
  return table.key.map((column) => `c.${quoteName(column)} = ${valueInCopy(table, column, "s")}`).join(" AND ");
}
