// The foreign keys along which rows hang together: those of either schema whose columns both schemas have.
import { FatalError } from "../../contracts/errors.ts";
import type { ForeignKey, Schema } from "../mysql/schema.ts";

export interface ForeignKeys {
  readonly usable: readonly ForeignKey[];
  /** The copy's over columns that staging lacks. */
  readonly defaulted: readonly ForeignKey[];
  /** Sentences about staging's foreign keys that lead out of the copy, for the tables that are carried. */
  notesFor(tables: ReadonlySet<string>): string[];
}

/**
 * Staging's foreign keys and the copy's, each once. The data is staging's, the keys that must hold in the end are the
 * copy's, and either may have some that the other lacks.
 *
 * @throws FatalError `PRESERVE_REFERENCE_DRIFT` where the copy's foreign key leads to a table that staging lacks while
 *   staging has the referring column: nobody can say what its values mean
 */
export function usableForeignKeys(staging: Schema, copy: Schema): ForeignKeys {
  const usable = new Map<string, ForeignKey>();
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
  return {
    usable: [...usable.values()],
    defaulted,
    notesFor: (tables) =>
      lost
        .filter((key) => tables.has(key.table) || tables.has(key.parentTable))
        .map(
          (key) =>
            `Staging's foreign key \`${key.table}.${key.name}\` is not followed: production lacks its table or columns.`,
        ),
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

function signature({ table, columns, parentTable, parentColumns }: ForeignKey): string {
  return JSON.stringify([table, columns, parentTable, parentColumns]);
}

function refuse(key: ForeignKey): never {
  throw new FatalError(
    "PRESERVE_REFERENCE_DRIFT",
    `In production \`${key.table}.${key.columns.join(", ")}\` refers to \`${key.parentTable}\`, which staging does not have as production does. Bring staging's schema up to production's, then replay the run.`,
  );
}
