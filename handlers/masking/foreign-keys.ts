// Foreign keys are followed: what masks a parent's column masks its children's alike, so that rows keep each other.
import { isDeepStrictEqual } from "node:util";
import type { MaskingContract, Transform } from "../../contracts/sync-contract.ts";
import type { Column, ForeignKey, Schema, Table } from "../mysql/schema.ts";
import { columnId } from "./column-kind.ts";
import type { Refusal } from "./refusals.ts";
import { givenTransform, ruleOf } from "./rules.ts";
import { applyTransform, isMasking, type MaskingTransform } from "./transforms/index.ts";

/** One column of a foreign key, and the parent's column that it refers to. */
export interface Reference {
  readonly foreignKey: ForeignKey;
  readonly child: Place;
  readonly parent: Place;
}

interface Place {
  readonly table: Table;
  readonly column: Column;
}

export interface Followed {
  /** A column's transform: its own in the contract, or that of the column it refers to; undefined where there is none. */
  transformOf(table: Table, column: Column): Transform | undefined;
  /** Part of a foreign key, as child or parent. */
  isLinked(column: Column): boolean;
  readonly refused: readonly Refusal[];
  /** References whose child is masked as its parent is. */
  readonly references: readonly Reference[];
}

/** As the contract has it, and as it is carried out: `permute` always has a domain, of its root where none is given. */
interface Resolved {
  readonly written: Transform;
  readonly transform: Transform;
}

/** Pure. Truncated tables are left out: they have no rows to lose. */
export function followForeignKeys(contract: MaskingContract, schema: Schema): Followed {
  const references = referencesOf(contract, schema);
  const byChild = Map.groupBy(references, ({ child }) => child.column);
  const resolve = (place: Place) => resolveAt(contract, byChild, place, []);
  const refused: Refusal[] = [];
  const followed: Reference[] = [];
  for (const reference of references) {
    const refusal = check(reference, resolve(reference.child), resolve(reference.parent));
    if (refusal === "followed") followed.push(reference);
    else if (refusal) refused.push(refusal);
  }
  const linked = new Set(references.flatMap(({ child, parent }) => [child.column, parent.column]));
  return {
    transformOf: (table, column) => resolve({ table, column })?.transform,
    isLinked: (column) => linked.has(column),
    refused,
    references: parentsFirst(followed),
  };
}

/** The columns that a column refers to. */
export function parentsOf(schema: Schema, table: Table, column: Column): Place[] {
  return table.foreignKeys.flatMap((foreignKey) =>
    pairs(schema, foreignKey)
      .filter(({ child }) => child.column === column)
      .map(({ parent }) => parent),
  );
}

/** Whether any column refers to this one. */
export function isReferredTo(schema: Schema, table: Table, column: Column): boolean {
  return [...schema.tables.values()]
    .flatMap(({ foreignKeys }) => foreignKeys)
    .some(
      ({ parentTable, parentColumns }) =>
        parentTable === table.name && parentColumns.some((name) => columnId(name) === columnId(column.name)),
    );
}

function referencesOf(contract: MaskingContract, schema: Schema): Reference[] {
  const isTruncated = ({ table }: Place) => ruleOf(contract, table)?.kind === "truncate";
  return [...schema.tables.values()]
    .flatMap(({ foreignKeys }) => foreignKeys.flatMap((foreignKey) => pairs(schema, foreignKey)))
    .filter(({ child, parent }) => !isTruncated(child) && !isTruncated(parent));
}

function pairs(schema: Schema, foreignKey: ForeignKey): Reference[] {
  return foreignKey.columns.flatMap((name, i) => {
    const child = placeOf(schema, foreignKey.table, name);
    const parent = placeOf(schema, foreignKey.parentTable, foreignKey.parentColumns[i] ?? "");
    return child && parent ? { foreignKey, child, parent } : [];
  });
}

function placeOf(schema: Schema, tableName: string, name: string): Place | undefined {
  const table = schema.tables.get(tableName);
  const column = table?.columns.find((candidate) => columnId(candidate.name) === columnId(name));
  return table && column && { table, column };
}

/** @param seen the way here: foreign keys may go round in circles. */
function resolveAt(
  contract: MaskingContract,
  byChild: ReadonlyMap<Column, readonly Reference[]>,
  place: Place,
  seen: readonly Column[],
): Resolved | undefined {
  const written = givenTransform(contract, place.table, place.column);
  if (written && !isMasking(written)) return { written, transform: written };
  for (const { parent } of byChild.get(place.column) ?? []) {
    if (seen.includes(parent.column)) continue;
    const above = resolveAt(contract, byChild, parent, [...seen, place.column]);
    const isSame = above && isMasking(above.written) && (!written || isDeepStrictEqual(written, above.written));
    if (isSame) return above;
  }
  if (!written) return undefined;
  const domain = `${place.table.name}.${place.column.name}`;
  return { written, transform: written.name === "permute" ? { domain, ...written } : written };
}

function check(reference: Reference, child?: Resolved, parent?: Resolved): Refusal | "followed" | undefined {
  const { foreignKey, child: at, parent: to } = reference;
  const by = `the foreign key \`${foreignKey.name}\``;
  const refuse = ({ table, column }: Place, transform: Transform, message: string): Refusal => ({
    code: "MASK_FOREIGN_KEY",
    table: table.name,
    column: column.name,
    message: `\`${transform.name}\` on ${named({ table, column })}: ${message}`,
  });
  if (child?.written.name === "null") return undefined; // it refers to nothing then
  if (!parent || !isMasking(parent.transform)) {
    if (!child || !isMasking(child.transform)) return undefined;
    const message = `the column refers to ${named(to)} by ${by}, and that one is not masked; rows would lose each other. Mask ${named(to)}, and ${named(at)} follows by itself, or use \`keep\` or \`null\`.`;
    return refuse(at, child.written, message);
  }
  if (!child) return undefined;
  if (!isDeepStrictEqual(child.written, parent.written)) {
    const message = `the column refers to ${named(to)} by ${by}, which \`${parent.written.name}\` masks; rows would lose each other. Leave ${named(at)} out of the contract, and it is masked alike, or use \`null\`.`;
    return refuse(at, child.written, message);
  }
  return cannotFollow(reference, parent.transform, refuse) ?? "followed";
}

function cannotFollow(
  { foreignKey, child, parent }: Reference,
  transform: MaskingTransform,
  refuse: (place: Place, transform: Transform, message: string) => Refusal,
): Refusal | undefined {
  const above = applyTransform(transform, { ...parent.column, name: "v" }, parent.table);
  const below = applyTransform(transform, { ...child.column, name: "v" }, child.table);
  if (!above.fits) return undefined; // refused for itself
  if (above.distinctWithin === undefined || above.reads) {
    const message = `${named(child)} refers to the column by the foreign key \`${foreignKey.name}\` and would have to be masked alike, which this transform cannot promise; rows would lose each other. Use one that keeps different values different (docs/transforms.md), or \`keep\`.`;
    return refuse(parent, transform, message);
  }
  // The server holds the two to one type; lengths may differ where the SQL does not.
  if (below.fits && below.sql === above.sql) return undefined;
  const message = `the column is \`${child.column.columnType}\` and refers to ${named(parent)}, which is \`${parent.column.columnType}\`, by the foreign key \`${foreignKey.name}\`: masked, the two would differ. Give both the same type, or keep both.`;
  return refuse(child, transform, message);
}

/** Those that a reference's parent is itself the child of come before it. Where they go round in circles, any is first. */
function parentsFirst(references: readonly Reference[]): Reference[] {
  const byChild = Map.groupBy(references, ({ child }) => child.column);
  const ordered = new Set<Reference>();
  const begun = new Set<Reference>();
  const visit = (reference: Reference): void => {
    if (begun.has(reference)) return;
    begun.add(reference);
    byChild.get(reference.parent.column)?.forEach(visit);
    ordered.add(reference);
  };
  references.forEach(visit);
  return [...ordered];
}

function named({ table, column }: Place): string {
  return `\`${table.name}.${column.name}\``;
}
