// Columns that refer to carried rows take over what their parents' columns have become.
import type { Merging } from "./merging.ts";
import { tableOf, type FollowingColumn } from "./preserve-plan.ts";
import { within, type Range } from "./range.ts";
import { refersTo } from "./reference-sql.ts";
import { movedName, valueInCopy } from "./workspace.ts";

/** Takes over what the parents' columns have become, where the parent is carried. */
export async function follow(
  { plan, session, workspace }: Merging,
  { table, column, references }: FollowingColumn,
  range: Range,
) {
  const child = tableOf(plan, table);
  for (const i of references) {
    const reference = plan.references[i];
    if (!reference) continue;
    const parent = tableOf(plan, reference.parentTable);
    const parentColumn = reference.parentColumns[reference.columns.indexOf(column)] ?? "";
    await session.run(
      `UPDATE ${workspace.rows(table)} s STRAIGHT_JOIN ${workspace.rows(parent.name)} p ON ${refersTo(reference, "p")}
       SET s.${movedName(child, column)} = ${valueInCopy(parent, parentColumn, "p")} WHERE ${within(range)}`,
    );
  }
}
