// A range of a table's rows along its chunk key: as a condition, and where the next one ends.
import type { WriteSession } from "../../contracts/platform.ts";
import { quoteName, quoteTable } from "../mysql/identifiers.ts";
import { bytesLiteral, textLiteral } from "../mysql/literals.ts";
import type { ChunkKey, LiteralKind, TablePlan } from "./plan.ts";

/** A point in the key's order: a literal for each of its columns. */
export type Boundary = readonly string[];

/** The rows after `low`, up to and with `high`; the first range has no `low`, and the last no `high`. */
export interface Range {
  readonly low: Boundary | null;
  readonly high: Boundary | null;
}

/** All rows, in ranges that end at these points, and one behind the last. */
export function rangesUpTo(ends: readonly Boundary[]): Range[] {
  return [...ends, null].map((high, i) => ({ low: ends[i - 1] ?? null, high }));
}

/** The rows of a table's range as a condition; a table without a chunk key is one range. */
export function withinRange({ chunkKey }: TablePlan, range: Range): string {
  return chunkKey ? rangeCondition(chunkKey, range) : "TRUE";
}

/**
 * A range as a condition. Row constructors are written out, and the leading column's range is told apart, since MySQL
 * 5.6 finds no index range in `(a, b) > (1, 2)`.
 * https://dev.mysql.com/doc/refman/5.6/en/row-constructor-optimization.html
 */
export function rangeCondition(key: ChunkKey, { low, high }: Range): string {
  const conditions = [low && beyond(key, low, ">"), high && beyond(key, high, "<")].filter((c) => c !== null);
  return conditions.length > 0 ? conditions.join(" AND ") : "TRUE";
}

/** Strictly after a boundary, or before and with it. */
function beyond(key: ChunkKey, boundary: Boundary, operator: ">" | "<"): string {
  const terms = key.columns.map(({ column }, i) => ({ name: quoteName(column), value: boundary[i] ?? "NULL" }));
  const [first] = terms;
  if (!first || boundary.length !== terms.length) throw new TypeError("A boundary does not belong to its key.");
  const alternatives = terms.map(({ name, value }, i) => {
    const isLast = i === terms.length - 1;
    const equal = terms.slice(0, i).map((term) => `${term.name} = ${term.value}`);
    return [...equal, `${name} ${operator}${isLast && operator === "<" ? "=" : ""} ${value}`].join(" AND ");
  });
  if (alternatives.length === 1) return alternatives.join("");
  return `${first.name} ${operator}= ${first.value} AND ((${alternatives.join(") OR (")}))`;
}

/** The table as a statement names it, held to the chunk key's index: with old statistics a server may prefer a scan. */
export function tableByKey(database: string, table: TablePlan): string {
  const name = quoteTable(database, table.table);
  return table.chunkKey ? `${name} FORCE INDEX (${quoteName(table.chunkKey.index)})` : name;
}

/** Where the `rows` rows after `low` end, or null where there are fewer. Reads these rows' keys, and no more. */
export async function findBoundary(
  session: WriteSession,
  database: string,
  table: TablePlan,
  low: Boundary | null,
  rows: number,
): Promise<Boundary | null> {
  const key = table.chunkKey;
  if (!key) return null;
  const values = key.columns.map(({ column, literal }, i) => `${exactly(quoteName(column), literal)} AS k${i}`);
  // Qualified: a bare name would mean the selected value where the column is called `k0`.
  const names = key.columns.map(({ column }) => `${quoteName(table.table)}.${quoteName(column)}`).join(", ");
  const [row] = await session.query(
    `SELECT ${values.join(", ")} FROM ${tableByKey(database, table)} WHERE ${rangeCondition(key, { low, high: null })}
     ORDER BY ${names} LIMIT 1 OFFSET ${rows - 1}`,
  );
  return row ? key.columns.map(({ literal }, i) => literalOf(String(row[`k${i}`]), literal)) : null;
}

/** Strings go as their bytes: not every character set survives the way to UTF-8 and back. */
function exactly(name: string, { form }: LiteralKind): string {
  return form === "text" || form === "bytes" ? `HEX(${name})` : name;
}

function literalOf(value: string, kind: LiteralKind): string {
  switch (kind.form) {
    case "number":
      if (!/^-?\d+(\.\d+)?$/.test(value)) throw new TypeError("A number was expected.");
      return value;
    case "time":
      return textLiteral(value);
    case "text":
      return bytesLiteral(value, kind.characterSet);
    case "bytes":
    default:
      return bytesLiteral(value);
  }
}
