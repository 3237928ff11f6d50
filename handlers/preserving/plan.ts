// From rules and two schemas to a plan: which tables are carried, by which columns, along which foreign keys. Pure.
import { FatalError } from "../../contracts/errors.ts";
import type { DeclaredReference, PreserveRule } from "../../contracts/sync-contract.ts";
import { primaryKey, type Schema, type Table } from "../mysql/schema.ts";
import { planLink } from "./declared/plan-link.ts";
import { decisionsOf } from "./decisions.ts";
import { checkDeclaration } from "./examine-declaration.ts";
import type { PlannedMatch } from "./match-plan.ts";
import { namedBy } from "./name-row.ts";
import { planMasks, type ColumnMask } from "./plan-masks.ts";
import { planMatches } from "./plan-matches.ts";
import { planMoves, type Moves } from "./plan-moves.ts";
import { commonColumns, defaultedColumns, isInteger, planColumn, requiredColumns } from "./plan-columns.ts";
import { planKeys } from "./plan-keys.ts";
import { usableForeignKeys, type UsableKey } from "./plan-foreign-keys.ts";
import { planNulls } from "./plan-nulls.ts";
import type { PlannedColumn, PlannedLink, PlannedReference, PlannedTable, PreservePlan } from "./preserve-plan.ts";
import { bringing, indexOfWay, planWays, policyOfTable, reach, wayOf } from "./ways.ts";

export interface PlanOptions {
  /** What the contract masks in a table, for rules that say `mask: true`. */
  readonly masksOf?: (table: string) => readonly ColumnMask[];
  /** The foreign keys that no schema declares. */
  readonly references?: readonly DeclaredReference[];
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
 * @throws FatalError those of `checkDeclaration`, `PRESERVE_ENGINE`, `PRESERVE_COLUMN_REQUIRED`,
 *   `PRESERVE_KEY_UNCHECKED`, `PRESERVE_REFERENCE_DRIFT`, `PRESERVE_REFERENCE_TYPES`, `PRESERVE_PARENT_NOT_NULL`,
 *   `PRESERVE_MASK_UNFIT`, those of `planMatches`
 */
export function planPreserve(
  rules: readonly PreserveRule[],
  staging: Schema,
  copy: Schema,
  { isMasked, masksOf = () => [], references = [] }: PlanOptions = {},
): PreservePlan {
  checkDeclaration({ preserve: rules, references }, { staging, production: copy });
  const notes: string[] = [];
  const foreignKeys = usableForeignKeys(staging, copy, references);
  const reached = reach(rules, foreignKeys.usable);
  const held = foreignKeys.usable.filter((key) => reached.has(key.table));
  const matches = planMatches(rules, held, staging, copy, isMasked ?? (() => false));
  const ways = planWays(rules);
  const planned = held.map((key) =>
    planReference(key, reached.has(key.parentTable), staging, copy, isMasked ?? (() => true)),
  );
  const masking = reach(
    rules.filter(({ where, mask }) => where === undefined || mask === true),
    foreignKeys.usable,
  );
  const masks = new Map([...masking].map((table) => [table, planMasks(table, masksOf(table), planned)] as const));
  const moves = planMoves(reached, held, staging, copy, (table) => [
    ...changedByMatch(matches.get(table)),
    ...(masks.get(table) ?? []).map(({ column }) => column),
  ]);
  const tables = [...reached].map((name) => ({
    ...planTable(name, rules, staging, copy, moves, notes),
    // What is not known to be left alone by masking may be personal.
    named: namedBy(mustGet(staging, name), isMasked ?? (() => true)),
    match: matches.get(name) ?? null,
    masks: masks.get(name) ?? [],
  }));
  notes.push(...foreignKeys.notesFor(reached));
  const plan = planNulls(copy, {
    rules: bringing(rules).map((rule) => ({
      table: rule.table,
      where: rule.where,
      way: indexOfWay(ways, wayOf(rule)),
    })),
    ways,
    tables,
    references: planned,
    following: moves.following,
    defaulted: foreignKeys.defaulted.filter((key) => reached.has(key.table)),
    notes,
  });
  // Refuses a match that waits for itself.
  decisionsOf(plan);
  return plan;
}

function changedByMatch(match: PlannedMatch | undefined): string[] {
  return match ? [...match.adopted, ...(match.renamed ? [match.renamed.column] : [])] : [];
}

function planTable(
  name: string,
  rules: readonly PreserveRule[],
  staging: Schema,
  copy: Schema,
  moves: Moves,
  notes: string[],
): Omit<PlannedTable, "match" | "masks" | "named"> {
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
    required: requiredColumns(from, to),
    identity: whole(primaryKey(from)),
    key: whole(primaryKey(to)),
    id: moves.ids.get(name) ?? null,
    moving: moves.movingOf(name),
    parents: policyOfTable(rules, name),
    ...planKeys(to, columns),
  };
}

function planReference(
  key: UsableKey,
  carried: boolean,
  staging: Schema,
  copy: Schema,
  isMasked: (table: string, column: string) => boolean,
): PlannedReference {
  const from = mustGet(staging, key.parentTable);
  const to = mustGet(copy, key.parentTable);
  if (!key.declared) checkTypes(key, mustGet(copy, key.table), to);
  const planned = from.columns.flatMap((column) => planColumn(column, to) ?? []);
  const byName = new Map(planned.map((column) => [column.name, column]));
  const comparable = (column: string): boolean =>
    byName.has(column) && !isMasked(to.name, column) && sourcesOf(to, column).every(comparable);
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
    nulls: [],
    zeroIsNone: key.inContract === true && hasZero(byName.get(parentColumns[0] ?? "")),
    link: linkOf(key, to, byName),
  };
}

/** The columns that a generated one is computed from: masking changes it with them. */
function sourcesOf({ columns }: Table, name: string): string[] {
  const { generated, expression } = columns.find((column) => column.name === name) ?? {};
  // Where the server does not tell, an unknown column stands for them.
  if (generated && expression === undefined) return [""];
  return [...(expression ?? "").matchAll(/`((?:[^`]|``)+)`/g)].map(([, source = ""]) => source.replaceAll("``", "`"));
}

/** A number can be 0 and a text be empty. */
function hasZero(column: PlannedColumn | undefined): boolean {
  return column !== undefined && (column.integer || column.characterSet !== null);
}

function linkOf(
  { declared }: UsableKey,
  parent: Table,
  planned: ReadonlyMap<string, PlannedColumn>,
): PlannedLink | null {
  const column = parent.columns.find(({ name }) => name === declared?.parentColumn);
  const value = planned.get(column?.name ?? "");
  return declared && column && value ? planLink(declared, column, value) : null;
}

function checkTypes(key: UsableKey, child: Table, parent: Table): void {
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
