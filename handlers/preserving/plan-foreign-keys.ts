// The foreign keys along which rows hang together: of either schema, whose columns both have, and those that are declared.
import { FatalError } from "../../contracts/errors.ts";
import type { DeclaredReference } from "../../contracts/sync-contract.ts";
import type { ForeignKey, Schema } from "../mysql/schema.ts";
import { isPlain } from "./declared/plan-link.ts";

/** A foreign key, or a declared reference in the form of one. */
export interface UsableKey extends ForeignKey {
  /** It stands in `references`. */
  readonly inContract?: true;
  /** Where the values are not the column's own as they stand. */
  readonly declared?: DeclaredReference;
}

export interface ForeignKeys {
  readonly usable: readonly UsableKey[];
  /** The copy's over columns that staging lacks. */
  readonly defaulted: readonly ForeignKey[];
  /** Sentences about staging's foreign keys that lead out of the copy, for the tables that are carried. */
  notesFor(tables: ReadonlySet<string>): string[];
}

/**
 * Staging's foreign keys and the copy's, each once. The data is staging's, the keys that must hold in the end are the
 * copy's, and either may have some that the other lacks. Then the declared ones.
 *
 * @param references those that `examineDeclaration` finds nothing wrong with
 * @throws FatalError `PRESERVE_REFERENCE_DRIFT` where the copy's foreign key leads to a table that staging lacks while
 *   staging has the referring column: nobody can say what its values mean
 */
export function usableForeignKeys(
  staging: Schema,
  copy: Schema,
  references: readonly DeclaredReference[] = [],
): ForeignKeys {
  const usable = new Map<string, UsableKey>();
  const known: string[] = [];
  const lost: ForeignKey[] = [];
  const defaulted: ForeignKey[] = [];
  for (const key of foreignKeysOf(staging)) {
    if (hasChild(copy, key) && hasParent(copy, key)) usable.set(signature(key), key);
    else lost.push(key);
  }
  for (const key of foreignKeysOf(copy)) {
    if (!hasChild(staging, key)) defaulted.push(key);
    else if (!hasParent(staging, key)) refuse(key);
    else usable.set(signature(key), key);
  }
  for (const reference of references) {
    const key = toKey(reference, copy);
    const name = signature(key);
    if (usable.has(name)) known.push(`\`${key.table}.${key.name}\` is declared in \`references\` and in a schema too.`);
    else usable.set(name, key);
  }
  return {
    usable: [...usable.values()],
    defaulted,
    notesFor: (tables) => [
      ...lost
        .filter((key) => tables.has(key.table) || tables.has(key.parentTable))
        .map(
          (key) =>
            `Staging's foreign key \`${key.table}.${key.name}\` is not followed: production lacks its table or columns.`,
        ),
      ...known,
    ],
  };
}

function foreignKeysOf(schema: Schema): ForeignKey[] {
  return [...schema.tables.values()].flatMap((table) => table.foreignKeys);
}

function hasChild(schema: Schema, key: ForeignKey): boolean {
  return hasColumns(schema, key.table, key.columns);
}

function hasParent(schema: Schema, key: ForeignKey): boolean {
  return hasColumns(schema, key.parentTable, key.parentColumns);
}

function hasColumns(schema: Schema, table: string, columns: readonly string[]): boolean {
  const found = schema.tables.get(table)?.columns;
  return found !== undefined && columns.every((name) => found.some((column) => column.name === name));
}

function signature({ table, columns, parentTable, parentColumns, declared }: UsableKey): string {
  return JSON.stringify([table, columns, parentTable, parentColumns, declared]);
}

function toKey(reference: DeclaredReference, copy: Schema): UsableKey {
  const { table, column, path, parentTable, parentColumn } = reference;
  const find = (name: string, of: string) => copy.tables.get(name)?.columns.find((other) => other.name === of);
  const [child, parent] = [find(table, column), find(parentTable, parentColumn)];
  const plain = child && parent && isPlain(reference, child, parent);
  return {
    name: path === undefined ? column : `${column}.${path}`,
    ...{ table, columns: [column], parentTable, parentColumns: [parentColumn], inContract: true },
    ...(!plain && { declared: reference }),
  };
}

function refuse(key: ForeignKey): never {
  throw new FatalError(
    "PRESERVE_REFERENCE_DRIFT",
    `In production \`${key.table}.${key.columns.join(", ")}\` refers to \`${key.parentTable}\`, which staging does not have as production does. Bring staging's schema up to production's, then replay the run.`,
  );
}
