// Columns that refer to carried rows take over what their parents' columns have become; what is lost becomes NULL.
import type { Assignment } from "./assignments.ts";
import { writeLinks } from "./declared/write-links.ts";
import type { Merging } from "./merging.ts";
import { tableOf, type FollowingColumn, type PlannedReference, type PreservePlan } from "./preserve-plan.ts";
import { within, type Range } from "./range.ts";
import { isNulled, isOutside, leadingOutside, referring, refersTo, rowOf } from "./reference-sql.ts";
import { LINK, movedName, NUMBER, valueInCopy, type Workspace } from "./workspace.ts";

/** Whether the column takes over one parent's value, and nothing else becomes of it. */
export function onlyFollows(
  { references: all }: PreservePlan,
  { table, column, references }: FollowingColumn,
): boolean {
  const own = all.filter((reference) => reference.table === table && reference.columns.includes(column));
  return references.length === 1 && own.every(({ link, nulls }) => link === null && !nulls.includes(column));
}

/** What becomes of a column that only follows. */
function following(plan: PreservePlan, workspace: Workspace, { table, column, references }: FollowingColumn) {
  return references.flatMap((i): Assignment[] => {
    const reference = plan.references[i];
    if (!reference) return [];
    const [target, p] = [movedName(tableOf(plan, table), column), `p${i}_${reference.columns.indexOf(column)}`];
    const join = `LEFT JOIN ${workspace.rows(reference.parentTable)} ${p} ON ${refersTo(reference, p)}`;
    return [
      {
        column: target,
        value: `IF(${p}.${NUMBER} IS NULL, s.${target}, ${parentValue(plan, reference, column, p)})`,
        join,
      },
    ];
  });
}

/**
 * One column of a batch of work rows. Declared references get their values in links first, and then in the column.
 *
 * @returns what is still to be assigned to the batch: all of it, for a column that only follows
 */
export async function follow(context: Merging, which: FollowingColumn, range: Range): Promise<Assignment[]> {
  if (onlyFollows(context.plan, which)) return following(context.plan, context.workspace, which);
  const { table, column, references } = which;
  for (const i of references) {
    const reference = context.plan.references[i];
    if (reference) await followParents(context, reference, column, range);
  }
  for (const reference of context.plan.references) {
    if (reference.table === table && reference.nulls.includes(column))
      await nullLost(context, reference, column, range);
  }
  await writeLinks(context, table, column, range);
  return [];
}

async function followParents(
  { plan, session, workspace }: Merging,
  reference: PlannedReference,
  column: string,
  range: Range,
): Promise<void> {
  const target = reference.link ? LINK.moved : movedName(tableOf(plan, reference.table), column);
  await session.run(
    `UPDATE ${referring(plan, workspace, reference, "rows")} STRAIGHT_JOIN ${workspace.rows(reference.parentTable)} p ON ${refersTo(reference, "p")}
     SET s.${target} = ${parentValue(plan, reference, column, "p")} WHERE ${within(range, rowOf(reference))}`,
  );
}

/** What the parent `p` has in the copy in the column that `column` refers to. */
function parentValue(plan: PreservePlan, reference: PlannedReference, column: string, p: string): string {
  const parentColumn = reference.parentColumns[reference.columns.indexOf(column)] ?? "";
  return valueInCopy(tableOf(plan, reference.parentTable), parentColumn, p);
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
