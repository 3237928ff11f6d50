// The rows that would be preserved, as a preview knows them: the values of their keys and references, and how they came.
import { createHash } from "node:crypto";
import { FatalError } from "../../../contracts/errors.ts";
import type { SqlRow, SqlValue } from "../../../contracts/platform.ts";
import {
  tableOf,
  type PlannedColumn,
  type PlannedReference,
  type PlannedTable,
  type PreservePlan,
} from "../preserve-plan.ts";
import { linksOf } from "../rows-target.ts";
import { toLiteral } from "../staging-rows.ts";

export type KeyValue = SqlValue | bigint;

export interface PreviewRow {
  readonly table: string;
  /** By column: those of keys and references alone. */
  readonly values: ReadonlyMap<string, KeyValue>;
  /** Of a reference whose values stand amid a column, by its index: the values. */
  readonly links: ReadonlyMap<number, readonly KeyValue[]>;
  /** The ways by which it came, each with whether a rule chose the row itself. */
  readonly ways: Map<number, boolean>;
}

/** About a kilobyte each: a preview is a look, not the work. */
const MOST_ROWS = 300_000;

const NO_LINKS: PreviewRow["links"] = new Map();

export class RowSet {
  readonly plan: PreservePlan;
  readonly #rows: ReadonlyMap<string, Map<string, PreviewRow>>;
  readonly #indexes = new Map<string, Map<string, PreviewRow>>();
  #size = 0;

  constructor(plan: PreservePlan) {
    this.plan = plan;
    this.#rows = new Map(plan.tables.map(({ name }) => [name, new Map()]));
  }

  /** What a row of the table is read for; of a table without a primary key everything, as its content is its name. */
  readColumns(table: PlannedTable): readonly PlannedColumn[] {
    if (table.identity.length === 0) return table.columns;
    const inside = this.plan.references.flatMap(({ table: name, columns, link }) =>
      name === table.name && link ? [...columns, ...(link.when ? [link.when.column] : [])] : [],
    );
    const names = new Set([...this.#keptColumns(table).map(({ name }) => name), ...inside]);
    return table.columns.filter(({ name }) => names.has(name));
  }

  /** Documents and texts are read for the ids in them, and let go. */
  #keptColumns(table: PlannedTable): PlannedColumn[] {
    const names = new Set([
      ...[...table.identity, ...table.key, ...(table.match?.columns ?? [])],
      ...table.uniqueKeys.flatMap(({ parts }) => parts.map(({ column }) => column)),
      ...this.plan.references.flatMap((reference) => [
        ...(reference.table === table.name && !reference.link ? reference.columns : []),
        ...(reference.parentTable === table.name ? reference.parentColumns : []),
      ]),
    ]);
    return table.columns.filter(({ name }) => names.has(name));
  }

  of(table: string): Iterable<PreviewRow> {
    return this.#rows.get(table)?.values() ?? [];
  }

  count(table: string): number {
    return this.#rows.get(table)?.size ?? 0;
  }

  /**
   * Adds the rows of one query that came by a way; rows that are there already have come by one more.
   *
   * @returns those to which this was new
   * @throws FatalError `PREVIEW_TOO_LARGE`
   */
  add(table: PlannedTable, found: readonly SqlRow[], way: number, chosen: boolean): PreviewRow[] {
    const rows = this.#rows.get(table.name);
    const equal = new Map<string, number>();
    return found.flatMap((read) => {
      const identity = identityOf(table, read, equal);
      const row = rows?.get(identity) ?? this.#make(table, read, identity);
      const isNew = !row.ways.has(way);
      row.ways.set(way, chosen || row.ways.get(way) === true);
      return isNew ? [row] : [];
    });
  }

  #make(table: PlannedTable, read: SqlRow, identity: string): PreviewRow {
    if (++this.#size > MOST_ROWS) {
      throw new FatalError(
        "PREVIEW_TOO_LARGE",
        `More than ${MOST_ROWS.toLocaleString("en-US")} rows of staging would be preserved: the preview, which holds their keys in memory, goes no further. Narrow \`preserve\` in sync.yaml, or let a run show it.`,
      );
    }
    const kept = this.#keptColumns(table);
    const values = new Map(kept.map((column) => [column.name, toLiteral(column, read[column.name] ?? null)]));
    const links = this.plan.references.flatMap((reference, i) =>
      reference.table === table.name && reference.link
        ? [[i, linksOf(reference, read)?.map(({ id }) => id) ?? []] as const]
        : [],
    );
    const row: PreviewRow = {
      table: table.name,
      values,
      links: links.length > 0 ? new Map(links) : NO_LINKS,
      ways: new Map(),
    };
    this.#rows.get(table.name)?.set(identity, row);
    for (const [name, index] of this.#indexes) {
      const [indexed, ...columns] = JSON.parse(name) as string[];
      if (indexed === table.name) index.set(pack(table, columns, tupleOf(row, columns)), row);
    }
    return row;
  }

  /** What the row refers to by the reference of that index: tuples in the order of its columns. */
  leads(row: PreviewRow, i: number): readonly (readonly KeyValue[])[] {
    const reference = this.plan.references[i];
    if (!reference) return [];
    if (reference.link) return row.links.get(i)?.map((id) => [id]) ?? [];
    const tuple = tupleOf(row, reference.columns);
    return tuple.includes(null) ? [] : [tuple];
  }

  /** The row of the set that a tuple leads to. */
  parent({ parentTable, parentColumns }: PlannedReference, tuple: readonly KeyValue[]): PreviewRow | undefined {
    const rows = this.#rows.get(parentTable);
    if (!rows) return undefined;
    const name = JSON.stringify([parentTable, ...parentColumns]);
    const table = tableOf(this.plan, parentTable);
    const index =
      this.#indexes.get(name) ??
      new Map([...rows.values()].map((row) => [pack(table, parentColumns, tupleOf(row, parentColumns)), row]));
    this.#indexes.set(name, index);
    return index.get(pack(table, parentColumns, tuple));
  }
}

export function tupleOf({ values }: PreviewRow, columns: readonly string[]): KeyValue[] {
  return columns.map((column) => values.get(column) ?? null);
}

/** Two tuples that the table's columns call equal have one text, as nearly as a client can tell without the server. */
export function pack(
  { columns }: { readonly columns: readonly PlannedColumn[] },
  names: readonly string[],
  tuple: readonly KeyValue[],
): string {
  const parts = names.map((name, i) => {
    const value = tuple[i] ?? null;
    const column = columns.find((candidate) => candidate.name === name);
    if (typeof value !== "string")
      return Buffer.isBuffer(value) ? value.toString("hex") : value === null ? null : String(value);
    return column?.collation && !/_bin$|^binary$/.test(column.collation) ? folded(value) : value;
  });
  return JSON.stringify(parts);
}

/** Without case, accents and trailing spaces. */
function folded(text: string): string {
  return text
    .normalize("NFKD")
    .replaceAll(/\p{Mn}/gu, "")
    .toLowerCase()
    .trimEnd();
}

/** Rows of a table without a primary key are told apart by their content, and equal ones of one query are counted. */
function identityOf({ identity, columns }: PlannedTable, read: SqlRow, equal: Map<string, number>): string {
  const text = (value: SqlValue | undefined) => (Buffer.isBuffer(value) ? value.toString("hex") : value);
  if (identity.length > 0) return JSON.stringify(identity.map((name) => text(read[name])));
  const content = JSON.stringify(columns.map(({ name }) => text(read[name])));
  const hash = createHash("sha256").update(content).digest("base64");
  const count = equal.get(hash) ?? 0;
  equal.set(hash, count + 1);
  return `${hash} ${count}`;
}
