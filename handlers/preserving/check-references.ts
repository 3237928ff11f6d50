// Whether every reference of the rows to preserve has somewhere to lead: carried parents agree, others stand in the copy.
import { quoteName } from "../mysql/identifiers.ts";
import { found, type Finding } from "./findings.ts";
import { count, type Merging } from "./merging.ts";
import { referenceName, rowName } from "./name-row.ts";
import { tableOf, type PlannedReference, type PreservePlan } from "./preserve-plan.ts";
import { isAstray, isLost, isNulled, isOutside, leadingOutside, rowOf } from "./reference-sql.ts";
import { policyOf } from "./ways.ts";
import { FOUND, IDENTITY, NUMBER, ORDINAL } from "./workspace.ts";

/** Findings for the reference of that index in the plan. */
export async function checkReference(context: Merging, i: number): Promise<Finding[]> {
  const reference = context.plan.references[i];
  if (!reference) return [];
  const name = referenceName(reference);
  const { conflicts, missing, different } = await countWrong(context, reference);
  const unreadable = await countUnreadable(context, reference, i);
  const [lost, other] = [
    missing > 0 ? await whichRows(context, reference, "missing") : "",
    different > 0 ? await whichRows(context, reference, "different") : "",
  ];
  return [
    ...found(conflicts, "PRESERVE_REFERENCE_CONFLICT", (n) => `${name} contradicts another foreign key in ${n} rows`),
    ...found(
      missing,
      "PRESERVE_PARENT_MISSING",
      (n) => `${name} leads ${n} rows to parents that production does not have (${lost})`,
    ),
    ...found(
      different,
      "PRESERVE_PARENT_DIFFERS",
      (n) => `${name} leads to ${n} parents that are others in production (${other})`,
    ),
    ...found(
      unreadable,
      "PRESERVE_DOCUMENT_BROKEN",
      (n) => `\`${reference.table}.${reference.columns.join(", ")}\` holds no JSON in ${n} rows`,
    ),
  ];
}

/**
 * Rows that one foreign key moves away from what another demands; rows whose parents production lacks, and parents that
 * production has otherwise, but for those that become NULL.
 */
async function countWrong({ plan, session, workspace }: Merging, reference: PlannedReference) {
  const [astray, lost] = [isAstray(plan, reference), hasLostParent(plan, reference)];
  const isDifferent = `o.${FOUND} <=> 'different'`;
  const [counts] = await session.query<{ conflicts: string; missing: string; different: string }>(
    `SELECT COUNT(IF(${astray}, 1, NULL)) AS conflicts, COUNT(IF(${lost} AND NOT ${isDifferent}, 1, NULL)) AS missing,
       COUNT(DISTINCT IF(${lost} AND ${isDifferent}, o.${IDENTITY}, NULL)) AS different
     FROM ${leadingOutside(plan, workspace, reference)} WHERE ${astray} OR (${lost})`,
  );
  return {
    conflicts: Number(counts?.conflicts),
    missing: Number(counts?.missing),
    different: Number(counts?.different),
  };
}

function hasLostParent(plan: PreservePlan, reference: PlannedReference): string {
  return `${isOutside(reference)} AND ${isLost(reference)} AND NOT ${isNulled(plan, reference)}`;
}

/** The first of them where it may be named, else how to find them; name-row.ts says why. */
async function whichRows(context: Merging, reference: PlannedReference, kind: "missing" | "different") {
  const { plan, session, workspace } = context;
  const table = tableOf(plan, reference.table);
  const row = rowOf(reference);
  const lost = `${hasLostParent(plan, reference)} AND IFNULL(o.${FOUND}, 'missing') = '${kind}'`;
  const rows = `FROM ${leadingOutside(plan, workspace, reference)} WHERE ${lost}`;
  const list = (columns: readonly string[]) => columns.map((column) => `${row}.${quoteName(column)}`).join(", ");
  if (table.named.length === 0) {
    const columns = table.identity.length > 0 ? table.identity : table.columns.map((column) => column.name);
    // The work tables stay until the run is replayed or abandoned.
    return `to see which, run on the replica: SELECT DISTINCT ${list(columns)} ${rows}`;
  }
  const [first] = await session.query(`SELECT ${list(table.named)} ${rows} ORDER BY ${row}.${NUMBER} LIMIT 1`);
  return `the first: ${rowName(table, (column) => first?.[column] ?? null)}`;
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
