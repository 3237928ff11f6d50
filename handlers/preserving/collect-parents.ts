// The rows outside the set that carried rows refer to: read to know them again in the copy, or carried too.
import type { WriteSession } from "../../contracts/platform.ts";
import { quoteName, quoteTable } from "../mysql/identifiers.ts";
import { telling } from "./errors.ts";
import { matchingCopier } from "./copy-matching.ts";
import { pagesOf, type Collecting } from "./pages.ts";
import { tableOf, type PlannedReference } from "./preserve-plan.ts";
import { isLost, isOutside, leading, leadingOutside, rowOf, valueOf } from "./reference-sql.ts";
import { rowsTarget } from "./rows-target.ts";
import { sideBySide } from "./side-by-side.ts";
import { indexOfWay, isToBeMasked, policiesOf, policyOf, wayOfParents } from "./ways.ts";
import { FOUND } from "./workspace.ts";

/** Until no more parents are carried: each that is has parents itself. */
export async function collectParents(context: Collecting): Promise<void> {
  const { references } = context.plan;
  const byParents = Map.groupBy(references, (_, i) => context.workspace.parents(i));
  for (let carried = true; carried;) {
    await sideBySide(
      context.open,
      Array.from(byParents, ([into, group]) => async (session: WriteSession) => {
        for (const reference of group) await readParents({ ...context, session }, reference, into);
      }),
    );
    carried = false;
    for (const reference of references) if (await carryParents(context, reference)) carried = true;
  }
}

async function readParents(context: Collecting, reference: PlannedReference, into: string): Promise<void> {
  const target = { into, columns: reference.outside, identity: reference.parentColumns, extra: [] };
  let any = false;
  await telling(`reading \`${reference.parentTable}\` in staging`, async () => {
    const copy = matchingCopier(context, reference.parentTable, reference.parentColumns, target);
    for await (const values of outsidePages(context, reference, leading)) {
      await copy(values);
      any = true;
    }
  });
  if (!any) return;
  await telling(`looking for rows of \`${reference.parentTable}\` in the copy`, () =>
    findInCopy(context, reference, into),
  );
}

/** A parent is the same row where its key and its other unique keys are, as far as masking left them alone. */
async function findInCopy({ session, database }: Collecting, reference: PlannedReference, parents: string) {
  const { parentTable, parentColumns, outside } = reference;
  const natural = outside.map((column) => column.name).slice(parentColumns.length);
  const equal = (columns: readonly string[], operator: "=" | "<=>") =>
    columns.map((column) => `c.${quoteName(column)} ${operator} o.${quoteName(column)}`).join(" AND ");
  await session.run(
    `UPDATE ${parents} o STRAIGHT_JOIN ${quoteTable(database, parentTable)} c ON ${equal(parentColumns, "=")}
     SET o.${FOUND} = ${natural.length === 0 ? "'same'" : `IF(${equal(natural, "<=>")}, 'same', 'different')`}`,
  );
}

/** Carries those of the lost parents that rows with the policy `carry` refer to; false where there were none. */
async function carryParents(context: Collecting, reference: PlannedReference): Promise<boolean> {
  const { plan } = context;
  if (!reference.carried || !policiesOf(plan, reference.table).includes("carry")) return false;
  const row = rowOf(reference);
  const parent = tableOf(plan, reference.parentTable);
  let any = false;
  for (const mask of new Set(plan.ways.map((way) => way.mask))) {
    const way = indexOfWay(plan.ways, wayOfParents(mask));
    const lost = `${isLost(reference)} AND o.${FOUND} IS NOT NULL AND ${policyOf(plan, reference.table, row)} = 'carry' AND ${isToBeMasked(plan, row)} = ${mask}`;
    await telling(`reading \`${parent.name}\` in staging`, async () => {
      // It comes in a round of its own: no rule chose it.
      const copy = matchingCopier(context, parent.name, reference.parentColumns, rowsTarget(context, parent, way, 1));
      for await (const values of outsidePages(context, reference, leadingOutside, lost)) {
        await copy(values);
        any = true;
      }
    });
  }
  return any;
}

function outsidePages(
  { plan, session, workspace }: Collecting,
  reference: PlannedReference,
  from: typeof leading,
  condition = "TRUE",
) {
  const selected = reference.parentColumns.flatMap((name, i) => {
    const column = reference.outside.find((candidate) => candidate.name === name);
    return column ? [{ sql: valueOf(reference, i), column }] : [];
  });
  const rows = `${from(plan, workspace, reference)} WHERE ${isOutside(reference)} AND ${condition}`;
  return pagesOf(session, rows, selected);
}
