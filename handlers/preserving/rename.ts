// `on_match: rename`: a row that production has too stands beside it, under a name that is free.
import { FatalError } from "../../contracts/errors.ts";
import { quoteTable, quoteName } from "../mysql/identifiers.ts";
import { FATE, FATES, hasFate, isInserted } from "./fate.ts";
import type { PlannedMatch } from "./match-plan.ts";
import { count, type Merging } from "./merging.ts";
import type { PlannedTable } from "./preserve-plan.ts";
import { movedName, NUMBER, valueInCopy } from "./workspace.ts";

/**
 * Applies the pattern to each row that production has too, and again while its new name is taken, by production or by
 * another work row. Every time it grows, so that it ends: free, or too long.
 *
 * @throws FatalError `PRESERVE_RENAME_LONG`
 */
export async function rename(context: Merging, table: PlannedTable, match: PlannedMatch, pattern: string) {
  const { plan, session, workspace } = context;
  if (!match.renamed) return;
  const [before = "", after = ""] = pattern.split("{value}");
  const name = movedName(table, match.renamed.column);
  const rows = workspace.rows(table.name);
  const room = match.renamed.characters - Array.from(before + after).length;
  for (let isFirst = true; await noteTaken(context, table, match, isFirst); isFirst = false) {
    const taken = `${workspace.anew} a STRAIGHT_JOIN ${rows} s ON s.${NUMBER} = a.number AND a.table_number = ${plan.tables.indexOf(table)}`;
    const long = await count(context, `${taken} WHERE CHAR_LENGTH(s.${name}) > ${room}`);
    if (long > 0) refuseLong(table, match.renamed, long);
    await session.run(`UPDATE ${taken} SET s.${name} = CONCAT(?, s.${name}, ?), s.${FATE} = ${FATES.rename}`, [
      before,
      after,
    ]);
  }
}

/** Writes down the rows whose name is taken; whether there are any. A row that keeps its name yields to none. */
async function noteTaken(context: Merging, table: PlannedTable, match: PlannedMatch, isFirst: boolean) {
  const { plan, session, workspace, database } = context;
  const own = plan.tables.indexOf(table);
  const rows = workspace.rows(table.name);
  const equal = (other: (name: string) => string) =>
    match.columns.map((column) => `${other(column)} = ${valueInCopy(table, column, "s")}`).join(" AND ");
  const fate = hasFate("s", isFirst ? "insert" : "rename");
  const ofProduction = `SELECT s.${NUMBER} FROM ${rows} s JOIN ${quoteTable(database, table.name)} c
    ON ${equal((column) => `c.${quoteName(column)}`)} WHERE ${fate}`;
  const ofStaging = `SELECT s.${NUMBER} FROM ${rows} s JOIN ${rows} e ON ${equal((column) => valueInCopy(table, column, "e"))}
    WHERE ${fate} AND ${isInserted("e")} AND (${hasFate("e", "insert")} OR e.${NUMBER} < s.${NUMBER})`;
  const taken = isFirst ? ofProduction : `${ofProduction} UNION ${ofStaging}`;
  await session.run(`DELETE FROM ${workspace.anew} WHERE table_number = ${own}`);
  const { affectedRows } = await session.run(
    `INSERT INTO ${workspace.anew} (table_number, number) SELECT DISTINCT ${own}, ${NUMBER} FROM (${taken}) taken`,
  );
  return affectedRows > 0;
}

function refuseLong(
  { name }: PlannedTable,
  { column, characters }: { column: string; characters: number },
  rows: number,
): never {
  throw new FatalError(
    "PRESERVE_RENAME_LONG",
    `\`${name}.${column}\` holds ${characters} characters, too few to rename ${rows} rows that production has too. Give \`on_match\` a shorter pattern, or change the rows in staging, then replay the run.`,
  );
}
