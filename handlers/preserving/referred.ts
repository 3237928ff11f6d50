// Ids that no row of production's has, but that rows of production's still refer to: the log of a company deleted there.
// A preserved row that kept such an id would be taken for the one that is gone.
import { quoteName, quoteTable } from "../mysql/identifiers.ts";
import type { Merging } from "./merging.ts";
import { tableOf, type PlannedReference, type PreservePlan } from "./preserve-plan.ts";
import { NUMBER } from "./workspace.ts";

/** A reference by one integer column to its parent's id. A UUID stands for one row for ever, and is left out. */
export function leadsToId(plan: PreservePlan, reference: PlannedReference): boolean {
  const { table, columns, parentTable, parentColumns, carried, link } = reference;
  const isInteger = (of: string, column = "") =>
    tableOf(plan, of).columns.some((candidate) => candidate.name === column && candidate.integer);
  return (
    carried && // else there are no work rows of the parents
    parentColumns.length === 1 &&
    parentColumns[0] === tableOf(plan, parentTable).id?.column &&
    (link === null || link.place.kind === "value") &&
    isInteger(table, columns[0]) &&
    isInteger(parentTable, parentColumns[0])
  );
}

/** Those that lead to the table. */
export function referencesToId(plan: PreservePlan, name: string): PlannedReference[] {
  return plan.references.filter((reference) => reference.parentTable === name && leadsToId(plan, reference));
}

/** `r`, a row of the copy, refers by this reference to the id `id`. Values to be bound: those of `when`. */
export function refersToId({ columns, link }: PlannedReference, id: string): { sql: string; values: unknown[] } {
  const when = link?.when ? ` AND r.${quoteName(link.when.column)} IN (?)` : "";
  return { sql: `r.${quoteName(columns[0] ?? "")} = ${id}${when}`, values: link?.when ? [link.when.values] : [] };
}

/** Writes down the work rows whose id is no row's in the copy, but is referred to there. */
export async function findReferred(context: Merging, name: string): Promise<void> {
  const { plan, session, workspace, database } = context;
  const table = tableOf(plan, name);
  const id = quoteName(table.id?.column ?? "");
  // DISTINCT has the server look for these first: each may be one of few, among many that are referred to.
  const free = `SELECT DISTINCT s.${NUMBER} AS number, s.${id} AS id FROM ${workspace.rows(name)} s
    LEFT JOIN ${quoteTable(database, name)} c ON c.${id} = s.${id} WHERE c.${id} IS NULL`;
  // Most often every id is taken.
  if ((await session.query(`${free} LIMIT 1`)).length === 0) return;
  for (const reference of referencesToId(plan, name)) {
    const refers = refersToId(reference, "free.id");
    await session.run(
      `INSERT IGNORE INTO ${workspace.referred} (table_number, number)
       SELECT ${plan.tables.indexOf(table)}, free.number FROM (${free}) free
       JOIN ${quoteTable(database, reference.table)} r ON ${refers.sql}`,
      refers.values,
    );
  }
}
