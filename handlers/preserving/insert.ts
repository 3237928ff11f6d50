// Inserts work rows into the copy, with the values that they have there.
import { quoteNames, quoteTable } from "../mysql/identifiers.ts";
import { isInserted } from "./fate.ts";
import type { Merging } from "./merging.ts";
import { tableOf } from "./preserve-plan.ts";
import { within, type Range } from "./range.ts";
import { NUMBER, valueInCopy } from "./workspace.ts";

export async function insert(
  { plan, session, workspace, database }: Merging,
  name: string,
  range: Range,
): Promise<void> {
  const table = tableOf(plan, name);
  const columns = table.columns.filter((column) => !column.generated).map((column) => column.name);
  await session.run(
    `INSERT INTO ${quoteTable(database, name)} (${quoteNames(columns)})
     SELECT ${columns.map((column) => valueInCopy(table, column, "s")).join(", ")}
     FROM ${workspace.rows(name)} s WHERE ${within(range)} AND ${isInserted("s")} ORDER BY s.${NUMBER}`,
  );
}
