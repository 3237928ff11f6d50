// The values that rows of the set would have in the copy, and production's rows that have them already.
import type { OnMatch } from "../../../contracts/sync-contract.ts";
import { tableOf, type PlannedColumn, type PlannedTable } from "../preserve-plan.ts";
import { toLiteral } from "../staging-rows.ts";
import { findRows, type Side } from "./find-rows.ts";
import { pack, type KeyValue, type PreviewRow, type RowSet } from "./row-set.ts";

export interface Clash {
  readonly table: string;
  /** `PRIMARY`, a unique key's name, or null for the natural key of `match`. */
  readonly key: string | null;
  readonly columns: readonly string[];
  readonly rows: number;
  /** What the contract says of it. `refused`: nothing; `ambiguous`: its natural key does not say which row is which. */
  readonly does: OnMatch["kind"] | "ambiguous" | "refused";
}

export interface Meeting {
  readonly set: RowSet;
  readonly production: Side;
  readonly isMasked: (table: string, column: string) => boolean;
  readonly anew: Set<PreviewRow>;
  readonly matched: Map<PreviewRow, OnMatch["kind"]>;
  /** Rows for which one of production's stands, with its key and whatever else references lead to. */
  readonly adopted: Map<PreviewRow, ReadonlyMap<string, KeyValue>>;
  readonly clashes: Clash[];
}

/** Production's rows that have one of the tuples: by tuple and by primary key, what is to be read of them. */
export async function rowsInProduction(
  { production }: Meeting,
  table: PlannedTable,
  columns: readonly string[],
  tuples: ReadonlyMap<PreviewRow, readonly KeyValue[]>,
  read: readonly string[],
): Promise<Map<string, Map<string, ReadonlyMap<string, KeyValue>>>> {
  const pick = (names: readonly string[]): PlannedColumn[] =>
    names.flatMap((name) => table.columns.find((column) => column.name === name) ?? []);
  const wanted = {
    table: table.name,
    read: pick([...new Set([...columns, ...table.key, ...read])]),
    by: pick(columns),
  };
  const found = new Map<string, Map<string, ReadonlyMap<string, KeyValue>>>();
  for await (const page of findRows(production, wanted, tuples.values())) {
    for (const row of page) {
      const value = (column: PlannedColumn) => toLiteral(column, row[column.name] ?? null);
      const [tuple, key] = [columns, table.key].map((names) => pack(table, names, pick(names).map(value)));
      const rows = found.get(tuple ?? "") ?? new Map<string, ReadonlyMap<string, KeyValue>>();
      rows.set(key ?? "", new Map(pick(read).map((column) => [column.name, value(column)])));
      found.set(tuple ?? "", rows);
    }
  }
  return found;
}

/** The rows' values in the copy; rows of which one is NULL, or new to production, are left out: they clash with nothing. */
export function valuesInCopy(meeting: Meeting, columns: readonly string[], rows: Iterable<PreviewRow>) {
  const tuples = new Map<PreviewRow, KeyValue[]>();
  for (const row of rows) {
    const tuple = columns.flatMap((column) => valueInCopy(meeting, row, column) ?? []);
    if (tuple.length === columns.length) tuples.set(row, tuple);
  }
  return tuples;
}

/** Undefined for one that production has not taken: an id given anew, a name that is changed. */
function valueInCopy(meeting: Meeting, row: PreviewRow, column: string): KeyValue | undefined {
  const { set, anew, matched, adopted } = meeting;
  const table = tableOf(set.plan, row.table);
  const own = row.values.get(column) ?? null;
  if (!table.moving.includes(column)) return own;
  const productions = adopted.get(row)?.get(column);
  if (productions !== undefined) return productions;
  if (matched.get(row) === "rename" && table.match?.renamed?.column === column) return undefined;
  if (table.id?.column === column) return anew.has(row) ? undefined : own;
  const following = set.plan.following.find((each) => each.table === row.table && each.column === column);
  for (const i of following?.references ?? []) {
    const reference = set.plan.references[i];
    const [tuple] = set.leads(row, i);
    const parent = reference && tuple && set.parent(reference, tuple);
    if (parent) return valueInCopy(meeting, parent, reference.parentColumns[reference.columns.indexOf(column)] ?? "");
  }
  return own;
}
