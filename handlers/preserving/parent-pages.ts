// Carried parents of one round, as pages of the values that children refer to.
import { quoteName } from "../mysql/identifiers.ts";
import { pagesOf, type Collecting } from "./pages.ts";
import { tableOf, type PlannedReference } from "./preserve-plan.ts";
import { roundName } from "./workspace.ts";

/** @param round the children's: the parents came in the one before */
export function parentPages(
  { plan, session, workspace }: Collecting,
  reference: PlannedReference,
  way: number,
  round: number,
) {
  const parent = tableOf(plan, reference.parentTable);
  const selected = reference.parentColumns.flatMap((name) => {
    const column = parent.columns.find((candidate) => candidate.name === name);
    return column ? [{ sql: `s.${quoteName(name)}`, column }] : [];
  });
  return pagesOf(session, `${workspace.rows(parent.name)} s WHERE s.${roundName(way)} = ${round - 1}`, selected);
}
