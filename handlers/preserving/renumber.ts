// Ids that production has taken are given anew.
import { FatalError } from "../../contracts/errors.ts";
import { quoteName, quoteTable } from "../mysql/identifiers.ts";
import type { Merging } from "./merging.ts";
import { tableOf } from "./preserve-plan.ts";
import { within, type Range } from "./range.ts";
import { movedName, NUMBER } from "./workspace.ts";

/** Gives rows whose id is taken in the copy an id past every one that is in use on either side, or ever was in the copy. */
export async function renumber(context: Merging, name: string, range: Range): Promise<void> {
  const { plan, session, workspace, database } = context;
  const table = tableOf(plan, name);
  if (!table.id) return;
  const id = quoteName(table.id.column);
  const taken = await session.query<{ number: string }>(
    `SELECT s.${NUMBER} AS number FROM ${workspace.rows(name)} s STRAIGHT_JOIN ${quoteTable(database, name)} c ON c.${id} = s.${id}
     WHERE ${within(range)} ORDER BY s.${NUMBER}`,
  );
  if (taken.length === 0) return;
  const highest = await highestId(context, name, table.id.column, movedName(table, table.id.column));
  if (highest + BigInt(taken.length) > BigInt(table.id.max)) {
    throw new FatalError(
      "PRESERVE_IDS_EXHAUSTED",
      `Rows of \`${name}\` need new ids, but \`${table.id.column}\` or a column that refers to it holds none past ${table.id.max}. Widen the columns in production, or preserve fewer rows, then replay the run.`,
    );
  }
  const numbers = taken.map(({ number }) => Number(number));
  await session.run(
    `UPDATE ${workspace.rows(name)} SET ${movedName(table, table.id.column)} = ${highest} + FIELD(${NUMBER}, ?) WHERE ${NUMBER} IN (?)`,
    [numbers, numbers],
  );
}

async function highestId({ session, workspace, database }: Merging, table: string, id: string, moved: string) {
  const rows = await session.query<{ id: string | number | null }>(
    `SELECT MAX(${quoteName(id)}) AS id FROM ${quoteTable(database, table)}
     UNION ALL SELECT MAX(${quoteName(id)}) FROM ${workspace.rows(table)}
     UNION ALL SELECT MAX(${moved}) FROM ${workspace.rows(table)}`,
  );
  const [created] = await session.query<Record<string, string>>(`SHOW CREATE TABLE ${quoteTable(database, table)}`);
  // information_schema's counter may be a day old on MySQL 8 (information_schema_stats_expiry).
  const next = /^\) .*?\bAUTO_INCREMENT=(\d+)/m.exec(created?.["Create Table"] ?? "")?.[1];
  const used = [0n, ...rows.map((row) => BigInt(row.id ?? 0)), next === undefined ? 0n : BigInt(next) - 1n];
  return used.reduce((most, value) => (value > most ? value : most));
}
