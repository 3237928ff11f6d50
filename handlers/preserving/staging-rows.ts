// Reads staging's rows with nothing lost and puts them into a work table, each once however often it is met.
import { createHash } from "node:crypto";
import type { ReadSession, SqlRow, SqlValue, WriteSession } from "../../contracts/platform.ts";
import { quoteName } from "../mysql/identifiers.ts";
import { bytesLiteral, textLiteral } from "../mysql/literals.ts";
import type { PlannedColumn } from "./preserve-plan.ts";
import { IDENTITY } from "./workspace.ts";

/** Rows of one INSERT: enough to save round trips, few enough to hold in memory. */
const INSERT_ROWS = 1000;
/** Bytes of one INSERT: under MySQL 5.6's default max_allowed_packet of 4 MiB, with bytes written as hex. */
const INSERT_BYTES = 1024 * 1024;

export interface Target {
  /** The quoted work table. */
  readonly into: string;
  readonly columns: readonly PlannedColumn[];
  /** The columns that tell rows apart; empty: all of them, and equal rows are counted. */
  readonly identity: readonly string[];
  /** Further columns and the values of every row: constants, or another column's value again. */
  readonly extra: readonly { readonly name: string; readonly value: number | { readonly of: string } }[];
  /** An assignment for rows that are there already; left out, they stay as they are. */
  readonly again?: string;
  /** Called with rows that are put into the target, and their names there. */
  readonly beside?: (rows: readonly SqlRow[], identities: readonly Buffer[]) => Promise<void>;
}

/** A SELECT list whose values survive the way through text. */
export function selectList(columns: readonly PlannedColumn[]): string {
  return columns.map((column) => `${readExpression(column)} AS ${quoteName(column.name)}`).join(", ");
}

function readExpression({ name, read }: PlannedColumn): string {
  if (read === "hex") return `HEX(${quoteName(name)})`;
  // As text, a FLOAT has 6 digits; the DOUBLE of the same value has all.
  return read === "double" ? `${quoteName(name)} + 0e0` : quoteName(name);
}

/** A statement and its bound values; a rule's condition has none, as it may hold question marks of its own. */
export interface Query {
  readonly sql: string;
  readonly values?: readonly unknown[];
}

/**
 * Copies a query's rows into the target, at most two batches of them in memory. Rows that are there already stay.
 *
 * @param choose picks those of a batch that are to be copied
 */
export async function copyRows(
  staging: ReadSession,
  query: Query,
  copy: WriteSession,
  target: Target,
  choose: (rows: readonly SqlRow[]) => Promise<readonly SqlRow[]> = async (rows) => rows,
): Promise<void> {
  const identify = identifier(target);
  let rows: SqlRow[] = [];
  let bytes = 0;
  const write = async (batch: SqlRow[]) => {
    const chosen = batch.length > 0 ? await choose(batch) : [];
    if (chosen.length > 0) await insert(copy, target, chosen, identify);
  };
  // The next batch is read while one is written.
  let writing = Promise.resolve();
  const flush = async () => {
    await writing;
    writing = write(rows);
    writing.catch(() => undefined); // awaited a batch later
    rows = [];
    bytes = 0;
  };
  for await (const row of staging.stream(query.sql, query.values)) {
    rows.push(row);
    bytes += sizeOf(row);
    if (rows.length >= INSERT_ROWS || bytes >= INSERT_BYTES) await flush();
  }
  await flush();
  await writing;
}

async function insert(
  copy: WriteSession,
  { into, columns, extra, again = `${IDENTITY} = ${IDENTITY}`, beside }: Target,
  rows: readonly SqlRow[],
  identify: (row: SqlRow) => Buffer,
): Promise<void> {
  const names = [IDENTITY, ...columns.map((column) => quoteName(column.name)), ...extra.map(({ name }) => name)];
  const identities = rows.map(identify);
  // A name stands for the value that its column has just been given.
  const same = extra.map(({ value }) => (typeof value === "number" ? value : quoteName(value.of)));
  const tuples = rows.map((row, i) => {
    const values = columns.map((column) => literal(toLiteral(column, row[column.name] ?? null)));
    return `(${[literal(identities[i] ?? null), ...values, ...same].join()})`;
  });
  await copy.run(`INSERT INTO ${into} (${names.join()}) VALUES ${tuples.join()} ON DUPLICATE KEY UPDATE ${again}`);
  await beside?.(rows, identities);
}

/** Written here: mysql2 searches each value, and then the whole statement, for what it may have to replace. */
function literal(value: SqlValue | bigint): string {
  if (typeof value === "string") return textLiteral(value);
  return Buffer.isBuffer(value) ? bytesLiteral(value.toString("hex")) : String(value);
}

/** A value for a statement: an integer stays a number however long it is, so that comparing it is exact. */
export function toLiteral(column: PlannedColumn | undefined, value: SqlValue): SqlValue | bigint {
  if (column?.read === "hex" && typeof value === "string") return Buffer.from(value, "hex");
  return column?.integer && typeof value === "string" && /^-?\d+$/.test(value) ? BigInt(value) : value;
}

/**
 * Names a row by its identity, as staging has it: what the copy's collation calls equal may be two rows. Integers stand
 * there as they are, so that rows come in their key's order; of anything else it is a hash.
 *
 * Rows of a table without a primary key are named by their content and how many equal ones the query gave before; all
 * rows that are equal come with one query, as they have the same foreign keys.
 */
function identifier({ identity, columns }: Target): (row: SqlRow) => Buffer {
  const counts = new Map<string, number>();
  const names = identity.length > 0 ? identity : columns.map((column) => column.name);
  return (row) => {
    const values = names.map((column) => row[column] ?? null);
    if (identity.length > 0) return integers(values) ?? hash(values);
    const name = hash(values);
    const count = (counts.get(name.toString("base64")) ?? 0) + 1;
    counts.set(name.toString("base64"), count);
    return hash([name, count]);
  };
}

/** So few that they are shorter than a hash. */
const INTEGERS = 3;
const INTEGER_BYTES = 8;

/** Undefined for other values, and for digits that are no integer's usual ones. */
function integers(values: readonly SqlValue[]): Buffer | undefined {
  if (values.length > INTEGERS) return undefined;
  const bytes = Buffer.allocUnsafe(values.length * INTEGER_BYTES);
  for (const [i, value] of values.entries()) {
    if (!/^(0|-?[1-9]\d{0,18})$/.test(String(value))) return undefined;
    bytes.writeBigUInt64BE(BigInt.asUintN(64, BigInt(String(value))), i * INTEGER_BYTES);
  }
  return bytes;
}

function hash(values: readonly SqlValue[]): Buffer {
  const parts = values.flatMap((value) => {
    if (value === null) return [NOTHING];
    const bytes = Buffer.isBuffer(value) ? value : Buffer.from(String(value));
    return [Buffer.from(`${bytes.byteLength};`), bytes];
  });
  return createHash("sha256").update(Buffer.concat(parts)).digest();
}

const NOTHING = Buffer.from("-;");

function sizeOf(row: SqlRow): number {
  let bytes = 0;
  for (const value of Object.values(row)) {
    bytes += Buffer.isBuffer(value) ? 2 * value.byteLength : typeof value === "string" ? value.length : 8;
  }
  return bytes;
}
