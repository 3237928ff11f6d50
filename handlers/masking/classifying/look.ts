// Looks at a bounded sample of each table's values. They are counted here and forgotten: nothing returns or logs one.
import { isMySqlError } from "../../../contracts/errors.ts";
import type { ReadSession, SqlValue } from "../../../contracts/platform.ts";
import { quoteName, quoteTable } from "../../mysql/identifiers.ts";
import { primaryKey, type Column, type Schema, type Table } from "../../mysql/schema.ts";
import { columnId, kindOf } from "../column-kind.ts";
import { NO_EVIDENCE, weigh, type Evidence } from "./evidence.ts";
import type { EvidenceOf } from "./propose.ts";

/** At each end of the primary key: old rows are often unlike new ones. */
const ROWS_AT_EACH_END = 200;
/** What is beyond tells no more of what a value is. */
const LONGEST_CHARACTERS = 1000;

export interface Looked {
  readonly evidence: EvidenceOf;
  readonly rows: number;
  /** Tables that the server did not let be read, with its code. */
  readonly unread: readonly { readonly table: string; readonly code: string }[];
}

/** At most 400 rows of each table, by its primary key; 200 of one that has none. */
export async function lookAtValues(session: ReadSession, { database, tables }: Schema): Promise<Looked> {
  const found = new Map<Column, Evidence>();
  const unread: { table: string; code: string }[] = [];
  let rows = 0;
  for (const table of tables.values()) {
    const columns = table.columns.filter((column) => isTelling(table, column));
    if (columns.length === 0) continue;
    try {
      const sampled = await sample(session, database, table, columns);
      rows += sampled.length;
      columns.forEach((column, i) => found.set(column, weigh(sampled.flatMap((row) => textOf(row[`v${i}`])))));
    } catch (error) {
      if (!isMySqlError(error)) throw error;
      unread.push({ table: table.name, code: error.code });
    }
  }
  return { evidence: (_table, column) => found.get(column) ?? NO_EVIDENCE, rows, unread };
}

/** Text, and numbers that may be telephones'; not what the server computes or counts. */
function isTelling(table: Table, column: Column): boolean {
  const kind = kindOf(column);
  if (column.generated || column.autoIncrement) return false;
  const isReference = table.foreignKeys.some(({ columns }) =>
    columns.some((name) => columnId(name) === columnId(column.name)),
  );
  return !isReference && (kind === "text" || column.dataType === "bigint" || column.dataType === "decimal");
}

function sample(
  session: ReadSession,
  database: string,
  table: Table,
  columns: readonly Column[],
): Promise<Record<string, SqlValue>[]> {
  const values = columns.map(
    (column, i) => `LEFT(CAST(${quoteName(column.name)} AS CHAR), ${LONGEST_CHARACTERS}) AS v${i}`,
  );
  const from = `SELECT ${values.join(", ")} FROM ${quoteTable(database, table.name)}`;
  const key = primaryKey(table).map(quoteName);
  if (key.length === 0) return session.query(`${from} LIMIT ${ROWS_AT_EACH_END}`);
  const end = (direction: "ASC" | "DESC") =>
    `(${from} ORDER BY ${key.map((name) => `${name} ${direction}`).join(", ")} LIMIT ${ROWS_AT_EACH_END})`;
  return session.query(`${end("ASC")} UNION ALL ${end("DESC")}`);
}

function textOf(value: SqlValue | undefined): string[] {
  return value === null || value === undefined ? [] : [String(value)];
}
