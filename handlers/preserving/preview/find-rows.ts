// Reads rows by the values of some columns, a page of values at a time, and holds a page of rows at most.
import type { ReadSession, SqlRow } from "../../../contracts/platform.ts";
import { quoteName, quoteTable } from "../../mysql/identifiers.ts";
import type { PlannedColumn } from "../preserve-plan.ts";
import { selectList } from "../staging-rows.ts";
import type { KeyValue } from "./row-set.ts";

/** Values of one query. */
const PAGE_VALUES = 500;
const PAGE_ROWS = 1000;

/** Where rows are looked for. */
export interface Side {
  readonly session: ReadSession;
  readonly database: string;
  /** A condition on the table's rows that are there for us; undefined: all of them. */
  readonly present?: (table: string) => string | undefined;
}

export interface Wanted {
  readonly table: string;
  /** What to read of each row. */
  readonly read: readonly PlannedColumn[];
  /** The columns that have the values. */
  readonly by: readonly PlannedColumn[];
}

/** Rows of the table that have one of the tuples; a tuple with NULL finds none. */
export async function* findRows(
  side: Side,
  { table, read, by }: Wanted,
  tuples: Iterable<readonly KeyValue[]>,
): AsyncGenerator<SqlRow[]> {
  const from = `SELECT ${selectList(read)} FROM ${quoteTable(side.database, table)} WHERE`;
  const present = side.present?.(table);
  const and = present === undefined ? "" : ` AND ${present}`;
  for (const page of pagesOf(tuples)) {
    // MySQL 5.6 reads the whole table for a list of tuples, but finds single values and alternatives by a key.
    const names = by.map(({ name }) => quoteName(name));
    const matching =
      names.length === 1
        ? `${names.join()} IN (?)`
        : `(${page.map(() => `(${names.join(" = ? AND ")} = ?)`).join(" OR ")})`;
    // Compared with a number, a text is compared as a DOUBLE, and by no key.
    const values = page.map((tuple) =>
      tuple.map((value, i) => (by[i]?.integer || typeof value !== "bigint" ? value : String(value))),
    );
    yield* readRows(side.session, `${from} ${matching}${and}`, names.length === 1 ? [values.flat()] : values.flat());
  }
}

/** A query's rows, a page at a time. */
export async function* readRows(
  session: ReadSession,
  sql: string,
  values?: readonly unknown[],
): AsyncGenerator<SqlRow[]> {
  let rows: SqlRow[] = [];
  for await (const row of session.stream(sql, values)) {
    rows.push(row);
    if (rows.length < PAGE_ROWS) continue;
    yield rows;
    rows = [];
  }
  if (rows.length > 0) yield rows;
}

function* pagesOf(tuples: Iterable<readonly KeyValue[]>): Generator<(readonly KeyValue[])[]> {
  let page = new Map<string, readonly KeyValue[]>();
  for (const tuple of tuples) {
    if (tuple.includes(null)) continue;
    page.set(JSON.stringify(tuple.map(String)), tuple);
    if (page.size < PAGE_VALUES) continue;
    yield [...page.values()];
    page = new Map();
  }
  if (page.size > 0) yield [...page.values()];
}
