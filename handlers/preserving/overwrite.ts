// Production's rows that match get the values of staging's, where the policy is `overwrite`; their keys stay.
import { quoteName, quoteTable } from "../mysql/identifiers.ts";
import { hasFate } from "./fate.ts";
import type { Merging } from "./merging.ts";
import { isRowOf } from "./proof/row-of.ts";
import { tableOf } from "./preserve-plan.ts";
import { within, type Range } from "./range.ts";
import { valueInCopy } from "./workspace.ts";

export async function overwrite(
  { plan, session, workspace, database }: Merging,
  name: string,
  range: Range,
): Promise<void> {
  const table = tableOf(plan, name);
  const stays = new Set([...table.key, ...(table.match?.adopted ?? [])]);
  const set = table.columns
    .filter((column) => !column.generated && !stays.has(column.name))
    .map((column) => `c.${quoteName(column.name)} = ${valueInCopy(table, column.name, "s")}`);
  if (set.length === 0) return;
  // A column that staging lacks may change by itself when its row does: ON UPDATE CURRENT_TIMESTAMP.
  const own = table.defaulted
    .filter(({ generated }) => !generated)
    .map((column) => `c.${quoteName(column.name)} = c.${quoteName(column.name)}`);
  await session.run(
    `UPDATE ${workspace.rows(name)} s STRAIGHT_JOIN ${quoteTable(database, name)} c ON ${isRowOf(table)}
     SET ${[...set, ...own].join(", ")} WHERE ${within(range)} AND ${hasFate("s", "overwrite")}`,
  );
}
