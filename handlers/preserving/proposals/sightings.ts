// What a sample of a table's rows shows: for each place that may hold references, the ids that stand there.
import type { ReadSession, SqlRow, SqlValue } from "../../../contracts/platform.ts";
import { quoteName, quoteTable } from "../../mysql/identifiers.ts";
import type { Column, Schema } from "../../mysql/schema.ts";
import { primaryKey } from "../../mysql/schema.ts";
import type { Candidates } from "./candidates.ts";
import { valuesInDocument } from "./documents.ts";
import { canHold, kindOf, namedParents, tablesOfType, type Parent } from "./named-parents.ts";

/** A place that may hold references, and what was seen there. */
export interface Sighting {
  readonly table: string;
  readonly column: Column;
  readonly path?: string;
  /** Of a polymorphic reference: the column beside it, and its value in these rows. */
  readonly when?: { readonly column: string; readonly value: string };
  /** The keys that it may refer to; one of them, or none, has the values. */
  readonly parents: readonly Parent[];
  /** Distinct, at most MOST_VALUES of them. */
  readonly values: Map<string, SqlValue>;
}

/** Rows read at each end of the primary key: old rows and new ones differ in what is filled. */
const END_ROWS = 250;
const MOST_VALUES = 200;
/** Of one column: a document of more places is data, whose names are no names of references. */
const MOST_PATHS = 100;
const DOCUMENT_BYTES = 16_384;

/** Reads some hundred rows of one table. Values are kept in memory alone and told to nobody, but for the names of types. */
export async function sightingsIn(
  session: ReadSession,
  database: string,
  schema: Schema,
  candidates: Candidates,
): Promise<Sighting[]> {
  const seen = new Map<string, Sighting>();
  const see = (sighting: Omit<Sighting, "values">, value: SqlValue) => {
    if (value === null || sighting.parents.length === 0) return;
    const place = JSON.stringify([sighting.column.name, sighting.path, sighting.when]);
    const { values } = seen.get(place) ?? { values: new Map<string, SqlValue>() };
    if (values.size < MOST_VALUES && isId(value))
      values.set(String(Buffer.isBuffer(value) ? value.toString("hex") : value), value);
    seen.set(place, { ...sighting, values });
  };
  const look = looker(candidates, schema, see);
  for (const sql of samplesOf(database, candidates)) {
    for await (const row of session.stream(sql)) look(row);
  }
  return [...seen.values()];
}

/** Zero and nothing stand for "none" where the schema has no foreign key to forbid it. */
function isId(value: SqlValue): boolean {
  return value !== 0 && value !== "0" && value !== "" && !(Buffer.isBuffer(value) && value.every((byte) => byte === 0));
}

/** Both ends of the primary key; the first rows that come, where there is none. */
function samplesOf(database: string, { table, columns, pairs, documents }: Candidates): string[] {
  const plain = new Set(
    [...columns, ...pairs].map(({ column }) => column.name).concat(pairs.map(({ type }) => type.name)),
  );
  const list = [
    ...[...plain].map((name) => `${quoteName(name)} AS ${quoteName(name)}`),
    ...documents.map(({ name }, i) => `${documentOf(quoteName(name))} AS \`document ${i}\``),
  ];
  const from = `SELECT ${list.join(", ")} FROM ${quoteTable(database, table.name)}`;
  const key = primaryKey(table).map(quoteName);
  if (key.length === 0) return [`${from} LIMIT ${2 * END_ROWS}`];
  const ends = [key.join(", "), key.map((column) => `${column} DESC`).join(", ")];
  return ends.map((order) => `${from} ORDER BY ${order} LIMIT ${END_ROWS}`);
}

/** Other text, and a document that is too long, stays where it is. */
function documentOf(column: string): string {
  return `IF(LENGTH(${column}) <= ${DOCUMENT_BYTES} AND LEFT(LTRIM(${column}), 1) IN ('{', '['), ${column}, NULL)`;
}

type See = (sighting: Omit<Sighting, "values">, value: SqlValue) => void;

function looker({ table: { name: table }, columns, pairs, documents }: Candidates, schema: Schema, see: See) {
  const typeParents = remembered((type) => tablesOfType(type, schema));
  const nameParents = remembered((words) => namedParents(words.split(" "), table, schema));
  const paths = documents.map(() => new Set<string>());
  return (row: SqlRow): void => {
    for (const { column, parents } of columns) see({ table, column, parents }, row[column.name] ?? null);
    for (const { column, type } of pairs) {
      const value = String(row[type.name] ?? "");
      const parents = typeParents(value).filter((parent) => canHold(column, parent.column));
      see({ table, column, when: { column: type.name, value }, parents }, row[column.name] ?? null);
    }
    for (const [i, column] of documents.entries()) {
      for (const { path, words, value } of valuesInDocument(String(row[`document ${i}`] ?? ""))) {
        if (paths[i]?.add(path) && paths[i].size > MOST_PATHS) return;
        const parents = nameParents(words.join(" ")).filter((parent) => isLike(value, parent.column));
        see({ table, column, path, parents }, value);
      }
    }
  };
}

/** Names come again with every row. */
function remembered<Result>(find: (name: string) => Result): (name: string) => Result {
  const found = new Map<string, Result>();
  return (name) => {
    const result = found.get(name) ?? find(name);
    found.set(name, result);
    return result;
  };
}

function isLike(value: string | number, key: Column): boolean {
  const kind = kindOf(key);
  return kind === "integer" ? /^\d+$/.test(String(value)) : kind === "text" && typeof value === "string";
}
