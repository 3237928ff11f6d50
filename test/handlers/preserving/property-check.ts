// What must be true after preserving, reckoned from plain SELECTs alone: nothing here knows how the engine works.
import assert from "node:assert/strict";
import type { Connection, RowDataPacket } from "mysql2/promise";
import { hangingOn, sameValues, valuesOf, type Graph, type GraphTable, type Row, type Rows } from "./property-graph.ts";

/** Statements that make the graph's tables with one side's rows; run with foreign key checks off. */
export function scriptOf({ tables }: Graph, rows: Rows): string[] {
  const create = tables.map(({ name, key, columns, references, unique, counts }) => {
    const own = columns.map((column) => {
      const counting = counts && column.name === "id" ? " AUTO_INCREMENT" : "";
      return `${column.name} ${column.type} ${column.nullable ? "NULL" : "NOT NULL"}${counting}`;
    });
    const keys = [
      ...(key.length > 0 ? [`PRIMARY KEY (${key.join(", ")})`] : []),
      ...unique.map((names) => `UNIQUE KEY (${names.join(", ")})`),
      ...references.map(
        (to) => `FOREIGN KEY (${to.columns.join(", ")}) REFERENCES ${to.parent} (${to.parentColumns.join(", ")})`,
      ),
    ];
    return `CREATE TABLE ${name} (${[...own, ...keys].join(", ")}) ENGINE=InnoDB`;
  });
  const insert = tables.flatMap(({ name, columns }) => {
    const values = (rows.get(name) ?? []).map(
      (row) => `(${columns.map((column) => JSON.stringify(row[column.name] ?? null)).join(", ")})`,
    );
    return values.length > 0
      ? [`INSERT INTO ${name} (${columns.map((column) => column.name).join(", ")}) VALUES ${values.join(", ")}`]
      : [];
  });
  return [...create, ...insert];
}

export async function readRows(connection: Connection, { tables }: Graph): Promise<Rows> {
  const rows = new Map<string, readonly Row[]>();
  for (const { name } of tables) {
    const [found] = await connection.query<RowDataPacket[]>(`SELECT * FROM ${name}`);
    rows.set(
      name,
      found.map((row) => ({ ...row })),
    );
  }
  return rows;
}

/** The codes with which the engine may refuse, as they are true; none: it must not. */
export function rightRefusals({ tables }: Graph, staging: Rows, production: Rows): Set<string> {
  const codes = new Set<string>();
  const set = hangingOn(tables, staging);
  for (const table of tables) {
    for (const row of staging.get(table.name) ?? []) {
      if (!set.has(row)) continue;
      if (table.references.some((reference) => isMissing(row, reference, staging, set, production)))
        codes.add("PRESERVE_PARENT_MISSING");
      if (table.unique.some((key) => isTaken(table, row, key, staging, set, production)))
        codes.add("PRESERVE_UNIQUE_CLASH");
      const isFixed = table.key.length > 0 && table.id === null;
      if (isFixed && isTaken(table, row, table.key, staging, set, production)) codes.add("PRESERVE_KEY_CLASH");
    }
  }
  return codes;
}

type Reference = GraphTable["references"][number];

function parentOf(row: Row, { columns, parent, parentColumns }: Reference, rows: Rows): Row | undefined {
  const values = valuesOf(row, columns);
  return values && rows.get(parent)?.find((other) => sameValues(other, parentColumns, values));
}

function isMissing(row: Row, reference: Reference, staging: Rows, set: ReadonlySet<Row>, production: Rows): boolean {
  const parent = parentOf(row, reference, staging);
  return parent !== undefined && !set.has(parent) && parentOf(row, reference, production) === undefined;
}

/** A key that holds a parent's, which is preserved too, is as free as that one's: nobody in production refers to it. */
function isTaken(
  table: GraphTable,
  row: Row,
  key: readonly string[],
  staging: Rows,
  set: ReadonlySet<Row>,
  production: Rows,
): boolean {
  const moves = table.references.some((reference) => {
    const parent = reference.columns.some((column) => key.includes(column))
      ? parentOf(row, reference, staging)
      : undefined;
    return parent !== undefined && set.has(parent);
  });
  const values = valuesOf(row, key);
  return (
    !moves && values !== undefined && (production.get(table.name) ?? []).some((own) => sameValues(own, key, values))
  );
}

/**
 * Production's rows are in the copy as before, and the rest are staging's preserved rows with the same references. An id
 * is kept where production left it free, and only there.
 */
export function assertPreserved({ tables }: Graph, staging: Rows, before: Rows, after: Rows): void {
  const set = hangingOn(tables, staging);
  const added = new Map(tables.map(({ name }) => [name, without(after.get(name) ?? [], before.get(name) ?? [])]));
  const arrived = new Set([...added.values()].flat());
  for (const table of tables) {
    const rows = (staging.get(table.name) ?? []).filter((row) => set.has(row));
    const copies = added.get(table.name) ?? [];
    assert.deepEqual(
      copies.map((row) => describe(table, row, after, arrived)).toSorted(),
      rows.map((row) => describe(table, row, staging, set)).toSorted(),
      `the preserved rows of ${table.name}`,
    );
    for (const row of table.id === null ? [] : rows) {
      const copy = copies.find(({ label }) => label === row["label"]);
      const taken = isTaken(table, row, table.key, staging, set, before);
      const id = table.id ?? "";
      assert.equal(
        copy?.[id] !== row[id],
        taken,
        `${id} ${row[id]} of ${table.name}, ${taken ? "taken" : "free"} in production`,
      );
    }
  }
}

/** Fails where one of `some` is not among `all`. */
function without(all: readonly Row[], some: readonly Row[]): Row[] {
  const left = [...all];
  for (const row of some) {
    const text = JSON.stringify(row);
    const place = left.findIndex((other) => JSON.stringify(other) === text);
    assert.ok(place >= 0, `production's row ${text} is not as it was`);
    left.splice(place, 1);
  }
  return left;
}

/** A row by what it says and what it refers to: a preserved row by its label, another by its key. */
function describe({ id, references }: GraphTable, row: Row, rows: Rows, set: ReadonlySet<Row>): string {
  const hidden = new Set([...(id === null ? [] : [id]), ...references.flatMap(({ columns }) => columns)]);
  const said = Object.entries(row).filter(([name]) => !hidden.has(name));
  const refers = references.map((reference) => {
    const parent = parentOf(row, reference, rows);
    const values = reference.columns.map((column) => row[column]);
    if (!parent) assert.ok(values.includes(null), "a reference leads nowhere");
    return parent && set.has(parent) ? parent["label"] : values;
  });
  return JSON.stringify([said, refers]);
}
