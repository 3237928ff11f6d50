// Whether every reference of the rows to preserve has somewhere to lead: carried parents agree, others stand in the copy.
import { found, type Finding } from "./findings.ts";
import { count, type Merging } from "./merging.ts";
import type { PlannedReference } from "./preserve-plan.ts";
import { isLost, isNulled, isOutside, isRight, leadingOutside, referring, refersTo } from "./reference-sql.ts";
import { policyOf } from "./ways.ts";
import { FOUND, IDENTITY, ORDINAL } from "./workspace.ts";

/** Findings for the reference of that index in the plan. */
export async function checkReference(context: Merging, i: number): Promise<Finding[]> {
  const reference = context.plan.references[i];
  if (!reference) return [];
  const name = `\`${reference.table}.${reference.columns.join(", ")}\` → \`${reference.parentTable}.${reference.parentColumns.join(", ")}\``;
  const conflicts = await countConflicts(context, reference);
  const { missing, different } = await countLost(context, reference);
  const unreadable = await countUnreadable(context, reference, i);
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
    ...found(
      unreadable,
      "PRESERVE_DOCUMENT_BROKEN",
      (n) => `\`${reference.table}.${reference.columns.join(", ")}\` holds no JSON in ${n} rows`,
    ),
  ];
}

/** Rows that one foreign key moves away from what another demands. */
async function countConflicts(context: Merging, reference: PlannedReference): Promise<number> {
  const { plan, workspace } = context;
  const outside = `${leadingOutside(plan, workspace, reference)} WHERE ${isOutside(reference)} AND NOT (${isRight(plan, reference, "outside")})`;
  const elsewhere = await count(context, outside);
  if (!reference.carried) return elsewhere;
  const carried = `${referring(plan, workspace, reference)} JOIN ${workspace.rows(reference.parentTable)} p ON ${refersTo(reference, "p")}
    WHERE NOT (${isRight(plan, reference, "p")})`;
  return elsewhere + (await count(context, carried));
}

/** Rows whose parents production lacks, and parents that production has otherwise, but for those that become NULL. */
async function countLost(context: Merging, reference: PlannedReference) {
  const { plan, session, workspace } = context;
  const [lost] = await session.query<{ missing: string; different: string }>(
    `SELECT COUNT(IF(o.${FOUND} = 'different', NULL, 1)) AS missing,
       COUNT(DISTINCT IF(o.${FOUND} = 'different', o.${IDENTITY}, NULL)) AS different
     FROM ${leadingOutside(plan, workspace, reference)}
     WHERE ${isOutside(reference)} AND ${isLost()} AND NOT ${isNulled(plan, reference)}`,
  );
  return { missing: Number(lost?.missing), different: Number(lost?.different) };
}

/** Documents that could not be searched, where a lost parent would stop the run. */
async function countUnreadable(context: Merging, { table, link }: PlannedReference, i: number): Promise<number> {
  if (!link) return 0;
  const { plan, workspace } = context;
  return count(
    context,
    `${workspace.links(i)} s JOIN ${workspace.rows(table)} w ON w.${IDENTITY} = s.${IDENTITY}
     WHERE s.${ORDINAL} < 0 AND ${policyOf(plan, table, "w")} = 'fail'`,
  );
}
