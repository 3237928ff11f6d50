// Column types, sorted by what a transform must know of them.
import type { Column } from "../mysql/schema.ts";

export type ColumnKind =
  | "text"
  | "bytes"
  | "integer"
  | "decimal"
  | "float"
  | "bit"
  | "date"
  | "datetime"
  | "time"
  | "year"
  | "enum"
  | "set"
  | "json"
  | "other";

const KINDS: Readonly<Record<string, ColumnKind>> = {
  char: "text",
  varchar: "text",
  tinytext: "text",
  text: "text",
  mediumtext: "text",
  longtext: "text",
  binary: "bytes",
  varbinary: "bytes",
  tinyblob: "bytes",
  blob: "bytes",
  mediumblob: "bytes",
  longblob: "bytes",
  tinyint: "integer",
  smallint: "integer",
  mediumint: "integer",
  int: "integer",
  bigint: "integer",
  decimal: "decimal",
  float: "float",
  double: "float",
  bit: "bit",
  date: "date",
  datetime: "datetime",
  timestamp: "datetime",
  time: "time",
  year: "year",
  enum: "enum",
  set: "set",
  json: "json",
};

/** `other` for what has no literal of its own everywhere: geometry, vectors, MariaDB's uuid and inet. */
export function kindOf(column: Column): ColumnKind {
  return KINDS[column.dataType] ?? "other";
}

/** The members of an ENUM or SET, from `enum('a','it''s')`. */
export function membersOf(column: Column): string[] {
  const inside = column.columnType.slice(column.columnType.indexOf("(") + 1, column.columnType.lastIndexOf(")"));
  return [...inside.matchAll(/'((?:[^']|'')*)'/g)].map((match) => (match[1] ?? "").replaceAll("''", "'"));
}

/** The numbers in a type's parentheses: 10 and 2 of `decimal(10,2)`. */
export function typeNumbers(column: Column): number[] {
  return (/\(([\d,]+)\)/.exec(column.columnType)?.[1] ?? "").split(",").filter(Boolean).map(Number);
}

export function isUnsigned(column: Column): boolean {
  return /\bunsigned\b/i.test(column.columnType);
}

/** A column's name as MySQL compares it: without case. https://dev.mysql.com/doc/refman/8.4/en/identifier-case-sensitivity.html */
export function columnId(name: string): string {
  return name.toLowerCase();
}
