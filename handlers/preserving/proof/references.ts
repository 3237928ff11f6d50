// References of preserved rows on the copy: each leads to the right row, and production's lead to none of them.
import { quoteName, quoteTable } from "../../mysql/identifiers.ts";
import { countMisplaced } from "../declared/count-misplaced.ts";
import { count, type Merging } from "../merging.ts";
import { tableOf, type PlannedConstraint, type PlannedReference } from "../preserve-plan.ts";
import { isAstray, isNone, isPresentInCopy, leadingOutside, movedValueOf } from "../reference-sql.ts";
import { fail } from "./fail.ts";
import { isRowOf } from "./row-of.ts";

/**
 * Rows were inserted with foreign key checks off, so every reference is looked up.
 *
 * @throws FatalError `PRESERVE_PROOF_FAILED`
 */
export async function proveReference(context: Merging, reference: PlannedReference): Promise<void> {
  const { plan, workspace, database } = context;
  const leads = reference.parentColumns
    .map((column, i) => `c.${quoteName(column)} = ${movedValueOf(plan, reference, i)}`)
    .join(" AND ");
  const isOrphan = `${isPresentInCopy(plan, reference)} AND NOT ${isNone(reference)} AND c.${quoteName(reference.parentColumns[0] ?? "")} IS NULL`;
  const wrong = await count(
    context,
    `${leadingOutside(plan, workspace, reference)} LEFT JOIN ${quoteTable(database, reference.parentTable)} c ON ${leads}
     WHERE (${isOrphan}) OR ${isAstray(plan, reference)}`,
  );
  const astray = wrong + (await countMisplaced(context, reference));
  if (astray === 0) return;
  fail(
    `${astray} references by \`${reference.table}.${reference.columns.join(", ")}\` lead to no row or to a wrong one`,
  );
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
