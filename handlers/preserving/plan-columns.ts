// Schema drift between staging and the copy: which columns are carried, and how each is read without losing anything.
import { FatalError } from "../../contracts/errors.ts";
import type { Column, Table } from "../mysql/schema.ts";
import type { PlannedColumn } from "./preserve-plan.ts";

/** Bits of the integer types. https://dev.mysql.com/doc/refman/8.4/en/integer-types.html */
const INTEGER_BITS: Readonly<Record<string, bigint>> = {
  tinyint: 8n,
  smallint: 16n,
  mediumint: 24n,
  int: 32n,
  bigint: 64n,
};

/** Types that mysql2 would parse into objects: their bytes are carried. */
const BYTES_WITHOUT_TEXT = new Set([
  "geometry",
  "point",
  "linestring",
  "polygon",
  "multipoint",
  "multilinestring",
  "multipolygon",
  "geometrycollection",
  "geomcollection",
  "vector",
]);

/** Types that hold megabytes, or that are no text and have a literal of their own. */
const LONG = /^(?:(?:medium|long)(?:text|blob)|json|bit)$/;

export function isInteger(column: Pick<Column, "dataType">): boolean {
  return column.dataType in INTEGER_BITS;
}

/** The highest number that an integer column holds; 0 for a column of another type. */
export function highestInteger(column: Column): bigint {
  const bits = INTEGER_BITS[column.dataType];
  if (bits === undefined) return 0n;
  return 2n ** (/\bunsigned\b/i.test(column.columnType) ? bits : bits - 1n) - 1n;
}

/**
 * The columns that staging and the copy both have. Notes those that the copy lacks.
 *
 * @throws FatalError `PRESERVE_COLUMN_REQUIRED` for a column of the copy that neither staging nor a default fills
 */
export function commonColumns(staging: Table, copy: Table, notes: string[]): PlannedColumn[] {
  for (const column of copy.columns) {
    if (staging.columns.some((other) => other.name === column.name) || fillsItself(column)) continue;
    throw new FatalError(
      "PRESERVE_COLUMN_REQUIRED",
      `\`${copy.name}.${column.name}\` is required in production, has no default, and staging has no such column. Add it to staging's \`${copy.name}\` and fill it for the rows to preserve, or give it a default in production, then replay the run.`,
    );
  }
  return staging.columns.flatMap((column) => {
    const planned = planColumn(column, copy);
    if (!planned && !column.generated)
      notes.push(`\`${copy.name}.${column.name}\` is dropped: production has no such column.`);
    return planned ?? [];
  });
}

/** Names of columns that can be NULL in staging, and in the copy cannot. */
export function requiredColumns(staging: Table, copy: Table): string[] {
  const required = copy.columns.filter(({ nullable, generated }) => !nullable && !generated);
  return required.flatMap(({ name }) =>
    staging.columns.some((column) => column.name === name && column.nullable) ? name : [],
  );
}

/** The copy's columns that staging lacks. */
export function defaultedColumns(staging: Table, copy: Table): PlannedColumn[] {
  return copy.columns
    .filter(({ name }) => !staging.columns.some((other) => other.name === name))
    .flatMap((column) => planColumn(column, copy) ?? []);
}

function fillsItself(column: Column): boolean {
  return column.nullable || column.generated || column.autoIncrement || column.default !== null;
}

/** One of staging's columns as it is carried, or undefined where the copy does not have it. */
export function planColumn(column: Column, copy: Table): PlannedColumn | undefined {
  const target = copy.columns.find((other) => other.name === column.name);
  return (
    target && {
      name: target.name,
      type: target.columnType,
      characterSet: target.characterSet,
      collation: target.collation,
      nullable: target.nullable,
      integer: isInteger(target),
      generated: target.generated,
      read: BYTES_WITHOUT_TEXT.has(column.dataType) ? "hex" : column.dataType === "float" ? "double" : "plain",
      literal: literalOf(column),
    }
  );
}

function literalOf(column: Column): PlannedColumn["literal"] {
  if (BYTES_WITHOUT_TEXT.has(column.dataType) || LONG.test(column.dataType)) return "long";
  if (/^(?:(?:var)?binary|(?:tiny)?blob)$/.test(column.dataType)) return "bytes";
  if (isInteger(column)) return "integer";
  if (column.characterSet === null) return "other";
  return column.characterSet === "utf8mb4" ? "text" : "foreign text";
}
