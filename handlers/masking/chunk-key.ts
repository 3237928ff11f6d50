// Chooses the key by which a table is walked in chunks.
import type { Column, Key, Table } from "../mysql/schema.ts";
import { columnId, kindOf } from "./column-kind.ts";
import type { ChunkKey, LiteralKind } from "./plan.ts";

/**
 * The primary key, or else a unique key that no transform touches, as far as its leading columns are fit for ranges.
 *
 * Leading columns are enough: a chunk then ends between two of their values, and holds every row in between.
 */
export function chooseChunkKey(table: Table, masked: readonly string[]): ChunkKey | undefined {
  const candidates = table.keys.filter(({ unique }) => unique);
  for (const key of candidates) {
    const columns = leadingColumns(table, key, new Set(masked.map(columnId)));
    if (columns.length > 0) return { index: key.name, columns };
  }
  return undefined;
}

function leadingColumns(table: Table, key: Key, masked: ReadonlySet<string>): ChunkKey["columns"] {
  const leading = [];
  for (const { column: name, prefix } of key.parts) {
    const column = table.columns.find((candidate) => columnId(candidate.name) === columnId(name));
    const literal = column && literalKind(column);
    if (!literal || prefix !== null || column.nullable || column.generated || masked.has(columnId(name))) break;
    leading.push({ column: column.name, literal });
  }
  return leading;
}

/** Undefined for types whose literals do not sort as their index does (ENUM, SET), or not exactly (FLOAT). */
function literalKind(column: Column): LiteralKind | undefined {
  switch (kindOf(column)) {
    case "integer":
    case "decimal":
    case "year":
      return { form: "number" };
    case "date":
    case "datetime":
    case "time":
      return { form: "time" };
    case "text":
      return { form: "text", characterSet: column.characterSet ?? "utf8mb4" };
    case "bytes":
      return { form: "bytes" };
    case "float":
    case "bit":
    case "enum":
    case "set":
    case "json":
    case "other":
    default:
      return undefined;
  }
}
