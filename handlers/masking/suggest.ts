// Proposes a transform for a column that the contract does not name: a guess for a human to review.
import type { Transform } from "../../contracts/sync-contract.ts";
import type { Column, Schema, Table } from "../mysql/schema.ts";
import { kindOf } from "./column-kind.ts";
import { parentsOf } from "./foreign-keys.ts";
import { maskColumn } from "./refusals.ts";

/** Words of column names, split at `_` and at humps, that decide before the type does. */
const EMAIL = /^e?mail$/;
const SECRET = /^(?:token|secret|password|passwd|hash|digest|signature|salt|key|uuid|guid|session|cookie)$/;
const HARMLESS_TEXT =
  /^(?:status|state|type|kind|currency|locale|lang|language|timezone|slug|sku|version|unit|mime|format|category)$/;
const PERSONAL_NUMBER =
  /^(?:birth|birthday|birthdate|dob|born|salary|income|iban|ssn|phone|tel|lat|lng|latitude|longitude|balance)$/;

/**
 * The first of the likely transforms that the column may have; for a foreign key's child, what its parent has.
 *
 * @param given what the contract says already
 */
export function suggestTransform(
  schema: Schema,
  table: Table,
  column: Column,
  given: (table: Table, column: Column) => Transform | undefined = () => undefined,
  seen: readonly Column[] = [],
): Transform {
  const parent = parentsOf(schema, table, column).find((place) => !seen.includes(place.column));
  if (parent) {
    const own = given(parent.table, parent.column);
    return own ?? suggestTransform(schema, parent.table, parent.column, given, [...seen, column]);
  }
  const fit = likely(column).find(
    (name) => name === "keep" || !("code" in maskColumn(schema, table, column, { name })),
  );
  return { name: fit ?? "keep" };
}

function likely(column: Column): ("keep" | "redact" | "email" | "hash" | "null")[] {
  const words = column.name
    .replaceAll(/([a-z])([A-Z])/g, "$1_$2")
    .toLowerCase()
    .split(/[^a-z]+/);
  const has = (pattern: RegExp) => words.some((word) => pattern.test(word));
  switch (kindOf(column)) {
    case "text":
      if (has(EMAIL)) return ["email", "redact", "hash", "null"];
      if (has(SECRET)) return ["hash", "redact", "null"];
      return has(HARMLESS_TEXT) ? ["keep"] : ["redact", "hash", "null"];
    case "bytes":
    case "json":
    case "other":
      return ["redact", "hash", "null"];
    case "integer":
    case "decimal":
    case "float":
    case "date":
    case "datetime":
      return has(PERSONAL_NUMBER) ? ["redact", "null"] : ["keep"];
    case "bit":
    case "time":
    case "year":
    case "enum":
    case "set":
    default:
      return ["keep"];
  }
}
