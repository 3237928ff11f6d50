// References of preserved rows on the copy: each leads to the right row, and production's lead to none of them.
import { quoteName, quoteTable } from "../../mysql/identifiers.ts";
import { countMisplaced } from "../declared/count-misplaced.ts";
import { isCarried, isInserted } from "../fate.ts";
import { count, type Merging } from "../merging.ts";
import { tableOf, type PlannedConstraint, type PlannedReference } from "../preserve-plan.ts";
import {
  isAstray,
  isNone,
  isPresentInCopy,
  leadingOutside,
  movedValueOf,
  referring,
  refersTo,
  rowOf,
} from "../reference-sql.ts";
import { leadsToId } from "../referred.ts";
import { fail } from "./fail.ts";
import { proveNotAdopted } from "./not-adopted.ts";
import { isRowOf } from "./row-of.ts";

/**
 * Rows were inserted with foreign key checks off, so every reference is looked up. None of production's leads to a
 * preserved row: as many rows of the copy do as preserved ones.
 *
 * @throws FatalError `PRESERVE_PROOF_FAILED`
 */
export async function proveReference(context: Merging, reference: PlannedReference): Promise<void> {
  const { plan, session, workspace, database } = context;
  // Preserved parents stand there as planned, which is proven too: preserved-rows.ts.
  const isOther = reference.carried ? `NOT IFNULL(${isCarried("p")}, FALSE)` : "TRUE";
  const leads = reference.parentColumns
    .map((column, i) => `c.${quoteName(column)} = ${movedValueOf(plan, reference, i)}`)
    .concat(isOther)
    .join(" AND ");
  const isOrphan = `${isOther} AND ${isPresentInCopy(plan, reference)} AND NOT ${isNone(reference)} AND c.${quoteName(reference.parentColumns[0] ?? "")} IS NULL`;
  const isPreserved = `${isInserted("p")} AND ${isCarried(rowOf(reference))}`;
  const [counts] = await session.query<{ wrong: string; preserved: string }>(
    `SELECT COUNT(IF((${isOrphan}) OR ${isAstray(plan, reference)}, 1, NULL)) AS wrong,
       COUNT(${reference.carried ? `IF(${isPreserved}, 1, NULL)` : "NULL"}) AS preserved
     FROM ${leadingOutside(plan, workspace, reference)} LEFT JOIN ${quoteTable(database, reference.parentTable)} c ON ${leads}`,
  );
  const astray = Number(counts?.wrong) + (await countMisplaced(context, reference));
  if (astray > 0) {
    fail(
      `${astray} references by \`${reference.table}.${reference.columns.join(", ")}\` lead to no row or to a wrong one`,
    );
  }
  if (!leadsToId(plan, reference)) return;
  // By a part of a key several rows of the copy may be met.
  const isWhole = tableOf(plan, reference.parentTable).key.length === 1;
  const parents = `JOIN ${workspace.rows(reference.parentTable)} p ON ${refersTo(reference, "p")}`;
  const preserved = isWhole
    ? Number(counts?.preserved)
    : await count(context, `${referring(plan, workspace, reference)} ${parents} WHERE ${isPreserved}`);
  await proveNotAdopted(context, reference, preserved);
}

/**
 * Foreign keys over columns that staging lacks: their defaults must lead somewhere.
 *
 * @throws FatalError `PRESERVE_PROOF_FAILED`
 */
export async function proveDefaulted(
  context: Merging,
  { table, columns, parentTable, parentColumns }: PlannedConstraint,
): Promise<void> {
  const { plan, workspace, database } = context;
  const child = tableOf(plan, table);
  const inCopy = `${quoteTable(database, table)} c`;
  const rows =
    child.key.length > 0 ? `${workspace.rows(table)} s STRAIGHT_JOIN ${inCopy} ON ${isRowOf(child)}` : inCopy;
  const leads = columns.map((column, i) => `p.${quoteName(parentColumns[i] ?? "")} = c.${quoteName(column)}`);
  const present = columns.map((column) => `c.${quoteName(column)} IS NOT NULL`);
  const orphans = await count(
    context,
    `${rows} LEFT JOIN ${quoteTable(database, parentTable)} p ON ${leads.join(" AND ")}
     WHERE ${present.join(" AND ")} AND p.${quoteName(parentColumns[0] ?? "")} IS NULL`,
  );
  if (orphans > 0) fail(`the default of \`${table}.${columns.join(", ")}\` leads ${orphans} rows to no row`);
}
