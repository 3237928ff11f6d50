// Unique keys after masking, decided before a row changes: which rows could collide, by what the transforms promise.
import type { Column, FunctionalKey, Key, Table } from "../mysql/schema.ts";
import { columnId } from "./column-kind.ts";
import { DISTINCT_VALUES, type Masked } from "./transforms/transform.ts";
import { columnOf, fateOf, type MaskedById } from "./uniqueness-of-expressions.ts";

export type { MaskedById } from "./uniqueness-of-expressions.ts";

export interface Collision {
  readonly key: Key;
  /** The masked columns to blame: different values of theirs may become equal in the key. */
  readonly columns: readonly Column[];
}

/** Two alike among all of a column's values: tolerated once in so many runs. */
const RUNS = 1_000;

/** The unique keys that masking could break, in the table's order. */
export function collisionsOf(table: Table, masked: MaskedById): Collision[] {
  return [...table.keys, ...(table.functionalKeys ?? [])]
    .filter((key) => key.unique && !isExempt(table, key, masked))
    .map((key) => ({ key, columns: blamed(table, key, masked) }))
    .filter(({ key, columns }) => columns.length > 0 && !holdsAnother(table, key, masked));
}

export interface Room {
  readonly rows: number;
  readonly key: Key;
}

/**
 * With how many rows two of a column's new values would meet by chance under a unique key, once in a thousand runs, and
 * under which; undefined where they cannot, or no key minds. By the birthday bound: n² / 2N for n rows and N values.
 */
export function roomForRows(table: Table, column: Column, masked: MaskedById): Room | undefined {
  const own = masked.get(columnId(column.name));
  if (own?.distinctValues === undefined) return undefined;
  const asIfLossy = new Map([...masked, [columnId(column.name), lossy(own)]]);
  const minding = collisionsOf(table, asIfLossy)
    .filter(({ columns }) => columns.includes(column))
    .map(({ key }) => ({ key, isWhole: holdsWhole(key, column) }));
  const narrowest = minding.find(({ isWhole }) => !isWhole) ?? minding[0];
  if (!narrowest) return undefined;
  const values = narrowest.isWhole ? own.distinctValues : Math.min(own.distinctValues, DISTINCT_VALUES);
  return { rows: Math.floor(Math.sqrt((2 * values) / RUNS)), key: narrowest.key };
}

/** Neither a prefix alone, nor what is computed from it. */
function holdsWhole({ parts }: Key, column: Column): boolean {
  return parts.some(({ column: name, prefix }) => prefix === null && columnId(name) === columnId(column.name));
}

/** Whether new values of a column could be another row's old ones, under a unique key, while rows change one by one. */
export function meetsOldValues(table: Table, masked: MaskedById): boolean {
  const asIfLossy = new Map(
    [...masked].map(([id, own]) => [id, own.permutation === undefined ? own : lossy(own)] as const),
  );
  return collisionsOf(table, asIfLossy).length > 0;
}

function lossy({ sql, unchanged }: Masked): Masked {
  return { fits: true, sql, unchanged };
}

/** A row with NULL in a key is never a duplicate. https://dev.mysql.com/doc/refman/8.4/en/create-index.html */
function isExempt(table: Table, key: Key | FunctionalKey, masked: MaskedById): boolean {
  return (
    key.parts.some(({ column }) => becomesNull(table, column, masked)) ||
    expressionsOf(key).some((expression) => fateOf(table, expression, masked).becomes === "null")
  );
}

function becomesNull(table: Table, name: string, masked: MaskedById): boolean {
  const column = columnOf(table, name);
  if (!column?.generated) return masked.get(columnId(name))?.sql === "NULL";
  return column.nullable && fateOf(table, column.expression, masked).becomes === "null";
}

/**
 * The key has all columns of another one, which stays unique by itself: it does, whatever becomes of the rest. Rows that
 * have a NULL in the other one have it in the key, too.
 */
function holdsAnother(table: Table, key: Key, masked: MaskedById): boolean {
  const firm = new Set(
    key.parts
      .filter((part) => part.prefix === null && blamedPart(table, part, masked).length === 0)
      .map(({ column }) => columnId(column)),
  );
  return table.keys.some(
    (other) => other.unique && other.parts.every(({ column, prefix }) => prefix === null && firm.has(columnId(column))),
  );
}

function blamed(table: Table, key: Key | FunctionalKey, masked: MaskedById): Column[] {
  return [
    ...new Set([
      ...key.parts.flatMap((part) => blamedPart(table, part, masked)),
      ...expressionsOf(key).flatMap((expression) => blamedSources(table, expression, masked)),
    ]),
  ];
}

/** What makes a key's part lose distinctness: its own column, or those that a generated column is computed from. */
function blamedPart(table: Table, part: Key["parts"][number], masked: MaskedById): readonly Column[] {
  const column = columnOf(table, part.column);
  if (!column) return [];
  if (column.generated) return blamedSources(table, column.expression, masked, part.prefix);
  const own = masked.get(columnId(column.name));
  if (!own) return [];
  const isDistinct = own.distinctWithin !== undefined && (part.prefix === null || part.prefix >= own.distinctWithin);
  return isDistinct ? [] : [column];
}

/** Of a computed value nobody knows which characters tell it apart, so a prefix is not enough of it. */
function blamedSources(
  table: Table,
  expression: string | undefined,
  masked: MaskedById,
  prefix: number | null = null,
): readonly Column[] {
  const { becomes, columns } = fateOf(table, expression, masked);
  return becomes === "distinct" && prefix === null ? [] : columns;
}

function expressionsOf(key: Key | FunctionalKey): readonly string[] {
  return "expressions" in key ? key.expressions : [];
}
