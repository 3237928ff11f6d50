// Whether every reference of the rows to preserve has somewhere to lead: carried parents agree, others stand in the copy.
import { quoteName, quoteTable } from "../mysql/identifiers.ts";
import { found, type Finding } from "./findings.ts";
import { count, type Merging } from "./merging.ts";
import type { PlannedReference } from "./preserve-plan.ts";
import { isOutside, isRight, leadingOutside, refersTo } from "./reference-sql.ts";

/** Findings for the reference of that index in the plan. */
export async function checkReference(context: Merging, i: number): Promise<Finding[]> {
  const reference = context.plan.references[i];
  if (!reference) return [];
  const name = `\`${reference.table}.${reference.columns.join(", ")}\` → \`${reference.parentTable}.${reference.parentColumns.join(", ")}\``;
  const conflicts = await countConflicts(context, reference);
  const { missing, different } = await countParents(context, reference, i);
  return [
    ...found(conflicts, "PRESERVE_REFERENCE_CONFLICT", (n) => `${name} contradicts another foreign key in ${n} rows`),
    ...found(
      missing,
      "PRESERVE_PARENT_MISSING",
      (n) => `${name} leads ${n} rows to parents that production does not have`,
    ),
    ...found(
      different,
      "PRESERVE_PARENT_DIFFERS",
      (n) => `${name} leads to ${n} parents that are others in production`,
    ),
  ];
}

/** Rows that one foreign key moves away from what another demands. */
async function countConflicts(context: Merging, reference: PlannedReference): Promise<number> {
  const { plan, workspace } = context;
  const outside = `${leadingOutside(plan, workspace, reference)} WHERE ${isOutside(reference)} AND NOT (${isRight(plan, reference, "outside")})`;
  const elsewhere = await count(context, outside);
  if (!reference.carried) return elsewhere;
  const carried = `${workspace.rows(reference.table)} s JOIN ${workspace.rows(reference.parentTable)} p ON ${refersTo(reference, "p")}
    WHERE NOT (${isRight(plan, reference, "p")})`;
  return elsewhere + (await count(context, carried));
}

/** Parents outside the set must stand in staging and in the copy, and be the same row there. */
async function countParents(context: Merging, reference: PlannedReference, i: number) {
  const { plan, workspace, database } = context;
  const parents = workspace.parents(i);
  const inCopy = quoteTable(database, reference.parentTable);
  const [first = ""] = reference.parentColumns.map(quoteName);
  const missing = await count(
    context,
    `${leadingOutside(plan, workspace, reference)} LEFT JOIN ${parents} o ON ${refersTo(reference, "o")}
     LEFT JOIN ${inCopy} c ON ${refersTo(reference, "c")}
     WHERE ${isOutside(reference)} AND (o.${first} IS NULL OR c.${first} IS NULL)`,
  );
  const natural = reference.outside.map((column) => column.name).slice(reference.parentColumns.length);
  if (natural.length === 0) return { missing, different: 0 };
  const different = await count(
    context,
    `${parents} o JOIN ${inCopy} c ON ${equal(reference.parentColumns, "=")} WHERE NOT (${equal(natural, "<=>")})`,
  );
  return { missing, different };
}

/** `c` in the copy has what `o` has in staging. */
function equal(columns: readonly string[], operator: "=" | "<=>"): string {
  return columns.map((column) => `c.${quoteName(column)} ${operator} o.${quoteName(column)}`).join(" AND ");
}
