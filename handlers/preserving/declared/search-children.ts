// Rows of staging's whose documents or texts name a row found in the round before: no index finds them.
import { FatalError } from "../../../contracts/errors.ts";
import type { SqlRow } from "../../../contracts/platform.ts";
import { quoteName, quoteTable } from "../../mysql/identifiers.ts";
import { textLiteral } from "../../mysql/literals.ts";
import { PAGE_ROWS, type Collecting } from "../pages.ts";
import { parentPages } from "../parent-pages.ts";
import { tableOf, type PlannedLink, type PlannedReference } from "../preserve-plan.ts";
import { linksOf, rowsTarget } from "../rows-target.ts";
import { copyRows } from "../staging-rows.ts";
import { roundName } from "../workspace.ts";

/** So few ids are looked for by the server; for more it would look at each document too often. */
const SEARCHED_IDS = 100;

/**
 * Reads the table once: the server passes over rows that name no parent at all, the ids are compared here.
 *
 * @throws FatalError `PRESERVE_DOCUMENT_BROKEN`
 */
export async function searchChildren(
  context: Collecting,
  reference: PlannedReference,
  way: number,
  round: number,
): Promise<void> {
  const { plan, staging, stagingDatabase, session } = context;
  const child = tableOf(plan, reference.table);
  const first: unknown[] = [];
  for await (const page of parentPages(context, reference, way, round)) {
    first.push(...page.flat());
    if (first.length > SEARCHED_IDS) break;
  }
  if (first.length === 0) return;
  // Other ids may stand in a document with escapes.
  const isPlain = first.length <= SEARCHED_IDS && first.every((id) => /^[\w-]+$/.test(String(id)));
  const searched = isPlain ? first.map(String) : [];
  const from = `FROM ${quoteTable(stagingDatabase, child.name)} WHERE ${mayRefer(reference, searched)}`;
  let unreadable = 0;
  const refer = async (rows: readonly SqlRow[]) => {
    const found = rows.map((row) => linksOf(reference, row));
    unreadable += found.filter((links) => links === undefined).length;
    const ids = found.flatMap((links) => links?.flatMap(({ id }) => (id === null ? [] : [id])) ?? []);
    const parents = await parentsAmong(context, reference, way, round, ids);
    return rows.filter((_, i) => found[i]?.some(({ id }) => parents.has(String(id))));
  };
  await copyRows(staging, { from }, session, rowsTarget(context, child, way, round), refer);
  if (unreadable > 0 && plan.ways[way]?.parents === "fail") refuseDocuments(reference, unreadable);
}

/** A condition that is true for every row that refers to one of the ids, and for few others; all ids where none is given. */
function mayRefer({ columns: [column = ""], link }: PlannedReference, ids: readonly string[]): string {
  const text = `CAST(${quoteName(column)} AS CHAR)`;
  const has = (part: string) => `${text} LIKE ${textLiteral(`%${part.replaceAll(/[\\%_]/g, "\\$&")}%`)}`;
  const around = link ? textAround(link) : "";
  const parts = ids.map((id) => has(link?.place.kind === "text" ? around.replace("{id}", () => id) : id));
  const conditions = [
    `${quoteName(column)} IS NOT NULL`,
    ...(link?.when ? [`${quoteName(link.when.column)} IN (${link.when.values.map(textLiteral).join(", ")})`] : []),
    ...(around === "" ? [] : around.split("{id}").filter(Boolean).map(has)),
    ...(parts.length === 0 ? [] : [`(${parts.join(" OR ")})`]),
  ];
  return conditions.join(" AND ");
}

/** What always stands near an id: the text around it, or the last key of its path, which no encoder escapes if plain. */
function textAround({ place }: PlannedLink): string {
  if (place.kind === "text") return place.containing;
  const key = place.kind === "document" ? /\.(\w+)(?:\[[^\]]*\])*$/.exec(place.path)?.[1] : undefined;
  return key === undefined ? "" : `"${key}"`;
}

/** Which of the ids parents of the round before have. */
async function parentsAmong(
  { session, workspace }: Collecting,
  { parentTable, parentColumns: [column = ""] }: PlannedReference,
  way: number,
  round: number,
  ids: readonly unknown[],
): Promise<Set<string>> {
  const known = new Set<string>();
  const different = [...new Map(ids.map((id) => [String(id), id])).values()];
  for (let at = 0; at < different.length; at += PAGE_ROWS) {
    const rows = await session.query<{ id: string | number | Buffer }>(
      `SELECT ${quoteName(column)} AS id FROM ${workspace.rows(parentTable)}
       WHERE ${roundName(way)} = ? AND ${quoteName(column)} IN (?)`,
      [round - 1, different.slice(at, at + PAGE_ROWS)],
    );
    for (const { id } of rows) known.add(String(id));
  }
  return known;
}

function refuseDocuments({ table, columns }: PlannedReference, n: number): never {
  throw new FatalError(
    "PRESERVE_DOCUMENT_BROKEN",
    `Nothing was carried over, as \`${table}.${columns.join(", ")}\` holds ${n} texts that are no JSON, so that it is not known what they refer to. Correct them in staging, or give the rule \`parents: null\` or \`carry\`, then replay the run.`,
  );
}
