// What staging need not give again: rows that another of their references has brought by the same way.
import { quoteName } from "../mysql/identifiers.ts";
import type { Condition } from "./copy-matching.ts";
import { PAGE_ROWS, type Collecting } from "./pages.ts";
import { tableOf, type PlannedReference } from "./preserve-plan.ts";
import { toLiteral } from "./staging-rows.ts";
import { roundName } from "./workspace.ts";

/**
 * The rows of a table that are still to be read by one of its references. Where another leads to so few parents that a
 * query can name them (a tenant's rows have its id), whatever refers to these is there already.
 *
 * @param references the table's, in the order in which a round reads along them; `i` is the one that is next
 */
export async function notBrought(
  context: Collecting,
  references: readonly PlannedReference[],
  i: number,
  way: number,
  round: number,
): Promise<Condition> {
  const conditions = await Promise.all(
    references.map(async (other, place) => {
      if (place === i || other.link || other.columns.length > 1) return [];
      // Of this round, the references before this one were read along.
      const parents = await fewParents(context, other, way, place < i ? round - 1 : round - 2);
      const column = quoteName(other.columns[0] ?? "");
      return parents.length === 0 ? [] : [{ sql: `(${column} IS NULL OR ${column} NOT IN (?))`, values: [parents] }];
    }),
  );
  const all = conditions.flat();
  return { sql: ["TRUE", ...all.map(({ sql }) => sql)].join(" AND "), values: all.flatMap(({ values }) => values) };
}

/** The values that rows refer to, of all parents up to a round; none where they are too many. */
async function fewParents(
  { plan, session, workspace }: Collecting,
  { parentTable, parentColumns: [name = ""] }: PlannedReference,
  way: number,
  upTo: number,
): Promise<unknown[]> {
  const column = tableOf(plan, parentTable).columns.find((candidate) => candidate.name === name);
  if (upTo < 0 || !column) return [];
  const rows = await session.query(
    `SELECT ${quoteName(name)} AS id FROM ${workspace.rows(parentTable)}
     WHERE ${roundName(way)} <= ${upTo} AND ${quoteName(name)} IS NOT NULL LIMIT ${PAGE_ROWS + 1}`,
  );
  return rows.length > PAGE_ROWS ? [] : rows.map(({ id }) => toLiteral(column, id ?? null));
}
