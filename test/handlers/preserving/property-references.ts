// What a row of a random schema refers to, and what it says besides: for whoever checks, not for the engine.
import type { GraphReference, GraphTable } from "./property-graph.ts";

/** Bytes as hexadecimal digits. */
export type Value = number | string | null;
export type Row = Readonly<Record<string, Value>>;
/** By table. */
export type Rows = ReadonlyMap<string, readonly Row[]>;

/** The ids amid a column. */
const IDS = { value: undefined, document: /(?<=refs": \[).*(?=\])/g, text: /(?<=\/)[\w-]+(?=\/$)/gm };

/** What the row refers to: a tuple of the parent's key for each. */
export function leads(row: Row, { columns, parent, place, when }: GraphReference): (readonly Value[])[] {
  const values = valuesOf(row, columns);
  if (!values || (when && row[when.column] !== when.value)) return [];
  if (place === undefined || place === "value") return [values];
  const text = String(values[0]);
  if (place === "text") return [...text.matchAll(new RegExp(`(?<=/${parent}/)[\\w-]+(?=/)`, "g"))].map(([id]) => [id]);
  const { refs } = JSON.parse(text) as { refs: Value[] };
  return refs.filter((id) => id !== null).map((id) => [id]);
}

/** The row without what it refers to: what must arrive as it was. */
export function saying(row: Row, { id, columns, references }: GraphTable): (readonly [string, Value])[] {
  return columns.flatMap(({ name }): (readonly [string, Value])[] => {
    const own = references.filter((reference) => reference.columns.includes(name));
    const value = row[name] ?? null;
    const ids = IDS[own[0]?.place ?? "value"];
    if (ids) return [[name, value === null ? null : String(value).replaceAll(ids, "#")]];
    const refers = own.some((reference) => !reference.when || row[reference.when.column] === reference.when.value);
    return refers || name === id ? [] : [[name, value]];
  });
}

/** How applications write "none" where no foreign key forbids it. */
export function isNone({ place }: GraphReference, [value]: readonly Value[]): boolean {
  return place !== undefined && ["0", ""].includes(String(value));
}

export function rowWith(rows: Rows, table: string, columns: readonly string[], values: readonly Value[]) {
  return rows.get(table)?.find((row) => sameValues(row, columns, values));
}

/** The values of these columns; undefined where one is NULL, as such a reference leads nowhere and such a key is unique. */
export function valuesOf(row: Row, columns: readonly string[]): readonly Value[] | undefined {
  const values = columns.map((column) => row[column] ?? null);
  return values.includes(null) ? undefined : values;
}

/** A number may stand in a text, and texts compare without case. */
export function sameValues(row: Row, columns: readonly string[], values: readonly Value[]): boolean {
  return columns.every((column, k) => String(row[column]).toLowerCase() === String(values[k]).toLowerCase());
}

/** The rows of the first table that are demos, and every row that refers to one that hangs on them. */
export function hangingOn(tables: readonly GraphTable[], rows: Rows): Set<Row> {
  const set = new Set<Row>();
  const take = (table: GraphTable, row: Row): void => {
    if (set.has(row)) return;
    set.add(row);
    for (const child of tables) {
      for (const reference of child.references) {
        if (reference.parent !== table.name) continue;
        for (const other of rows.get(child.name) ?? [])
          if (leads(other, reference).some((values) => sameValues(row, reference.parentColumns, values)))
            take(child, other);
      }
    }
  };
  for (const table of tables.slice(0, 1)) {
    for (const row of rows.get(table.name) ?? []) if (row["demo"] === 1) take(table, row);
  }
  return set;
}
