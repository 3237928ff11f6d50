// How an error names a reference, and one of the rows that it counts. The design's rule 5 holds: no personal data in errors, and these also
// go into the run store and dead letters. A number that the contract lets through as it is counts rows and says nothing of
// anybody; a text, or a number that masking changes, may be a person's. Such rows are told by a SELECT without a value.
import type { SqlValue } from "../../contracts/platform.ts";
import { quoteName } from "../mysql/identifiers.ts";
import { primaryKey, type Table } from "../mysql/schema.ts";
import { isInteger } from "./plan-columns.ts";
import type { PlannedReference } from "./preserve-plan.ts";

/** The primary key of staging's table where each of its columns is an integer that the contract keeps; else none. */
export function namedBy(staging: Table, isMasked: (table: string, column: string) => boolean): readonly string[] {
  const key = primaryKey(staging);
  const mayStand = (name: string) =>
    !isMasked(staging.name, name) && staging.columns.some((column) => column.name === name && isInteger(column));
  return key.every(mayStand) ? key : [];
}

/** `` `order_items` with `order_id` 7, `line` 2 ``. */
export function rowName(
  { name, named }: { readonly name: string; readonly named: readonly string[] },
  value: (column: string) => SqlValue | bigint | undefined,
): string {
  return `${quoteName(name)} with ${named.map((column) => `${quoteName(column)} ${String(value(column))}`).join(", ")}`;
}

/** `` `audit_logs.data.$.company_id` → `companies.id` ``. */
export function referenceName({ table, columns, parentTable, parentColumns, link }: PlannedReference): string {
  const path = link?.place.kind === "document" ? `.${link.place.path}` : "";
  return `\`${table}.${columns.join(", ")}${path}\` → \`${parentTable}.${parentColumns.join(", ")}\``;
}
