// The rows of staging's that refer to a row found in the round before.
import type { SqlRow } from "../../contracts/platform.ts";
import { parentPages } from "./parent-pages.ts";
import { searchChildren } from "./declared/search-children.ts";
import { telling } from "./errors.ts";
import { notBrought } from "./brought.ts";
import { matchingCopier } from "./copy-matching.ts";
import type { Collecting } from "./pages.ts";
import { tableOf, type PlannedReference } from "./preserve-plan.ts";
import { linksOf, rowsTarget } from "./rows-target.ts";

/** @param references the table's, of which the `i`th is read along; those before it were in this round */
export async function collectChildren(
  context: Collecting,
  references: readonly PlannedReference[],
  i: number,
  way: number,
  round: number,
): Promise<void> {
  const reference = references[i];
  if (!reference) return;
  const inside = reference.link && reference.link.place.kind !== "value";
  await telling(`reading \`${reference.table}\` in staging`, () =>
    inside ? searchChildren(context, reference, way, round) : findChildren(context, references, reference, way, round),
  );
}

/** Asks for the rows by the column's value. */
async function findChildren(
  context: Collecting,
  references: readonly PlannedReference[],
  reference: PlannedReference,
  way: number,
  round: number,
): Promise<void> {
  const child = tableOf(context.plan, reference.table);
  const target = rowsTarget(context, child, way, round);
  const column = child.columns.find(({ name }) => name === reference.columns[0]);
  const only = await notBrought(context, references, references.indexOf(reference), way, round);
  const refer = async (rows: readonly SqlRow[]) =>
    rows.filter((row) => linksOf(reference, row)?.some(({ id }) => id !== null));
  const choose = reference.link ? refer : undefined;
  const copy = matchingCopier(context, child.name, reference.columns, target, only, choose);
  // Compared with a number, a text is compared as a DOUBLE, and by no key.
  const asText = reference.link && !column?.integer;
  for await (const page of parentPages(context, reference, way, round))
    await copy(asText ? page.map(([id]) => [typeof id === "bigint" ? String(id) : id]) : page);
}
