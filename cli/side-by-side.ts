// A few rows of one table, production's beside staging's. It shows personal data: only `npm run local` calls it, on
// sample data. No command of the CLI does, and none may.
import type { ReadSession, SqlRow, SqlValue } from "../contracts/platform.ts";
import { quoteName, quoteNames, quoteTable } from "../handlers/mysql/identifiers.ts";
import { fit, formatTable } from "./render/format.ts";

/** Wide enough for an e-mail address, and two of them fit on a screen. */
const CELL_WIDTH = 32;

export interface Side {
  readonly session: ReadSession;
  readonly database: string;
}

export interface Comparison {
  readonly production: Side;
  readonly staging: Side;
  readonly table: string;
  /** A unique column that masking keeps: by it a row finds its other self. */
  readonly key: string;
  readonly columns: readonly string[];
  readonly limit?: number;
}

/** The first rows by key that production has, each with what staging has under the same key; no newline at the end. */
export async function sideBySide(comparison: Comparison): Promise<string> {
  const { production, staging, table, key, columns, limit = 3 } = comparison;
  const select = ({ database }: Side) =>
    `SELECT ${quoteNames([...new Set([key, ...columns])])} FROM ${quoteTable(database, table)}`;
  const originals = await production.session.query(`${select(production)} ORDER BY ${quoteName(key)} LIMIT ${limit}`);
  const rows = [[`${table}.${key}`, "column", "production", "staging"]];
  for (const original of originals) {
    const [masked] = await staging.session.query(`${select(staging)} WHERE ${quoteName(key)} = ?`, [original[key]]);
    columns.forEach((column, i) => {
      rows.push([i === 0 ? cell(original, key) : "", column, cell(original, column), cell(masked, column)]);
    });
  }
  return formatTable(rows).join("\n");
}

function cell(row: SqlRow | undefined, column: string): string {
  if (!row) return "(no such row)";
  return fit(textOf(row[column] ?? null), CELL_WIDTH);
}

/** One line of printable text; control characters as JSON writes them. */
function textOf(value: SqlValue): string {
  if (value === null) return "NULL";
  if (Buffer.isBuffer(value)) return `0x${value.toString("hex")}`;
  return JSON.stringify(String(value)).slice(1, -1).replaceAll('\\"', '"').replaceAll("\\\\", "\\");
}
