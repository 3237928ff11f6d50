// How a row of the sample is written down: SQL literals, and the batches that go to the server.
import { escape } from "mysql2";
import type { Connection, ConnectionOptions } from "mysql2/promise";
import { createConnection } from "mysql2/promise";
import type { Random } from "./random.ts";

/** Text and numbers become literals; `hex` bytes; the rest stands for itself. */
export type Value = string | number | null | { readonly hex: string };

/** One table's rows, made one at a time. */
export interface TableRows {
  readonly table: string;
  readonly columns: readonly string[];
  /** How often `rows` is called, from 1 up. */
  readonly count: number;
  /** The rows of one index; mostly one. */
  readonly rows: (index: number, random: Random) => readonly (readonly Value[])[];
}

/** Opens a connection that may write what the sample has: zero dates, rows before their parents. Needs no SUPER. */
export async function openFillSession(options: ConnectionOptions): Promise<Connection> {
  const session = await createConnection({ ...options, charset: "utf8mb4" });
  await session.query(
    "SET SESSION foreign_key_checks = 0, unique_checks = 0, time_zone = '+00:00', sql_mode = 'STRICT_TRANS_TABLES,NO_ENGINE_SUBSTITUTION'",
  );
  return session;
}

/** One INSERT's length. Longer ones are no faster, cost memory, and MySQL 5.6 refuses more than 4 MB. */
const BATCH_CHARACTERS = 64 * 1024;

/** Writes a table's rows; never holds more than a batch of them. Returns how many there were. */
export async function insertRows(
  session: Connection,
  { table, columns, count, rows }: TableRows,
  randomOf: (index: number) => Random,
  onRows: (rows: number) => void,
): Promise<number> {
  const head = `INSERT INTO \`${table}\` (${columns.map((name) => `\`${name}\``).join(",")}) VALUES `;
  let written = 0;
  let tuples: string[] = [];
  let characters = 0;
  const flush = async () => {
    if (tuples.length === 0) return;
    await session.query(head + tuples.join(","));
    written += tuples.length;
    onRows(tuples.length);
    tuples = [];
    characters = 0;
  };
  for (let index = 1; index <= count; index++) {
    for (const row of rows(index, randomOf(index))) {
      const tuple = `(${row.map(literal).join(",")})`;
      tuples.push(tuple);
      characters += tuple.length;
    }
    if (characters >= BATCH_CHARACTERS) await flush();
  }
  await flush();
  return written;
}

/** `"id name"` → `["id", "name"]`: a list of columns that reads like one. */
export function words(text: string): string[] {
  return text.split(" ");
}

function literal(value: Value): string {
  if (value === null) return "NULL";
  if (typeof value === "number") return String(value);
  if (typeof value === "object") return `x'${value.hex}'`;
  return escape(value);
}
