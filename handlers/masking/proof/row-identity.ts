// Tells a row before masking and after it: by a unique key that no transform touches.
import { quoteName } from "../../mysql/identifiers.ts";
import type { Column, Table } from "../../mysql/schema.ts";
import { columnId, kindOf } from "../column-kind.ts";
import { maskedColumns, type TablePlan } from "../plan.ts";

/**
 * SQL for text that is the same for a row before and after, and another for every row; undefined where no key is fit.
 *
 * @param of the table as a statement names it, with a dot behind; for where bare names could be another table's
 */
export function rowIdentity(table: Table, plan: TablePlan, of = ""): string | undefined {
  const masked = new Set(maskedColumns(plan).map(({ column }) => columnId(column)));
  const columns = new Map(table.columns.map((column) => [columnId(column.name), column]));
  for (const key of table.keys.filter(({ unique }) => unique)) {
    const parts = key.parts.map(({ column }) => columns.get(columnId(column)));
    const isFit = (column: Column | undefined) =>
      column && !column.nullable && !column.generated && !masked.has(columnId(column.name));
    if (key.parts.some(({ prefix }) => prefix !== null) || !parts.every(isFit)) continue;
    const exact = parts.map((column) => exactly(column!, of));
    return exact.length === 1 ? exact[0] : `CONCAT_WS(',', ${exact.join(", ")})`;
  }
  return undefined;
}

/** As its bytes, whatever the collation takes for equal. */
export function exactly(column: Column, of = ""): string {
  const name = `${of}${quoteName(column.name)}`;
  const kind = kindOf(column);
  return kind === "text" || kind === "bytes" ? `HEX(${name})` : `CAST(${name} AS CHAR)`;
}

const SAMPLE_ROWS = 20_000;

/**
 * A condition that holds for an even sample of a large table's rows: the same before and after, and cheap, since a server
 * tries every row with it.
 *
 * @param whole tables of so many rows and smaller ones are looked at whole
 */
export function sampleCondition(identity: string | undefined, rows: number, whole: number): string {
  if (identity === undefined || rows <= whole) return "TRUE";
  return `CRC32(${identity}) < ${Math.ceil((SAMPLE_ROWS / rows) * 2 ** 32)}`;
}
