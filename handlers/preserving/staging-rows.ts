// Reads staging's rows with nothing lost and puts them into a work table, each once however often it is met.
import { createHash, randomBytes } from "node:crypto";
import { FatalError } from "../../contracts/errors.ts";
import type { ReadSession, SqlRow, SqlValue, WriteSession } from "../../contracts/platform.ts";
import { quoteName } from "../mysql/identifiers.ts";
import { bytesLiteral, textLiteral } from "../mysql/literals.ts";
import type { PlannedColumn } from "./preserve-plan.ts";
import { joined, literalExpression, nameOf, readExpression } from "./staged-literals.ts";
import { CONTENT, IDENTITY } from "./workspace.ts";

/** Rows of one INSERT: enough to save round trips, few enough to hold in memory. */
const INSERT_ROWS = 1000;
/** Batches that wait while one is written: some megabytes for each session at most. */
const BATCHES_AHEAD = 3;
/** Bytes of one INSERT: under MySQL 5.6's default max_allowed_packet of 4 MiB, with bytes written as hex. */
const INSERT_BYTES = 1024 * 1024;

export interface Target {
  /** The quoted work table. */
  readonly into: string;
  readonly columns: readonly PlannedColumn[];
  /** The columns that tell rows apart; empty: none do, and a row that comes with a later query is known by its content. */
  readonly identity: readonly string[];
  /** Further columns and the values of every row: constants, or another column's value again. */
  readonly extra: readonly { readonly name: string; readonly value: number | { readonly of: string } }[];
  /** An assignment for rows that are there already; left out, they stay as they are. */
  readonly again?: string;
  /** Called with rows that are put into the target, and the literals of their names there. */
  readonly beside?: (rows: readonly SqlRow[], names: readonly string[]) => Promise<void>;
  /** The columns whose values `beside` or a choice looks at; of others there are only literals. */
  readonly seen?: readonly PlannedColumn[];
}

/** Of a name where there is no primary key: random bytes for the query, and the digits of a place in it. */
const QUERY_BYTES = 16;
const PLACE_DIGITS = 16;

/** The alias of what staging's server writes of a row: the literals of its name, where it has one, and of its short columns. */
const LITERALS = "_understudy_literals";

/** A SELECT list whose values survive the way through text. */
export function selectList(columns: readonly PlannedColumn[]): string {
  return columns.map((column) => `${readExpression(column)} AS ${quoteName(column.name)}`).join(", ");
}

/** FROM and WHERE, and bound values; a rule's condition has none, as it may hold question marks of its own. */
export interface Rows {
  readonly from: string;
  readonly values?: readonly unknown[];
}

/**
 * Copies rows of staging's into the target, at most `BATCHES_AHEAD` and two more batches of them in memory. Rows that are there already stay.
 *
 * @param choose picks those of a batch that are to be copied
 */
export async function copyRows(
  staging: ReadSession,
  { from, values }: Rows,
  copy: WriteSession,
  target: Target,
  choose: (rows: readonly SqlRow[]) => Promise<readonly SqlRow[]> = async (rows) => rows,
): Promise<void> {
  const write = writer(copy, target);
  let rows: SqlRow[] = [];
  let bytes = 0;
  const writeChosen = async (batch: SqlRow[]) => {
    const chosen = batch.length > 0 ? await choose(batch) : [];
    if (chosen.length > 0) await write(chosen);
  };
  // Others wait for staging meanwhile: few rows are not held back by the writing of those before.
  const written: Promise<void>[] = [];
  let last = Promise.resolve();
  const flush = async () => {
    const batch = rows;
    last = last.then(() => writeChosen(batch));
    last.catch(() => undefined); // awaited some batches later
    written.push(last);
    rows = [];
    bytes = 0;
    if (written.length > BATCHES_AHEAD) await written.shift();
  };
  for await (const page of staging.pages(`SELECT ${listOf(target)} ${from}`, values)) {
    for (const row of page) {
      rows.push(row);
      bytes += sizeOf(row);
      if (rows.length >= INSERT_ROWS || bytes >= INSERT_BYTES) await flush();
    }
  }
  await flush();
  await last;
}

function listOf({ columns, identity, seen = [] }: Target): string {
  const [short, long] = parted(columns);
  const named = columns.filter(({ name }) => identity.includes(name));
  const written = [...(named.length > 0 ? [nameOf(named)] : []), ...short.map(literalExpression)];
  return [
    ...(written.length > 0 ? [`${joined(written)} AS ${LITERALS}`] : []),
    ...new Set([...long, ...seen].map((column) => selectList([column]))),
  ].join(", ");
}

/** Columns that staging's server writes as literals, and those that come as they are. */
function parted(columns: readonly PlannedColumn[]): [PlannedColumn[], PlannedColumn[]] {
  return [columns.filter(({ literal }) => literal !== "long"), columns.filter(({ literal }) => literal === "long")];
}

/** The values of the target's `extra` columns, as they follow a row's own. */
export function valuesOfEveryRow({ extra }: Target): string {
  // A name stands for the value that its column has just been given.
  return extra.map(({ value }) => `,${typeof value === "number" ? value : quoteName(value.of)}`).join("");
}

/** @param tuples a row's name, where it has no primary key its content, then `columns`, then what every row has */
export function insertInto(
  { into, identity, extra, again = `${IDENTITY} = ${IDENTITY}` }: Target,
  columns: readonly PlannedColumn[],
  tuples: string,
): string {
  const names = [
    ...[IDENTITY, ...(identity.length > 0 ? [] : [CONTENT])],
    ...columns.map(({ name }) => quoteName(name)),
    ...extra.map(({ name }) => name),
  ];
  return `INSERT INTO ${into} (${names.join()}) VALUES ${tuples} ON DUPLICATE KEY UPDATE ${again}`;
}

function writer(copy: WriteSession, target: Target): (rows: readonly SqlRow[]) => Promise<void> {
  const { into, columns, identity, again = `${IDENTITY} = ${IDENTITY}`, beside } = target;
  const [short, long] = parted(columns);
  const isNamed = identity.length > 0;
  const same = valuesOfEveryRow(target);
  const literalsOfRow = (row: SqlRow) => {
    const written = isNamed || short.length > 0 ? String(row[LITERALS] ?? tooLong()) : "";
    const others = long.map((column) => literalOf(toLiteral(column, row[column.name] ?? null))).join();
    return `${written}${written && others && ","}${others}`;
  };
  const write = async (rows: readonly SqlRow[], literals: readonly string[]) => {
    const tuples = literals.map((each) => `(${each}${same})`).join();
    await copy.run(insertInto(target, [...short, ...long], tuples));
    // A name is hexadecimal, and stands first.
    await beside?.(
      rows,
      literals.map((each) => each.slice(0, each.indexOf(","))),
    );
  };
  if (isNamed) return (rows) => write(rows, rows.map(literalsOfRow));
  const unknown = withoutKnown(copy, into, again);
  return async (rows) => {
    const left = await unknown(rows.map((row) => ({ row, literals: literalsOfRow(row) })));
    if (left.length === 0) return;
    await write(
      left.map(({ row }) => row),
      left.map(({ name, content, literals }) => `${name},${content},${literals}`),
    );
  };
}

function tooLong(): never {
  throw new FatalError(
    "PRESERVE_REFUSED",
    "A row to preserve is longer than `max_allowed_packet` of staging's server. Raise it there, then replay the run.",
  );
}

/** Written here: mysql2 searches each value, and then the whole statement, for what it may have to replace. */
export function literalOf(value: SqlValue | bigint): string {
  if (typeof value === "string") return textLiteral(value);
  return Buffer.isBuffer(value) ? bytesLiteral(value.toString("hex")) : String(value);
}

/** A value for a statement: an integer stays a number however long it is, so that comparing it is exact. */
export function toLiteral(column: PlannedColumn | undefined, value: SqlValue): SqlValue | bigint {
  if (column?.read === "hex" && typeof value === "string") return Buffer.from(value, "hex");
  return column?.integer && typeof value === "string" && /^-?\d+$/.test(value) ? BigInt(value) : value;
}

/**
 * Names rows of a table without a primary key: by the query that they came with, and their place in it. All rows that are
 * equal come with one query, as they have the same foreign keys: those that an earlier one brought are `again` there, and
 * left out. What is known is asked of the work table, so that nothing is remembered here of any number of rows.
 */
function withoutKnown(copy: WriteSession, into: string, again: string) {
  const query = randomBytes(QUERY_BYTES).toString("hex");
  let place = 0n;
  return async (rows: readonly { readonly row: SqlRow; readonly literals: string }[]) => {
    const told = rows.map((each) => ({
      ...each,
      name: bytesLiteral(query + (++place).toString(16).padStart(PLACE_DIGITS, "0")),
      content: bytesLiteral(createHash("sha256").update(each.literals).digest("hex")),
    }));
    const contents = [...new Set(told.map(({ content }) => content))].join();
    const known = await copy.query<{ content: Buffer }>(
      `SELECT DISTINCT ${CONTENT} AS content FROM ${into} WHERE ${CONTENT} IN (${contents}) AND LEFT(${IDENTITY}, ${QUERY_BYTES}) <> x'${query}'`,
    );
    if (known.length === 0) return told;
    const before = new Set(known.map(({ content }) => bytesLiteral(content.toString("hex"))));
    await copy.run(`UPDATE ${into} SET ${again} WHERE ${CONTENT} IN (${[...before].join()})`);
    return told.filter(({ content }) => !before.has(content));
  };
}

function sizeOf(row: SqlRow): number {
  let bytes = 0;
  for (const name in row) {
    const value = row[name];
    bytes += Buffer.isBuffer(value) ? 2 * value.byteLength : typeof value === "string" ? value.length : 8;
  }
  return bytes;
}
