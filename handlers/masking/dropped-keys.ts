// Which keys masking does without: each new value would have to be sorted into them one by one.
import type { ReadSession } from "../../contracts/platform.ts";
import { textLiteral } from "../mysql/literals.ts";
import { columnId } from "./column-kind.ts";
import type { KeyDefinition } from "./key-definitions.ts";
import { maskedColumns, type TablePlan } from "./plan.ts";

/** A key's column, or null for an expression. */
interface KeyPart {
  readonly keyName: string;
  readonly columnName: string | null;
  readonly isFirst: boolean;
}

/**
 * The names of keys to drop while a table is masked: those that cover a masked column, or what is computed from one.
 * A key over other columns costs an UPDATE nothing.
 *
 * Never dropped: the primary key and the one that chunks walk, and those that a foreign key or AUTO_INCREMENT needs.
 */
export async function keysToDrop(
  session: ReadSession,
  database: string,
  table: TablePlan,
  keys: readonly KeyDefinition[],
): Promise<Set<string>> {
  const changed = new Set(
    [...maskedColumns(table), ...table.columns.filter(({ transform }) => transform.name === "generated")].map(
      ({ column }) => columnId(column),
    ),
  );
  const needed = await neededColumns(session, database, table.table);
  const parts = await readParts(session, database, table.table);
  const isDropped = ({ name }: KeyDefinition) => {
    if (name === "PRIMARY" || name === table.chunkKey?.index) return false;
    const own = parts.filter(({ keyName }) => keyName === name);
    if (own.some(({ isFirst, columnName }) => isFirst && columnName !== null && needed.has(columnId(columnName)))) {
      return false;
    }
    return own.some(({ columnName }) => columnName === null || changed.has(columnId(columnName)));
  };
  return new Set(keys.filter(isDropped).map(({ name }) => name));
}

/** `expression` is MySQL 8's; where a part has one, its column is NULL. */
async function readParts(session: ReadSession, database: string, table: string): Promise<KeyPart[]> {
  const rows = await session.query<{ keyName: string; columnName: string | null; position: number | string }>(
    `SELECT index_name AS keyName, column_name AS columnName, seq_in_index AS position
     FROM information_schema.statistics
     WHERE table_schema = ${textLiteral(database)} AND table_name = ${textLiteral(table)}`,
  );
  return rows.map(({ position, ...part }) => ({ ...part, isFirst: Number(position) === 1 }));
}

/** Columns of foreign keys, on either side, and an AUTO_INCREMENT column: a key must begin with each of them. */
async function neededColumns(session: ReadSession, database: string, table: string): Promise<Set<string>> {
  const [schema, name] = [textLiteral(database), textLiteral(table)];
  const rows = await session.query<{ columnName: string }>(
    `SELECT column_name AS columnName FROM information_schema.key_column_usage
     WHERE table_schema = ${schema} AND table_name = ${name} AND referenced_table_name IS NOT NULL
     UNION SELECT referenced_column_name FROM information_schema.key_column_usage
     WHERE referenced_table_schema = ${schema} AND referenced_table_name = ${name}
     UNION SELECT column_name FROM information_schema.columns
     WHERE table_schema = ${schema} AND table_name = ${name} AND extra LIKE '%auto_increment%'`,
  );
  return new Set(rows.map(({ columnName }) => columnId(columnName)));
}
