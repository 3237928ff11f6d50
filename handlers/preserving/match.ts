// Finds the rows that production has too, by `match`, and decides what becomes of them.
import { FatalError } from "../../contracts/errors.ts";
import { quoteName, quoteTable } from "../mysql/identifiers.ts";
import { FATE, FATES } from "./fate.ts";
import { found, type Finding } from "./findings.ts";
import type { PlannedMatch } from "./match-plan.ts";
import { count, type Merging } from "./merging.ts";
import { tableOf, type PlannedTable } from "./preserve-plan.ts";
import { rename } from "./rename.ts";
import { movedName, NUMBER, valueInCopy } from "./workspace.ts";

/**
 * Gives matching work rows their fate. Where production's row stays, its key and whatever references lead to become the
 * work row's values in the copy, so that all that refers to the work row follows to production's.
 *
 * @throws FatalError `PRESERVE_MATCH_AMBIGUOUS`, `PRESERVE_RENAME_LONG`
 */
export async function match(context: Merging, name: string): Promise<void> {
  const table = tableOf(context.plan, name);
  if (!table.match) return;
  const { onMatch } = table.match;
  if (onMatch.kind === "rename") return rename(context, table, table.match, onMatch.pattern);
  // Found by the check, together with whatever else stands in the way.
  if (onMatch.kind === "fail") return;
  await refuseAmbiguous(context, table, table.match);
  const fate = FATES[onMatch.kind === "overwrite" ? "overwrite" : "keep"];
  const adopted = table.match.adopted.map((column) => `s.${movedName(table, column)} = c.${quoteName(column)}`);
  await context.session.run(
    `UPDATE ${matching(context, table, table.match)} SET ${[`s.${FATE} = ${fate}`, ...adopted].join(", ")}`,
  );
}

/** A finding where the policy is `fail` and production has some of the rows. */
export async function checkMatch(context: Merging, table: PlannedTable): Promise<Finding[]> {
  if (table.match?.onMatch.kind !== "fail") return [];
  const columns = table.match.columns.join(", ");
  const rows = await count(
    context,
    `(SELECT s.${NUMBER} FROM ${matching(context, table, table.match)} GROUP BY s.${NUMBER}) matching`,
  );
  return found(rows, "PRESERVE_MATCH", (n) => `production has ${n} rows of \`${table.name}\` by \`${columns}\``);
}

/** Work rows `s` with the rows `c` of the copy that have the same values, as the copy's columns compare. */
export function matching({ workspace, database }: Merging, table: PlannedTable, { columns }: PlannedMatch): string {
  const equal = columns.map((column) => `c.${quoteName(column)} = ${valueInCopy(table, column, "s")}`);
  return `${workspace.rows(table.name)} s JOIN ${quoteTable(database, table.name)} c ON ${equal.join(" AND ")}`;
}

async function refuseAmbiguous(context: Merging, table: PlannedTable, planned: PlannedMatch): Promise<void> {
  const groups = (by: string) =>
    count(context, `(SELECT 1 FROM ${matching(context, table, planned)} GROUP BY ${by} HAVING COUNT(*) > 1) several`);
  const columns = planned.columns.join(", ");
  const several = planned.unique ? 0 : await groups(`s.${NUMBER}`);
  if (several > 0) refuse(table, columns, `production has more than one row for ${several} rows to preserve`);
  const shared = await groups(planned.columns.map((column) => valueInCopy(table, column, "s")).join(", "));
  if (shared > 0) refuse(table, columns, `${shared} rows of production match more than one row to preserve`);
}

function refuse({ name }: PlannedTable, columns: string, fact: string): never {
  throw new FatalError(
    "PRESERVE_MATCH_AMBIGUOUS",
    `\`match\` of \`${name}\` by \`${columns}\` does not say which row is which: ${fact}. Match by columns that are unique, or change the rows in staging, then replay the run.`,
  );
}
