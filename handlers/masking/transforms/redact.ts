// `redact`: a value of the same type, and for strings of the same length, that says nothing.
import { quoteName } from "../../mysql/identifiers.ts";
import type { Column } from "../../mysql/schema.ts";
import { kindOf } from "../column-kind.ts";
import type { Masked, Misfit } from "./transform.ts";

/**
 * Text: as many asterisks as characters. Bytes: as many zero bytes. Numbers and bits: 0. Dates: 2000-01-01. Times:
 * midnight. ENUM: its first member. SET: the empty set. JSON: `{}`. Other types: NULL where the column may be NULL.
 */
export function redact(column: Column): Masked | Misfit {
  const name = quoteName(column.name);
  const constant = (literal: string) => masked(`IF(${name} IS NULL, NULL, ${literal})`, `${name} = ${literal}`);
  const numbered = (number: 0 | 1) => masked(`IF(${name} IS NULL, NULL, ${number})`, `${name} + 0 = ${number}`);
  switch (kindOf(column)) {
    case "text":
      return masked(`REPEAT('*', CHAR_LENGTH(${name}))`, `CHAR_LENGTH(REPLACE(${name}, '*', '')) = 0`);
    case "bytes":
      return masked(`REPEAT(x'00', LENGTH(${name}))`, `${name} = REPEAT(x'00', LENGTH(${name}))`);
    case "integer":
    case "decimal":
    case "float":
      return constant("0");
    case "date":
      return constant("'2000-01-01'");
    case "datetime":
      return constant("'2000-01-01 00:00:00'");
    case "time":
      return constant("'00:00:00'");
    case "year":
      return constant("2000");
    case "enum":
      return numbered(1);
    case "set":
    case "bit":
      return numbered(0);
    case "json":
      return masked(`IF(${name} IS NULL, NULL, '{}')`, `CAST(${name} AS CHAR) = '{}'`);
    case "other":
    default:
      return column.nullable
        ? { ...masked("NULL", "FALSE"), distinctWithin: 0 }
        : { fits: false, reason: "`redact` knows no neutral value for this type" };
  }
}

function masked(sql: string, unchanged: string): Masked {
  return { fits: true, sql, unchanged };
}
