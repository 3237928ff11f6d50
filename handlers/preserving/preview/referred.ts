// Ids that no row of production's has, but that rows of production's still refer to: they are given anew, as referred.ts says.
import { quoteName, quoteTable } from "../../mysql/identifiers.ts";
import { tableOf, type PlannedReference, type PlannedTable } from "../preserve-plan.ts";
import { referencesToId } from "../referred.ts";
import type { PreviewRow } from "./row-set.ts";
import type { Meeting } from "./values-in-copy.ts";

/** Values of one query. */
const PAGE_VALUES = 500;

/** Those of the rows whose integer id rows of production's refer to. */
export async function referredRows(
  meeting: Meeting,
  table: PlannedTable,
  rows: readonly PreviewRow[],
): Promise<PreviewRow[]> {
  const { plan } = meeting.set;
  const id = table.id?.column;
  if (id === undefined) return [];
  const byId = new Map(rows.map((row) => [String(row.values.get(id) ?? ""), row]));
  const found = new Set<PreviewRow>();
  for (const reference of referencesToId(plan, table.name)) {
    const ids = [...byId.keys()].filter((value) => /^-?\d+$/.test(value)).map(BigInt);
    for (let at = 0; at < ids.length; at += PAGE_VALUES) {
      for (const value of await referredOf(meeting, reference, ids.slice(at, at + PAGE_VALUES))) {
        const row = byId.get(value);
        if (row) found.add(row);
      }
    }
  }
  return [...found];
}

/** Those of the ids that a reference of production's rows holds. */
async function referredOf({ set, production }: Meeting, reference: PlannedReference, ids: readonly bigint[]) {
  const { session, database, present } = production;
  const { name } = tableOf(set.plan, reference.table);
  const column = quoteName(reference.columns[0] ?? "");
  const when = reference.link?.when;
  const conditions = [
    `${column} IN (?)`,
    ...(when ? [`${quoteName(when.column)} IN (?)`] : []),
    ...[present?.(name) ?? []].flat(),
  ];
  const rows = await session.query<{ id: string | number }>(
    `SELECT DISTINCT ${column} AS id FROM ${quoteTable(database, name)} WHERE ${conditions.join(" AND ")}`,
    [ids, ...(when ? [when.values] : [])],
  );
  return rows.map(({ id }) => String(id));
}
