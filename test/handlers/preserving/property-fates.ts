// What becomes of each preserved row by the graph's rules, and which of its keys production has: told from rows alone.
import { INTEGERS, type GraphReference, type GraphTable } from "./property-graph.ts";
import {
  hangingOn,
  isNone,
  leads,
  rowWith,
  sameValues,
  type Row,
  type Rows,
  type Value,
} from "./property-references.ts";
import type { Graph } from "./property-rows.ts";

export interface Reckoning {
  readonly graph: Graph;
  readonly staging: Rows;
  readonly production: Rows;
  /** The rows to preserve. */
  readonly set: ReadonlySet<Row>;
}

export function reckon(graph: Graph, staging: Rows, production: Rows): Reckoning {
  const set = hangingOn(graph.tables, staging);
  const reckoning = { graph, staging, production, set };
  if (graph.parents === "carry") {
    // A set iterates over what is added meanwhile: parents bring their own parents, and no children.
    for (const row of set) for (const parent of lostParents(reckoning, row)) set.add(parent);
  }
  return reckoning;
}

function lostParents(reckoning: Reckoning, row: Row): Row[] {
  const { graph, staging } = reckoning;
  const table = graph.tables.find(({ name }) => staging.get(name)?.includes(row));
  return (table?.references ?? []).flatMap((reference) =>
    leads(row, reference)
      .filter((values) => isLost(reckoning, reference, values))
      .map((values) => rowWith(staging, reference.parent, reference.parentColumns, values))
      .filter((parent) => parent !== undefined),
  );
}

/** It leads to a row outside the set, which production lacks. */
export function isLost(
  { staging, production, set }: Reckoning,
  reference: GraphReference,
  values: readonly Value[],
): boolean {
  const parent = rowWith(staging, reference.parent, reference.parentColumns, values);
  if (!parent) return !isNone(reference, values);
  return !set.has(parent) && !rowWith(production, reference.parent, reference.parentColumns, values);
}

/** It can become NULL: not in a key, nor amid a text. */
export function canBeNull({ key, columns }: GraphTable, reference: GraphReference): boolean {
  return (
    reference.place !== "text" &&
    reference.columns.some(
      (name) => !key.includes(name) && columns.some((column) => column.name === name && column.nullable),
    )
  );
}

interface Fate {
  readonly becomes: "insert" | "keep" | "overwrite" | "rename";
  /** Production's row of the same code. */
  readonly matched: Row | undefined;
}

export function fateOf({ graph: { match }, production }: Reckoning, table: GraphTable, row: Row): Fate {
  const matched =
    match?.table === table.name ? rowWith(production, table.name, ["code"], [row["code"] ?? null]) : undefined;
  if (!matched || !match || match.onMatch.kind === "fail") return { becomes: "insert", matched };
  const { kind } = match.onMatch;
  return { becomes: kind === "keep-production" ? "keep" : kind, matched };
}

/** Whether another row of production's has these values, as they will be in the copy. */
export function isTaken(reckoning: Reckoning, table: GraphTable, row: Row, key: readonly string[]): boolean {
  const { becomes, matched } = fateOf(reckoning, table, row);
  if (becomes === "rename" && key.includes("code")) return false;
  const isKey = key === table.key;
  if (isKey && isReferredTo(reckoning, table, row)) return true;
  const values = key.map((column) => (isKey ? valueBefore : valueInCopy)(reckoning, table, row, column));
  if (values.includes(undefined) || values.includes(null)) return false;
  const own = becomes === "overwrite" ? matched : undefined;
  return (reckoning.production.get(table.name) ?? []).some(
    (other) => other !== own && sameValues(other, key, values as Value[]),
  );
}

/** Whether several rows to preserve have these values, as parents that were two became one. */
export function sharesKey(reckoning: Reckoning, table: GraphTable, row: Row, key: readonly string[]): boolean {
  const { staging, set } = reckoning;
  const valuesIn = (one: Row) => key.map((column) => valueBefore(reckoning, table, one, column));
  const values = valuesIn(row);
  if (values.includes(undefined) || values.includes(null)) return false;
  return (staging.get(table.name) ?? []).some(
    (other) =>
      other !== row &&
      set.has(other) &&
      fateOf(reckoning, table, other).becomes !== "keep" &&
      JSON.stringify(valuesIn(other)) === JSON.stringify(values),
  );
}

/** An id that production's rows refer to without having it, by a number: it is not free. */
function isReferredTo({ graph, production }: Reckoning, table: GraphTable, row: Row): boolean {
  const [id = "", ...others] = table.key;
  if (others.length > 0 || id !== table.id || rowWith(production, table.name, [id], [row[id] ?? null])) return false;
  return graph.tables.some(({ name, references, columns }) =>
    references.some(
      (reference) =>
        reference.parent === table.name &&
        columns.some((column) => column.name === reference.columns[0] && INTEGERS.includes(column.type)) &&
        (production.get(name) ?? []).some((other) =>
          leads(other, reference).some((values) => isNone(reference, values) && sameValues(row, [id], values)),
        ),
    ),
  );
}

/** A value in the copy; undefined for one that is new to it. */
function valueInCopy(reckoning: Reckoning, table: GraphTable, row: Row, column: string): Value | undefined {
  const isInserted = ["insert", "rename"].includes(fateOf(reckoning, table, row).becomes);
  const isAnew = () => isTaken(reckoning, table, row, table.key) || sharesKey(reckoning, table, row, table.key);
  return column === table.id && isInserted && isAnew() ? undefined : valueBefore(reckoning, table, row, column);
}

/** The same before its own table's ids are given anew. */
function valueBefore(reckoning: Reckoning, table: GraphTable, row: Row, column: string): Value | undefined {
  const { becomes, matched } = fateOf(reckoning, table, row);
  const isProductions = (becomes === "keep" || becomes === "overwrite") && table.key.includes(column);
  return isProductions ? matched?.[column] : valueByReference(reckoning, table, row, column);
}

/** What the column's foreign key demands, or staging's own value. */
function valueByReference(reckoning: Reckoning, table: GraphTable, row: Row, column: string): Value | undefined {
  const { graph, staging, set } = reckoning;
  for (const reference of table.references) {
    const [values] = reference.place === undefined && reference.columns.includes(column) ? leads(row, reference) : [];
    if (values && graph.parents === "null" && isLost(reckoning, reference, values) && canBeNull(table, reference))
      return null;
    const parent = values && rowWith(staging, reference.parent, reference.parentColumns, values);
    const to = graph.tables.find(({ name }) => name === reference.parent);
    if (!parent || !to || !set.has(parent)) continue;
    return valueInCopy(reckoning, to, parent, reference.parentColumns[reference.columns.indexOf(column)] ?? "");
  }
  return row[column] ?? null;
}

/** Production's row keeps a primary key that leads elsewhere than the row that is to overwrite it. */
export function leadsElsewhere(reckoning: Reckoning, table: GraphTable, row: Row): boolean {
  const { matched } = fateOf(reckoning, table, row);
  return table.references.some(({ columns }) =>
    columns.some(
      (column) => table.key.includes(column) && valueByReference(reckoning, table, row, column) !== matched?.[column],
    ),
  );
}
