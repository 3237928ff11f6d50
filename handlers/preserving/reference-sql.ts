// SQL about references between work rows: `s` is the row that refers, `p` the carried row that it refers to.
import { quoteName } from "../mysql/identifiers.ts";
import { tableOf, type PlannedReference, type PreservePlan } from "./preserve-plan.ts";
import { NUMBER, valueInCopy, type Workspace } from "./workspace.ts";

/** `s` refers to `parent`, by staging's values. One with a NULL among its columns refers to nothing (MATCH SIMPLE). */
export function refersTo(reference: PlannedReference, parent: string): string {
  return reference.columns
    .map((column, i) => `${parent}.${quoteName(reference.parentColumns[i] ?? "")} = s.${quoteName(column)}`)
    .join(" AND ");
}

/** The rows of the referring table, each with the carried row that it refers to, or without. */
export function leadingOutside(plan: PreservePlan, workspace: Workspace, reference: PlannedReference): string {
  const rows = `${workspace.rows(reference.table)} s`;
  if (!reference.carried) return rows;
  return `${rows} LEFT JOIN ${workspace.rows(tableOf(plan, reference.parentTable).name)} p ON ${refersTo(reference, "p")}`;
}

/** `s` refers to something. */
export function isPresent(reference: PlannedReference): string {
  return reference.columns.map((column) => `s.${quoteName(column)} IS NOT NULL`).join(" AND ");
}

/** Of `leadingOutside`'s rows, the ones that refer to a row outside the set. */
export function isOutside(reference: PlannedReference): string {
  return `${isPresent(reference)}${reference.carried ? ` AND p.${NUMBER} IS NULL` : ""}`;
}

/** Every column of `s` stands in the copy at the value that its parent has there: `p`'s, or for one outside its own. */
export function isRight(plan: PreservePlan, reference: PlannedReference, parent: "p" | "outside"): string {
  const child = tableOf(plan, reference.table);
  return reference.columns
    .map((column, i) => {
      const expected =
        parent === "p"
          ? valueInCopy(tableOf(plan, reference.parentTable), reference.parentColumns[i] ?? "", "p")
          : `s.${quoteName(column)}`;
      return `${valueInCopy(child, column, "s")} <=> ${expected}`;
    })
    .join(" AND ");
}
