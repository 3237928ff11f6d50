// Where staged rows of a carried table go: into its work table, and what they refer by into the links beside it.
import type { SqlRow } from "../../contracts/platform.ts";
import { placesIn } from "./declared/link-places.ts";
import type { Collecting } from "./pages.ts";
import type { PlannedReference, PlannedTable } from "./preserve-plan.ts";
import { literalOf, type Target } from "./staging-rows.ts";
import { IDENTITY, LINK, movedName, ORDINAL, roundName } from "./workspace.ts";

/** Links of one INSERT. */
const INSERT_LINKS = 2000;

/** The ordinal that stands for a document that could not be searched. */
const UNREADABLE = -1;

/** @param round in which the rows come by that way, where they did not before */
export function rowsTarget(context: Collecting, table: PlannedTable, way: number, round: number): Target {
  const name = roundName(way);
  const seen = linkColumns(context, table);
  return {
    into: context.workspace.rows(table.name),
    columns: table.columns,
    identity: table.identity,
    // Values in the copy start as staging's; renumbering and following change them.
    extra: [
      { name, value: round },
      ...table.moving.map((column) => ({ name: movedName(table, column), value: { of: column } })),
    ],
    again: `${name} = IFNULL(${name}, ${round})`,
    ...(seen.length > 0 && { seen, beside: (rows, names) => storeLinks(context, table, rows, names) }),
  };
}

/** What `linksOf` looks at. */
function linkColumns({ plan }: Collecting, table: PlannedTable) {
  const names = plan.references.flatMap(({ link, table: child, columns }) =>
    link && child === table.name ? [...columns, ...(link.when ? [link.when.column] : [])] : [],
  );
  return table.columns.filter(({ name }) => names.includes(name));
}

/** The ids by which a row refers, as `link-places.ts` finds them; undefined for a document that cannot be searched. */
export function linksOf({ link, columns: [column = ""] }: PlannedReference, row: SqlRow) {
  return link ? placesIn(link, row[column] ?? null, row[link.when?.column ?? ""] ?? null) : [];
}

async function storeLinks(
  { plan, session, workspace }: Collecting,
  table: PlannedTable,
  rows: readonly SqlRow[],
  names: readonly string[],
): Promise<void> {
  for (const [i, reference] of plan.references.entries()) {
    if (!reference.link || reference.table !== table.name) continue;
    const links = rows.flatMap((row, n) => {
      const places = linksOf(reference, row);
      return (places ?? [{ id: null }]).map(
        ({ id }, at) => `(${[names[n], places ? at : UNREADABLE, literalOf(id), literalOf(id)].join()})`,
      );
    });
    for (let at = 0; at < links.length; at += INSERT_LINKS) {
      await session.run(
        `INSERT INTO ${workspace.links(i)} (${IDENTITY}, ${ORDINAL}, ${LINK.value}, ${LINK.moved})
         VALUES ${links.slice(at, at + INSERT_LINKS).join()} ON DUPLICATE KEY UPDATE ${IDENTITY} = ${IDENTITY}`,
      );
    }
  }
}
