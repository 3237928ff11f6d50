// Rows of a random schema for both sides, whose ids clash.
import fc from "fast-check";
import type { ParentPolicy } from "../../../contracts/sync-contract.ts";
import {
  drawMatch,
  drawTables,
  randomly,
  UUID_BYTES,
  UUID_TEXT,
  type GraphColumn,
  type GraphMatch,
  type GraphReference,
  type GraphTable,
  type Random,
} from "./property-graph.ts";
import { hangingOn, isNone, leads, rowWith, valuesOf, type Row, type Rows, type Value } from "./property-references.ts";

export interface Graph {
  /** The first is the one that the rule is about. */
  readonly tables: readonly GraphTable[];
  readonly match: GraphMatch | null;
  /** What becomes of references to rows that production lacks. */
  readonly parents: ParentPolicy;
  readonly staging: Rows;
  readonly production: Rows;
  readonly batchRows: number;
}

type Side = "staging" | "production";

export const graphs: fc.Arbitrary<Graph> = fc.gen().map((draw) => {
  const random = randomly(draw);
  const [tables, match] = drawMatch(random, drawTables(random));
  const staging = whole(tables, fill(random, tables, "staging", new Map()));
  const shared = whole(tables, withoutDemo(tables, staging));
  const production = whole(tables, fill(random, tables, "production", shared));
  const parents = random.of<ParentPolicy>(["fail", "carry", "null"]) ?? "fail";
  return { tables, match, parents, staging, production, batchRows: random.between(1, 6) };
});

/** Rows with keys first, then references to any of them; what leads nowhere is left to `whole`. */
function fill(random: Random, tables: readonly GraphTable[], side: Side, shared: Rows): Rows {
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

function drawRow(random: Random, table: GraphTable, rows: Rows, side: Side, n: number) {
  const row: Record<string, Value> = { label: `${side[0]}-${table.name}-${n}` };
  if (table.key.length === 0 && random.chance(50)) row["label"] = `${side[0]}-same`;
  for (const column of table.columns) {
    const { name } = column;
    if (name === "id") row[name] = idOf(column, random.between(0, 9));
    if (name === "nr" || name === "nr2") row[name] = random.between(1, 3);
    if (name === "demo") row[name] = side === "staging" && random.chance(60) ? 1 : 0;
    if (name === "value") row[name] = random.chance(20) ? null : random.between(1, 30) + (side === "staging" ? 0 : 25);
    // One name to their collation.
    if (name === "code") row[name] = `${side === "staging" ? "c" : "C"}${random.between(1, 9)}`;
    if (name.endsWith("_type")) row[name] = "none";
  }
  for (const reference of table.references) if (isKey(table, reference)) refer(random, reference, table, row, rows);
  return row;
}

/** A UUID of version 4 for each number. */
function idOf({ type }: GraphColumn, n: number): Value {
  if (type === UUID_TEXT) return `0000000${n}-aaaa-4bbb-8ccc-00000000000${n}`;
  return type === UUID_BYTES ? `0000000${n}aaaa4bbb8ccc00000000000${n}` : n;
}

function refer(random: Random, reference: GraphReference, table: GraphTable, row: Record<string, Value>, rows: Rows) {
  const { place } = reference;
  if (place !== undefined) return referDeclared(random, reference, table, row, rows);
  const nullable = table.columns.some(({ name, nullable: can }) => can && name === reference.columns[0]);
  const parent = nullable && random.chance(30) ? undefined : random.of(rows.get(reference.parent) ?? []);
  for (const [k, column] of reference.columns.entries()) {
    row[column] = parent ? (parent[reference.parentColumns[k] ?? ""] ?? null) : null;
  }
}

function referDeclared(
  random: Random,
  { columns: [column = ""], parent, parentColumns: [key = ""], place, when }: GraphReference,
  table: GraphTable,
  row: Record<string, Value>,
  rows: Rows,
) {
  const ids = () => random.of(rows.get(parent) ?? [])?.[key] ?? null;
  const type = table.columns.find(({ name }) => name === column)?.type ?? "";
  if (place === "document") {
    const refs = Array.from({ length: random.between(0, 3) }, () => (random.chance(10) ? null : ids()));
    const written = refs.map((id) => (typeof id === "number" && random.chance(50) ? String(id) : id));
    row[column] = `{ "n": 12345678901234567890.10,"refs": ${JSON.stringify(written)},"é": "/refs"}`;
  } else if (place === "text") {
    row[column] = Array.from({ length: random.between(0, 3) }, () => `see /${parent}/${ids() ?? "none!"}/`).join("\n");
  } else if (!when || random.chance(60)) {
    const id = random.chance(20) ? null : random.chance(10) && isOfText(type) ? "" : ids();
    row[column] = id !== null && isOfText(type) ? String(id) : id;
    if (random.chance(10) && typeof row[column] === "number") row[column] = 0;
    if (when) row[when.column] = when.value;
  } else row[column] ??= /INT/.test(type) ? random.between(0, 9) : null;
}

function isOfText(type: string): boolean {
  return type.startsWith("VARCHAR");
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
    if (columns.some(({ name, nullable }) => !nullable && (row[name] ?? null) === null)) return false;
    const keys = [key, ...unique].filter((names) => names.length > 0 && valuesOf(row, names));
    const names = keys.map((of) => JSON.stringify([of, valuesOf(row, of)]).toLowerCase());
    if (names.some((name) => seen.has(name))) return false;
    for (const name of names) seen.add(name);
    return true;
  });
}

function stands(table: GraphTable, row: Row, rows: Rows): boolean {
  return table.references.every((reference) =>
    leads(row, reference).every(
      (values) => isNone(reference, values) || rowWith(rows, reference.parent, reference.parentColumns, values),
    ),
  );
}

function sizeOf(rows: Rows): number {
  return [...rows.values()].reduce((sum, { length }) => sum + length, 0);
}

/** Production's part in staging: what does not hang on a demo row. */
function withoutDemo(tables: readonly GraphTable[], staging: Rows): Rows {
  const set = hangingOn(tables, staging);
  return new Map([...staging].map(([name, rows]) => [name, rows.filter((row) => !set.has(row))]));
}
