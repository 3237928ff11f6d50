// What must be true after preserving, reckoned from plain SELECTs alone: nothing here knows how the engine works.
import assert from "node:assert/strict";
import type { Connection, RowDataPacket } from "mysql2/promise";
import { canBeNull, fateOf, isLost, isTaken, leadsElsewhere, type Reckoning, sharesKey } from "./property-fates.ts";
import { UUID_BYTES, type GraphReference, type GraphTable } from "./property-graph.ts";
import { isNone, leads, rowWith, saying, type Row, type Rows, type Value } from "./property-references.ts";
import type { Graph } from "./property-rows.ts";

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
      ...references
        .filter(({ place }) => place === undefined)
        .map((to) => `FOREIGN KEY (${to.columns.join(", ")}) REFERENCES ${to.parent} (${to.parentColumns.join(", ")})`),
    ];
    return `CREATE TABLE ${name} (${[...own, ...keys].join(", ")}) ENGINE=InnoDB`;
  });
  const insert = tables.flatMap(({ name, columns }) => {
    const values = (rows.get(name) ?? []).map(
      (row) => `(${columns.map((column) => literal(column.type, row[column.name] ?? null)).join(", ")})`,
    );
    return values.length > 0
      ? [`INSERT INTO ${name} (${columns.map((column) => column.name).join(", ")}) VALUES ${values.join(", ")}`]
      : [];
  });
  return [...create, ...insert];
}

function literal(type: string, value: Value): string {
  return type === UUID_BYTES && value !== null ? `X'${value}'` : JSON.stringify(value);
}

export async function readRows(connection: Connection, { tables }: Graph): Promise<Rows> {
  const rows = new Map<string, readonly Row[]>();
  const plain = (value: unknown) => (Buffer.isBuffer(value) ? value.toString("hex") : (value as Value));
  for (const { name } of tables) {
    const [found] = await connection.query<RowDataPacket[]>(`SELECT * FROM ${name}`);
    rows.set(
      name,
      found.map((row) => Object.fromEntries(Object.entries(row).map(([column, value]) => [column, plain(value)]))),
    );
  }
  return rows;
}

/** The codes with which the engine may refuse, as they are true; none: it must not. */
export function rightRefusals(reckoning: Reckoning): Set<string> {
  const { graph, staging, set } = reckoning;
  const codes = new Set<string>();
  for (const table of graph.tables) {
    for (const row of staging.get(table.name) ?? []) {
      if (!set.has(row)) continue;
      const { becomes, matched } = fateOf(reckoning, table, row);
      if (matched && graph.match?.onMatch.kind === "fail") codes.add("PRESERVE_MATCH");
      if (becomes === "keep") continue;
      const isMissing = table.references.some(
        (reference) =>
          leads(row, reference).some((values) => isLost(reckoning, reference, values)) &&
          !(graph.parents === "null" && canBeNull(table, reference)),
      );
      if (isMissing) codes.add("PRESERVE_PARENT_MISSING");
      if (becomes === "overwrite" && leadsElsewhere(reckoning, table, row)) codes.add("PRESERVE_REFERENCE_CONFLICT");
      for (const key of table.unique)
        if (isTaken(reckoning, table, row, key) || sharesKey(reckoning, table, row, key))
          codes.add("PRESERVE_UNIQUE_CLASH");
      if (table.key.length === 0 || table.id !== null || becomes === "overwrite") continue;
      if (isTaken(reckoning, table, row, table.key) || sharesKey(reckoning, table, row, table.key))
        codes.add("PRESERVE_KEY_CLASH");
    }
  }
  return codes;
}

/**
 * Production's rows are in the copy as before, but for those that are overwritten, and the rest are staging's preserved rows
 * with the same references. An id is kept where production left it free, and only there.
 */
export function assertPreserved(reckoning: Reckoning, after: Rows): void {
  const { graph, staging, production, set } = reckoning;
  const added = new Map(
    graph.tables.map((table) => {
      const rows = [...set].filter((row) => staging.get(table.name)?.includes(row));
      const fates = rows.map((row) => fateOf(reckoning, table, row));
      const gone = new Set(
        fates.flatMap(({ becomes, matched }) => (becomes === "overwrite" && matched ? [matched] : [])),
      );
      const stays = (production.get(table.name) ?? []).filter((row) => !gone.has(row));
      return [table.name, without(after.get(table.name) ?? [], stays)] as const;
    }),
  );
  const arrived = new Set([...added.values()].flat());
  for (const table of graph.tables) {
    const rows = (staging.get(table.name) ?? []).filter(
      (row) => set.has(row) && fateOf(reckoning, table, row).becomes !== "keep",
    );
    const copies = added.get(table.name) ?? [];
    assert.deepEqual(
      copies.map((row) => describe(graph, table, row, nameIn(after, arrived))).toSorted(),
      rows
        .map((row) => describe(graph, table, row, nameInStaging(reckoning), withItsKey(reckoning, table, row)))
        .toSorted(),
      `the preserved rows of ${table.name}`,
    );
    for (const row of table.key.length === 0 ? [] : rows) {
      const copy = copies.find(({ label }) => label === row["label"]);
      assert.ok(copy);
      assertId(reckoning, table, row, copy);
      assertCode(reckoning, table, row, copy);
    }
  }
}

function assertId(reckoning: Reckoning, table: GraphTable, row: Row, copy: Row): void {
  const id = table.id ?? "";
  const { becomes, matched } = fateOf(reckoning, table, row);
  if (becomes === "overwrite") {
    for (const column of table.key) assert.equal(copy[column], matched?.[column], `${column} of production's row`);
  } else if (table.id !== null && !sharesKey(reckoning, table, row, table.key)) {
    const taken = isTaken(reckoning, table, row, table.key);
    assert.equal(copy[id] !== row[id], taken, `${id} ${row[id]} of ${table.name}, ${taken ? "taken" : "free"}`);
  }
}

/** A row is renamed where production has its name, and only there. */
function assertCode(reckoning: Reckoning, table: GraphTable, row: Row, copy: Row): void {
  const { becomes } = fateOf(reckoning, table, row);
  if (row["code"] === undefined) return;
  if (becomes !== "rename") assert.equal(copy["code"], row["code"]);
  else assert.match(String(copy["code"]), new RegExp(`^${row["code"]}\\++$`));
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

/** Undefined for a reference that becomes NULL. */
type Name = (reference: GraphReference, values: readonly Value[]) => Value | string[] | undefined;

/** Production's row keeps its key under the values that overwrite the others. */
function withItsKey(reckoning: Reckoning, table: GraphTable, row: Row): Row {
  const { becomes, matched } = fateOf(reckoning, table, row);
  if (becomes !== "overwrite" || !matched) return row;
  return { ...row, ...Object.fromEntries(table.key.map((column) => [column, matched[column] ?? null])) };
}

/** A row by what it says and what it refers to. */
function describe({ match }: Graph, table: GraphTable, row: Row, name: Name, says = row): string {
  const said = saying(says, table).filter(([column]) => column !== "code" || match === null);
  const refers = table.references.map((reference) =>
    leads(row, reference).flatMap((values) => name(reference, values) ?? []),
  );
  return JSON.stringify([said, refers]);
}

/** In the copy: a preserved row by its label, another by its key. */
function nameIn(after: Rows, arrived: ReadonlySet<Row>): Name {
  return (reference, values) => {
    const parent = rowWith(after, reference.parent, reference.parentColumns, values);
    assert.ok(parent ?? isNone(reference, values), "a reference leads nowhere");
    return parent && arrived.has(parent) ? parent["label"] : [values.map(String).join()];
  };
}

/** In staging: the same, where production's row stands for a preserved one by that row's key. */
function nameInStaging(reckoning: Reckoning): Name {
  const { graph, staging, set } = reckoning;
  return (reference, values) => {
    const parent = rowWith(staging, reference.parent, reference.parentColumns, values);
    const table = graph.tables.find(({ name }) => name === reference.parent);
    if (graph.parents === "null" && isLost(reckoning, reference, values)) return undefined;
    if (!parent || !table || !set.has(parent)) return [values.map(String).join()];
    const { becomes, matched } = fateOf(reckoning, table, parent);
    return becomes === "keep"
      ? [reference.parentColumns.map((column) => String(matched?.[column])).join()]
      : parent["label"];
  };
}
