// Columns that refer to carried rows take over what their parents' columns have become; what is lost becomes NULL.
import { writeLinks } from "./declared/write-links.ts";
import type { Merging } from "./merging.ts";
import { tableOf, type FollowingColumn, type PlannedReference } from "./preserve-plan.ts";
import { within, type Range } from "./range.ts";
import { isNulled, isOutside, leadingOutside, referring, refersTo, rowOf } from "./reference-sql.ts";
import { LINK, movedName, valueInCopy } from "./workspace.ts";

/** One column of a batch of work rows. Declared references get their values in links first, and then in the column. */
export async function follow(context: Merging, following: FollowingColumn, range: Range): Promise<void> {
  const { table, column, references } = following;
  for (const i of references) {
    const reference = context.plan.references[i];
    if (reference) await followParents(context, reference, column, range);
  }
  for (const reference of context.plan.references) {
    if (reference.table === table && reference.nulls.includes(column))
      await nullLost(context, reference, column, range);
  }
  await writeLinks(context, table, column, range);
}

async function followParents(
  { plan, session, workspace }: Merging,
  reference: PlannedReference,
  column: string,
  range: Range,
): Promise<void> {
  const parent = tableOf(plan, reference.parentTable);
  const parentColumn = reference.parentColumns[reference.columns.indexOf(column)] ?? "";
  const target = reference.link ? LINK.moved : movedName(tableOf(plan, reference.table), column);
  await session.run(
    `UPDATE ${referring(plan, workspace, reference, "rows")} STRAIGHT_JOIN ${workspace.rows(parent.name)} p ON ${refersTo(reference, "p")}
     SET s.${target} = ${valueInCopy(parent, parentColumn, "p")} WHERE ${within(range, rowOf(reference))}`,
  );
}

async function nullLost(
  { plan, session, workspace }: Merging,
  reference: PlannedReference,
  column: string,
  range: Range,
): Promise<void> {
  const target = reference.link
    ? `s.${LINK.moved} = NULL, s.${LINK.nulled} = 1`
    : `s.${movedName(tableOf(plan, reference.table), column)} = NULL`;
  await session.run(
    `UPDATE ${leadingOutside(plan, workspace, reference, "rows")} SET ${target}
     WHERE ${isOutside(reference)} AND ${isNulled(plan, reference)} AND ${within(range, rowOf(reference))}`,
  );
}
