// From rules and two schemas to a plan: which tables are carried, by which columns, along which foreign keys. Pure.
import { FatalError } from "../../contracts/errors.ts";
import { didYouMean } from "../../contracts/nearest.ts";
import type { PreserveRule } from "../../contracts/sync-contract.ts";
import { primaryKey, type ForeignKey, type Schema, type Table } from "../mysql/schema.ts";
import { planMoves, type Moves } from "./plan-moves.ts";
import { commonColumns, defaultedColumns, isInteger, planColumn, planUniqueKeys } from "./plan-columns.ts";
import { usableForeignKeys } from "./plan-foreign-keys.ts";
import type { PlannedReference, PlannedTable, PreservePlan } from "./preserve-plan.ts";

export interface PlanOptions {
  /**
   * Whether masking changed the column's values in the copy. A parent outside the set is compared with staging's row by
   * its unique keys of unmasked columns; without this, by the referenced key alone.
   */
  readonly isMasked?: (table: string, column: string) => boolean;
}

/**
 * Plans what `preserveRows` does. Reads nothing but its arguments; the result is plain JSON.
 *
 * @param staging where the rows are; `copy` where they go: the masked copy of production
 * @throws FatalError `PRESERVE_TABLE_UNKNOWN`, `PRESERVE_TABLE_MISSING`, `PRESERVE_ENGINE`, `PRESERVE_COLUMN_REQUIRED`,
 *   `PRESERVE_REFERENCE_DRIFT`, `PRESERVE_REFERENCE_TYPES`
 */
export function planPreserve(
  rules: readonly PreserveRule[],
  staging: Schema,
  copy: Schema,
  { isMasked = () => true }: PlanOptions = {},
): PreservePlan {
  for (const rule of rules) checkRule(rule, staging, copy);
  const notes: string[] = [];
  const foreignKeys = usableForeignKeys(staging, copy);
  const reached = reach(rules, foreignKeys.usable);
  const held = foreignKeys.usable.filter((key) => reached.has(key.table));
  const moves = planMoves(reached, held, staging, copy);
  const tables = [...reached].map((name) => planTable(name, staging, copy, moves, notes));
  notes.push(...foreignKeys.notesFor(reached));
  return {
    rules: rules.flatMap(({ table, where }) => (where === undefined ? [] : [{ table, where }])),
    tables,
    references: held.map((key) => planReference(key, reached.has(key.parentTable), staging, copy, isMasked)),
    following: moves.following,
    defaulted: foreignKeys.defaulted.filter((key) => reached.has(key.table)),
    notes,
  };
}

function checkRule({ table }: PreserveRule, staging: Schema, copy: Schema): void {
  if (!staging.tables.has(table)) {
    throw new FatalError(
      "PRESERVE_TABLE_UNKNOWN",
      `The rule to preserve \`${table}\` names no table of staging's database \`${staging.database}\`.${didYouMean(table, staging.tables.keys())} Correct \`preserve\` in sync.yaml, then replay the run.`,
    );
  }
  if (!copy.tables.has(table)) {
    throw new FatalError(
      "PRESERVE_TABLE_MISSING",
      `\`${table}\` is to be preserved, but production has no such table: its rows would have no place. Take the rule out of \`preserve\` in sync.yaml, then replay the run.`,
    );
  }
}

/** The rules' tables, then breadth first those whose rows can hang on rows of the tables before. */
function reach(rules: readonly PreserveRule[], foreignKeys: readonly ForeignKey[]): Set<string> {
  const reached = new Set(rules.map((rule) => rule.table));
  // A set iterates over what is added meanwhile.
  for (const parent of reached) {
    for (const key of foreignKeys) if (key.parentTable === parent) reached.add(key.table);
  }
  return reached;
}

function planTable(name: string, staging: Schema, copy: Schema, moves: Moves, notes: string[]): PlannedTable {
  const from = mustGet(staging, name);
  const to = mustGet(copy, name);
  if (!/^(innodb|rocksdb)$/i.test(to.engine)) {
    throw new FatalError(
      "PRESERVE_ENGINE",
      `\`${name}\` uses the engine ${to.engine || "(none)"} in the copy, which has no transactions: its rows cannot be carried exactly once. Convert it to InnoDB in production, or narrow \`preserve\` in sync.yaml.`,
    );
  }
  const columns = commonColumns(from, to, notes);
  const carried = new Set(columns.map((column) => column.name));
  const whole = (key: readonly string[]) => (key.every((column) => carried.has(column)) ? key : []);
  return {
    name,
    columns,
    defaulted: defaultedColumns(from, to),
    identity: whole(primaryKey(from)),
    key: whole(primaryKey(to)),
    id: moves.ids.get(name) ?? null,
    moving: moves.movingOf(name),
    uniqueKeys: planUniqueKeys(to, carried, notes),
  };
}

function planReference(
  key: ForeignKey,
  carried: boolean,
  staging: Schema,
  copy: Schema,
  isMasked: (table: string, column: string) => boolean,
): PlannedReference {
  const from = mustGet(staging, key.parentTable);
  const to = mustGet(copy, key.parentTable);
  checkTypes(key, mustGet(copy, key.table), to);
  const planned = from.columns.flatMap((column) => planColumn(column, to) ?? []);
  const byName = new Map(planned.map((column) => [column.name, column]));
  const comparable = (column: string) => byName.has(column) && !isMasked(to.name, column);
  const natural = to.keys
    .filter((unique) => unique.unique && unique.name !== "PRIMARY")
    .map((unique) => unique.parts.map((part) => part.column))
    .filter((columns) => columns.every(comparable));
  const { name, table, columns, parentTable, parentColumns } = key;
  return {
    name,
    table,
    columns,
    parentTable,
    parentColumns,
    carried,
    outside: [...new Set([...parentColumns, ...natural.flat()])].flatMap((column) => byName.get(column) ?? []),
  };
}

function checkTypes(key: ForeignKey, child: Table, parent: Table): void {
  for (const [i, name] of key.columns.entries()) {
    const parentName = key.parentColumns[i];
    const [a, b] = [child.columns.find((c) => c.name === name), parent.columns.find((c) => c.name === parentName)];
    if (a && b && isInteger(a) === isInteger(b)) continue;
    throw new FatalError(
      "PRESERVE_REFERENCE_TYPES",
      `\`${child.name}.${name}\` refers to \`${parent.name}.${parentName}\`, but in the copy one is ${a?.dataType} and the other ${b?.dataType}. Make the types equal in production, or drop the foreign key \`${key.name}\` in staging.`,
    );
  }
}

function mustGet(schema: Schema, name: string): Table {
  const table = schema.tables.get(name);
  if (!table) throw new TypeError(`The schema has no table ${name}.`);
  return table;
}
