// Why a transform must not be put on a column, decided before a row changes.
import type { Column, Schema, Table } from "../mysql/schema.ts";
import { columnId } from "./column-kind.ts";
import { isReferredTo, parentsOf } from "./foreign-keys.ts";
import { applyTransform, type Masked, type MaskingTransform, type TransformOf } from "./transforms/index.ts";
import type { Room } from "./plan.ts";
import { collisionsOf, roomForRows, type Collision, type MaskedById } from "./uniqueness.ts";

/** Something in the contract that cannot be carried out. */
export interface Refusal {
  readonly code: string;
  readonly table: string;
  readonly column?: string;
  readonly message: string;
  /** Where it is about an exception: which of `masking.allow`, from 0. */
  readonly allowance?: number;
}

interface Named {
  readonly name: string;
}

/** Transforms that keep different values different, in the order in which they are proposed. */
const DISTINCT = ["hash", "email", "username", "uuid", "url", "ip", "permute", "null"] as const;

/** The transform as SQL, or why it does not fit the column. */
export function fitTransform(
  table: Table,
  column: Column,
  transform: MaskingTransform,
  transformOf?: TransformOf,
): Masked | Refusal {
  const masked = applyTransform(transform, column, table, transformOf);
  if (masked.fits) return masked;
  return refuse(
    "MASK_TRANSFORM_UNFIT",
    table,
    column,
    transform,
    `${masked.reason}; the column is \`${column.columnType}\`.`,
  );
}

/** As `fitTransform`, and whether the column may have the transform while all others are kept. */
export function maskColumn(
  schema: Schema,
  table: Table,
  column: Column,
  transform: MaskingTransform,
  transformOf?: TransformOf,
): Masked | Refusal {
  const masked = fitTransform(table, column, transform, transformOf);
  if ("code" in masked) return masked;
  const refers = parentsOf(schema, table, column).length > 0 && transform.name !== "null";
  if (refers || (isReferredTo(schema, table, column) && masked.distinctWithin === undefined)) {
    return refuse("MASK_FOREIGN_KEY", table, column, transform, "the column is part of a foreign key.");
  }
  const own = new Map([[columnId(column.name), masked]]);
  const [collision] = collisionsOf(table, own);
  return collision ? notUnique(table, column, transform, collision, own) : masked;
}

/** Different values under a unique key may become equal. */
export function notUnique(
  table: Table,
  column: Column,
  transform: MaskingTransform,
  { key }: Pick<Collision, "key">,
  masked: MaskedById,
): Refusal {
  const isOwn = key.parts.some((part) => columnId(part.column) === columnId(column.name));
  const where = isOwn ? `the unique key \`${key.name}\`` : `the unique key \`${key.name}\`, which is computed from it,`;
  const message = `different values may become equal, and ${where} forbids it. ${use(distinctTransforms(table, column, masked, table.estimatedRows))}`;
  return refuse("MASK_NOT_UNIQUE", table, column, transform, message);
}

/** The column has room for fewer different values than the table has rows. */
export function tooManyRows(
  table: Named,
  column: Named,
  transform: Named,
  { rows, key, instead }: Room,
  found: string,
): Refusal {
  const message = `the column has room for so few different values that two of more than ${rows} rows would meet under the unique key \`${key}\`; the table has ${found}. Make the column longer. ${use(instead)}`;
  return refuse("MASK_NOT_UNIQUE", table, column, transform, message);
}

/** No table has as many. */
const ANY_ROWS = 1e9;

/** How many rows the column's new values allow, and what would allow any; undefined where they do, or no key minds. */
export function roomOf(table: Table, column: Column, masked: MaskedById): Room | undefined {
  const room = roomForRows(table, column, masked);
  return room && { rows: room.rows, key: room.key.name, instead: distinctTransforms(table, column, masked, ANY_ROWS) };
}

/** Which transforms would do instead, the table's others being as they are. */
function distinctTransforms(table: Table, column: Column, masked: MaskedById, rows: number): string[] {
  return DISTINCT.filter((name) => {
    const instead = applyTransform({ name }, column, table);
    if (!instead.fits) return false;
    const all = new Map([...masked, [columnId(column.name), instead]]);
    const room = roomForRows(table, column, all)?.rows ?? Infinity;
    return room >= rows && !collisionsOf(table, all).some(({ columns }) => columns.includes(column));
  });
}

function use(names: readonly string[]): string {
  return `Use ${names.map((name) => `\`${name}\`, `).join("")}${names.length > 0 ? "or " : ""}\`keep\`.`;
}

function refuse(code: string, table: Named, column: Named, transform: Named, message: string): Refusal {
  return {
    code,
    table: table.name,
    column: column.name,
    message: `\`${transform.name}\` on \`${table.name}.${column.name}\`: ${message}`,
  };
}
