// Tells a row before masking and after it: by a unique key that no transform touches.
import { quoteName } from "../../mysql/identifiers.ts";
import type { Column, Table } from "../../mysql/schema.ts";
import { columnId, kindOf } from "../column-kind.ts";
import { proofDigest } from "../keyed.ts";
import { maskedColumns, type TablePlan } from "../plan.ts";

/** The columns of the first such key; undefined where none is fit. */
function identifyingColumns(table: Table, plan: TablePlan): Column[] | undefined {
  const masked = new Set(maskedColumns(plan).map(({ column }) => columnId(column)));
  const columns = new Map(table.columns.map((column) => [columnId(column.name), column]));
  for (const key of table.keys.filter(({ unique }) => unique)) {
    const parts = key.parts.flatMap(({ column, prefix }) =>
      prefix === null ? (columns.get(columnId(column)) ?? []) : [],
    );
    const isFit = (column: Column) => !column.nullable && !column.generated && !masked.has(columnId(column.name));
    if (parts.length === key.parts.length && parts.every(isFit)) return parts;
  }
  return undefined;
}

/**
 * SQL for text that is the same for a row before and after, and another for every row; undefined where no key is fit.
 *
 * @param of the table as a statement names it, with a dot behind; for where bare names could be another table's
 */
export function rowIdentity(table: Table, plan: TablePlan, of = ""): string | undefined {
  const exact = identifyingColumns(table, plan)?.map((column) => exactly(column, of));
  return exact && (exact.length === 1 ? exact[0] : `CONCAT_WS(',', ${exact.join(", ")})`);
}

/** The longest that `rowKey` gives. */
export const ROW_KEY_BYTES = 64;
/** Numbers and times have 26 characters at most, so that two make a short key. */
const SHORT_KINDS = new Set(["integer", "year", "date", "datetime", "time"]);
const SHORT_PARTS = 2;

/**
 * SQL for bytes by which a row's record is found: its identity, so that records lie as the rows do, or a digest of one that
 * is long. Undefined where no key is fit.
 */
export function rowKey(table: Table, plan: TablePlan, of = ""): string | undefined {
  const columns = identifyingColumns(table, plan);
  const identity = rowIdentity(table, plan, of);
  if (!columns || identity === undefined) return undefined;
  const isShort = columns.length <= SHORT_PARTS && columns.every((column) => SHORT_KINDS.has(kindOf(column)));
  return isShort ? `CAST(${identity} AS BINARY)` : proofDigest(identity);
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
