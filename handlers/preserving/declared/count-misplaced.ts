// The proof's look into documents and texts: at the places of a reference stand the values that its links have.
import type { SqlValue } from "../../../contracts/platform.ts";
import { quoteName } from "../../mysql/identifiers.ts";
import type { Merging } from "../merging.ts";
import { tableOf, type PlannedReference } from "../preserve-plan.ts";
import { referring } from "../reference-sql.ts";
import { LINK, NUMBER, ORDINAL, valueInCopy } from "../workspace.ts";
import { placesIn } from "./link-places.ts";

/** Documents in memory at a time. */
const PAGE_ROWS = 100;

/** How many staged rows of the reference's table have other values there, as the column is to stand in the copy. */
export async function countMisplaced(context: Merging, reference: PlannedReference): Promise<number> {
  const { link } = reference;
  if (!link || link.place.kind === "value") return 0;
  let misplaced = 0;
  for (let last = 0; ;) {
    const rows = await readRows(context, reference, last);
    const end = rows.at(-1);
    if (!end) return misplaced;
    last = end.number;
    const expected = await readValues(
      context,
      reference,
      rows.map(({ number }) => number),
    );
    for (const { number, text, condition } of rows) {
      const found = placesIn(link, text, condition)?.map(({ id }) => id) ?? [];
      if (listOf(found) !== listOf(expected.get(number) ?? [])) misplaced++;
    }
  }
}

async function readRows(
  { plan, session, workspace }: Merging,
  { table, columns, link }: PlannedReference,
  last: number,
) {
  const text = valueInCopy(tableOf(plan, table), columns[0] ?? "", "s");
  const condition = link?.when ? `s.${quoteName(link.when.column)}` : "NULL";
  const rows = await session.query<{ number: string; text: SqlValue; condition: SqlValue }>(
    `SELECT s.${NUMBER} AS number, ${text} AS text, ${condition} AS \`condition\`
     FROM ${workspace.rows(table)} s WHERE s.${NUMBER} > ${last} ORDER BY s.${NUMBER} LIMIT ${PAGE_ROWS}`,
  );
  return rows.map((row) => ({ ...row, number: Number(row.number) }));
}

/** By row number; what became NULL stands nowhere. */
async function readValues(
  { plan, session, workspace }: Merging,
  reference: PlannedReference,
  numbers: readonly number[],
) {
  const links = await session.query<{ number: string; moved: SqlValue }>(
    `SELECT w.${NUMBER} AS number, s.${LINK.moved} AS moved FROM ${referring(plan, workspace, reference, "rows")}
     WHERE w.${NUMBER} IN (?) AND s.${LINK.nulled} = 0 ORDER BY w.${NUMBER}, s.${ORDINAL}`,
    [numbers],
  );
  const values = new Map<number, SqlValue[]>();
  for (const { number, moved } of links) values.set(Number(number), [...(values.get(Number(number)) ?? []), moved]);
  return values;
}

function listOf(ids: readonly (SqlValue | bigint)[]): string {
  return JSON.stringify(ids.map((id) => (id === null ? null : String(id))));
}
