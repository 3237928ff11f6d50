// What a transform must not be put on, decided before a row changes: keys that hold tables together, and unique ones.
import { primaryKey, type Column, type Key, type Schema, type Table } from "../mysql/schema.ts";
import { columnId } from "./column-kind.ts";
import { applyTransform, type Masked, type MaskingTransform } from "./transforms/index.ts";

/** Something in the contract that cannot be carried out. */
export interface Refusal {
  readonly code: string;
  readonly table: string;
  readonly column?: string;
  readonly message: string;
}

/** The transform as SQL, or why the column must not have it. */
export function maskColumn(
  schema: Schema,
  table: Table,
  column: Column,
  transform: MaskingTransform,
): Masked | Refusal {
  const refuse = (code: string, message: string): Refusal => ({
    code,
    table: table.name,
    column: column.name,
    message: `\`${transform.name}\` on \`${table.name}.${column.name}\`: ${message}`,
  });
  const masked = applyTransform(transform, column, table);
  if (!masked.fits) return refuse("MASK_TRANSFORM_UNFIT", `${masked.reason}; the column is \`${column.columnType}\`.`);
  if (includes(primaryKey(table), column)) {
    return refuse("MASK_PRIMARY_KEY", "the column is part of the primary key, which must be kept.");
  }
  const link = foreignKeyOf(schema, table, column, transform);
  if (link) {
    return refuse("MASK_FOREIGN_KEY", `the column is part of the foreign key ${link}; rows would lose each other.`);
  }
  const key = table.keys.find((candidate) => mayCollide(table, candidate, column, masked));
  if (key) {
    return refuse(
      "MASK_NOT_UNIQUE",
      `different values may become equal, and the unique key \`${key.name}\` forbids it. ${advice(table, key, column)}`,
    );
  }
  return masked;
}

/** A masked child may become NULL: then it refers to nothing. */
function foreignKeyOf(schema: Schema, table: Table, column: Column, transform: MaskingTransform): string | undefined {
  for (const { foreignKeys } of schema.tables.values()) {
    for (const { name, table: child, columns, parentTable, parentColumns } of foreignKeys) {
      const isChild = child === table.name && includes(columns, column) && transform.name !== "null";
      const isParent = parentTable === table.name && includes(parentColumns, column);
      if (isChild || isParent) return `\`${name}\` of \`${child}\``;
    }
  }
  return undefined;
}

function mayCollide(table: Table, key: Key, column: Column, masked: Masked): boolean {
  if (!key.unique) return false;
  const part = key.parts.find((candidate) => columnId(candidate.column) === columnId(column.name));
  if (!part) return false;
  // The primary key is never masked: a key that has all of it is unique whatever becomes of the rest.
  const primary = table.keys.find(({ name }) => name === "PRIMARY")?.parts;
  const hasPrimary = primary?.every((own) => key.parts.some((p) => p.column === own.column && p.prefix === null));
  if (hasPrimary) return false;
  if (masked.distinctWithin === undefined) return true;
  return part.prefix !== null && part.prefix < masked.distinctWithin;
}

/** Which transforms would do instead. */
function advice(table: Table, key: Key, column: Column): string {
  const names = (["hash", "email", "null"] as const).filter((name) => {
    const masked = applyTransform({ name }, column, table);
    return masked.fits && !mayCollide(table, key, column, masked);
  });
  return `Use ${[...names, "keep"].map((name) => `\`${name}\``).join(" or ")}.`;
}

function includes(names: readonly string[], column: Column): boolean {
  return names.some((name) => columnId(name) === columnId(column.name));
}
