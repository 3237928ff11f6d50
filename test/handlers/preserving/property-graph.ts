// A random schema with rows on both sides whose ids clash: what the property test of preserving is about.
import fc, { type GeneratorValue } from "fast-check";

export type Value = number | string | null;
export type Row = Readonly<Record<string, Value>>;
/** By table. */
export type Rows = ReadonlyMap<string, readonly Row[]>;

export interface GraphColumn {
  readonly name: string;
  readonly type: string;
  readonly nullable: boolean;
}

/** A foreign key. Another kind of reference would say here how its value is found in a row. */
export interface GraphReference {
  readonly columns: readonly string[];
  readonly parent: string;
  readonly parentColumns: readonly string[];
}

export interface GraphTable {
  readonly name: string;
  /** The primary key's columns; empty: there is none. */
  readonly key: readonly string[];
  /** The one of them that may be given anew: an integer, alone or beside a parent's key. */
  readonly id: string | null;
  readonly columns: readonly GraphColumn[];
  readonly references: readonly GraphReference[];
  readonly unique: readonly (readonly string[])[];
  readonly counts: boolean;
}

export interface Graph {
  /** The first is the one that the rule is about. */
  readonly tables: readonly GraphTable[];
  readonly staging: Rows;
  readonly production: Rows;
  readonly batchRows: number;
}

const INTEGERS = ["TINYINT", "SMALLINT UNSIGNED", "MEDIUMINT", "INT UNSIGNED", "BIGINT", "BIGINT UNSIGNED"];

/** Draws one; the tables refer to each other in any direction, and every one hangs on one before it. */
export const graphs: fc.Arbitrary<Graph> = fc.gen().map((draw) => {
  const random = randomly(draw);
  const tables: GraphTable[] = [];
  for (let i = random.between(2, 5); i > 0; i--) tables.push(drawTable(random, tables));
  const linked = tables.map((table, i) => withReferences(random, table, tables, i));
  const staging = whole(linked, fill(random, linked, "staging", new Map()));
  const shared = whole(linked, withoutDemo(linked, staging));
  const production = whole(linked, fill(random, linked, "production", shared));
  return { tables: linked, staging, production, batchRows: random.between(1, 6) };
});

type Random = ReturnType<typeof randomly>;

function randomly(draw: GeneratorValue) {
  const between = (min: number, max: number) => draw(fc.integer, { min, max });
  return {
    between,
    chance: (percent: number) => between(1, 100) > 100 - percent,
    of: <T>(list: readonly T[]): T | undefined => list[between(0, Math.max(0, list.length - 1))],
  };
}

/** A table with its key, and the references that are part of it. */
function drawTable(random: Random, before: readonly GraphTable[]): GraphTable {
  const name = `t${before.length}`;
  const parent = random.of(before.filter(({ key }) => key.length > 0));
  const label = { name: "label", type: "VARCHAR(20)", nullable: false };
  const empty = { name, id: null, references: [], unique: [], counts: false };
  if (!parent || random.chance(40)) {
    const id = { name: "id", type: random.of(INTEGERS) ?? "INT", nullable: false };
    const demo = before.length === 0 ? [{ name: "demo", type: "TINYINT", nullable: false }] : [];
    return { ...empty, key: ["id"], id: "id", columns: [id, label, ...demo], counts: random.chance(50) };
  }
  const kind = random.of(["owned", "extension", "link", "natural", "none"] as const);
  const nr = { name: "nr", type: "SMALLINT", nullable: false };
  if (kind === "natural") return { ...empty, key: ["nr", "nr2"], columns: [nr, { ...nr, name: "nr2" }, label] };
  if (kind === "none") return { ...empty, key: [], columns: [label] };
  const parents =
    kind === "link" ? [parent, random.of(before.filter(({ key }) => key.length > 0)) ?? parent] : [parent];
  const references = parents.map((to, i) => referenceTo(to, `p${i}`));
  const columns = parents.flatMap((to, i) => columnsFor(references[i], to, false));
  const own = kind === "owned" ? [nr] : [];
  const key = [...columns, ...own].map((column) => column.name);
  return { ...empty, key, id: kind === "owned" ? nr.name : null, columns: [...columns, ...own, label], references };
}

/** With further references to any table, its own and later ones among them, and perhaps a unique key. */
function withReferences(random: Random, table: GraphTable, tables: readonly GraphTable[], i: number): GraphTable {
  const keyed = tables.filter(({ key }) => key.length > 0);
  const first =
    i > 0 && table.references.length === 0 ? [random.of(keyed.filter((other) => tables.indexOf(other) < i))] : [];
  const parents = [...first, ...Array.from({ length: random.between(0, 2) }, () => random.of(keyed))];
  const more = parents.flatMap((parent, k) => (parent ? [{ parent, reference: referenceTo(parent, `r${k}`) }] : []));
  const columns = more.flatMap(({ parent, reference }) => columnsFor(reference, parent, random.chance(60)));
  const references = [...table.references, ...more.map(({ reference }) => reference)];
  const value = { name: "value", type: "INT", nullable: true };
  const scope = random.chance(50) ? (references[0]?.columns ?? []) : [];
  const unique = random.chance(40) ? [[...scope, value.name]] : [];
  return { ...table, columns: [...table.columns, ...columns, value], references, unique };
}

function referenceTo(parent: GraphTable, prefix: string): GraphReference {
  return { columns: parent.key.map((_, k) => `${prefix}_${k}`), parent: parent.name, parentColumns: parent.key };
}

function columnsFor(reference: GraphReference | undefined, parent: GraphTable, nullable: boolean): GraphColumn[] {
  return (reference?.columns ?? []).map((name, k) => {
    const type = parent.columns.find((column) => column.name === parent.key[k])?.type ?? "INT";
    return { name, type, nullable };
  });
}

/** Rows with keys first, then references to any of them; what leads nowhere is left to `whole`. */
function fill(random: Random, tables: readonly GraphTable[], side: "staging" | "production", shared: Rows): Rows {
  const rows = new Map<string, Record<string, Value>[]>();
  for (const table of tables) {
    const found = (shared.get(table.name) ?? []).filter(() => random.chance(90));
    rows.set(
      table.name,
      found.map((row, n) => ({ ...row, label: `p-${table.name}-s${n}` })),
    );
    for (let n = random.between(1, 5); n > 0; n--) rows.get(table.name)?.push(drawRow(random, table, rows, side, n));
  }
  for (const table of tables) {
    for (const row of rows.get(table.name) ?? []) {
      for (const reference of table.references)
        if (!isKey(table, reference)) refer(random, reference, table, row, rows);
    }
  }
  return rows;
}

function drawRow(random: Random, table: GraphTable, rows: Rows, side: "staging" | "production", n: number) {
  const row: Record<string, Value> = { label: `${side[0]}-${table.name}-${n}` };
  if (table.key.length === 0 && random.chance(50)) row["label"] = `${side[0]}-same`;
  for (const { name } of table.columns) {
    if (name === "id") row[name] = random.between(0, 9);
    if (name === "nr" || name === "nr2") row[name] = random.between(1, 3);
    if (name === "demo") row[name] = side === "staging" && random.chance(60) ? 1 : 0;
    if (name === "value") row[name] = random.chance(20) ? null : random.between(1, 30) + (side === "staging" ? 0 : 25);
  }
  for (const reference of table.references) if (isKey(table, reference)) refer(random, reference, table, row, rows);
  return row;
}

function refer(random: Random, reference: GraphReference, table: GraphTable, row: Record<string, Value>, rows: Rows) {
  const nullable = table.columns.some(({ name, nullable: can }) => can && name === reference.columns[0]);
  const parent = nullable && random.chance(30) ? undefined : random.of(rows.get(reference.parent) ?? []);
  for (const [k, column] of reference.columns.entries()) {
    row[column] = parent ? (parent[reference.parentColumns[k] ?? ""] ?? null) : null;
  }
}

function isKey(table: GraphTable, reference: GraphReference): boolean {
  return reference.columns.every((column) => table.key.includes(column));
}

/** Without rows that a server would refuse: equal keys, NULL where there can be none, references that lead nowhere. */
function whole(tables: readonly GraphTable[], rows: Rows): Rows {
  const left = new Map<string, readonly Row[]>();
  for (const table of tables) left.set(table.name, distinct(table, rows.get(table.name) ?? []));
  for (let before = -1, after = sizeOf(left); before !== after; before = after, after = sizeOf(left)) {
    for (const table of tables)
      left.set(
        table.name,
        (left.get(table.name) ?? []).filter((row) => stands(table, row, left)),
      );
  }
  return left;
}

function distinct({ key, unique, columns }: GraphTable, rows: readonly Row[]): Row[] {
  const seen = new Set<string>();
  return rows.filter((row) => {
    if (columns.some(({ name, nullable }) => !nullable && row[name] === null)) return false;
    const keys = [key, ...unique].filter((names) => names.length > 0 && valuesOf(row, names));
    const names = keys.map((of) => JSON.stringify([of, valuesOf(row, of)]));
    if (names.some((name) => seen.has(name))) return false;
    for (const name of names) seen.add(name);
    return true;
  });
}

function stands(table: GraphTable, row: Row, rows: Rows): boolean {
  return table.references.every((reference) => {
    const values = valuesOf(row, reference.columns);
    return (
      !values ||
      (rows.get(reference.parent) ?? []).some((parent) => sameValues(parent, reference.parentColumns, values))
    );
  });
}

/** The values of these columns; undefined where one is NULL, as such a reference leads nowhere and such a key is unique. */
export function valuesOf(row: Row, columns: readonly string[]): readonly Value[] | undefined {
  const values = columns.map((column) => row[column] ?? null);
  return values.includes(null) ? undefined : values;
}

export function sameValues(row: Row, columns: readonly string[], values: readonly Value[]): boolean {
  return columns.every((column, k) => row[column] === values[k]);
}

function sizeOf(rows: Rows): number {
  return [...rows.values()].reduce((sum, { length }) => sum + length, 0);
}

/** Production's part in staging: what does not hang on a demo row. */
function withoutDemo(tables: readonly GraphTable[], staging: Rows): Rows {
  const set = hangingOn(tables, staging);
  return new Map([...staging].map(([name, rows]) => [name, rows.filter((row) => !set.has(row))]));
}

/** The rows of the first table that are demos, and every row that refers to one that hangs on them. */
export function hangingOn(tables: readonly GraphTable[], rows: Rows): Set<Row> {
  const set = new Set<Row>();
  const take = (table: GraphTable, row: Row): void => {
    if (set.has(row)) return;
    set.add(row);
    for (const child of tables) {
      for (const { columns, parent, parentColumns } of child.references) {
        const values = parent === table.name ? valuesOf(row, parentColumns) : undefined;
        if (!values) continue;
        for (const other of rows.get(child.name) ?? []) if (sameValues(other, columns, values)) take(child, other);
      }
    }
  };
  for (const table of tables.slice(0, 1)) {
    for (const row of rows.get(table.name) ?? []) if (row["demo"] === 1) take(table, row);
  }
  return set;
}
