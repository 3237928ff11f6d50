// Which column of a primary key can be given anew where production has the key already.
import { primaryKey, type Column, type ForeignKey, type Schema } from "../mysql/schema.ts";
import { isInteger } from "./plan-columns.ts";

/** Characters of a UUID without hyphens, and its bytes. */
const UUID_DIGITS = 32;
const UUID_BYTES = 16;

/**
 * The table's id: an integer or a UUID of its own, filled by staging. It is the whole primary key, or the part that stands
 * beside foreign keys (a tenant and a number), or counts by itself.
 *
 * Another number beside a value that refers to nothing known may be a reference that nobody declared: to give it anew
 * would tear rows apart, so such a key has no id.
 */
export function idOf(
  table: string,
  foreignKeys: readonly ForeignKey[],
  staging: Schema,
  copy: Schema,
): string | undefined {
  const target = copy.tables.get(table);
  const key = target ? primaryKey(target) : [];
  const refers = (name: string) => foreignKeys.some((other) => other.table === table && other.columns.includes(name));
  const own = key.filter((name) => !refers(name));
  const columns = target?.columns.filter(({ name }) => own.includes(name)) ?? [];
  const id = columns.find(({ autoIncrement }) => autoIncrement) ?? (own.length === 1 ? columns[0] : undefined);
  if (!id || !canBeAnew(id)) return undefined;
  const isWhole = (name: string) => staging.tables.get(table)?.columns.some((column) => column.name === name);
  return key.every(isWhole) ? id.name : undefined;
}

/** Text may hold UUIDs or anything else: whether it does is seen row by row. */
function canBeAnew(column: Column): boolean {
  if (column.generated) return false;
  if (isInteger(column) || column.dataType === "uuid") return true;
  if (/^(var)?binary$/.test(column.dataType)) return column.maxBytes === UUID_BYTES;
  return /^(var)?char$/.test(column.dataType) && (column.maxCharacters ?? 0) >= UUID_DIGITS;
}
