// Writes what links have become back into the column that they stand in: as its value, in its documents, in its texts.
import { FatalError } from "../../../contracts/errors.ts";
import type { SqlRow, SqlValue } from "../../../contracts/platform.ts";
import { quoteName } from "../../mysql/identifiers.ts";
import type { Merging } from "../merging.ts";
import { tableOf, type PlannedReference } from "../preserve-plan.ts";
import { within, type Range } from "../range.ts";
import { asColumn, referring } from "../reference-sql.ts";
import { LINK, movedName, NUMBER, ORDINAL } from "../workspace.ts";
import { placesIn } from "./link-places.ts";

/** Documents in memory at a time. */
const DOCUMENTS = 50;
/** Characters of the documents in one statement: a few bytes each, and MySQL 5.6 takes 4 MiB. */
const STATEMENT_LENGTH = 256 * 1024;

/** Nothing where no declared reference stands in the column. */
export async function writeLinks(context: Merging, table: string, column: string, range: Range): Promise<void> {
  const links = context.plan.references.filter(
    (reference) => reference.link && reference.table === table && reference.columns[0] === column,
  );
  for (const reference of links)
    if (reference.link?.place.kind === "value") await writeValues(context, reference, column, range);
  const inside = links.filter(({ link }) => link?.place.kind !== "value");
  if (inside.length > 0) await writeInside(context, table, column, inside, range);
}

async function writeValues(
  { plan, session, workspace }: Merging,
  reference: PlannedReference,
  column: string,
  range: Range,
): Promise<void> {
  const target = movedName(tableOf(plan, reference.table), column);
  await session.run(
    `UPDATE ${referring(plan, workspace, reference, "rows")} SET w.${target} = ${asColumn(plan, reference)}
     WHERE ${within(range, "w")} AND ${isAnother()}`,
  );
}

/** Link `s` has another value than in staging. */
function isAnother(): string {
  return `(s.${LINK.nulled} = 1 OR NOT s.${LINK.moved} <=> s.${LINK.value})`;
}

/** All references of the column together: they share its documents. */
async function writeInside(
  context: Merging,
  table: string,
  column: string,
  references: readonly PlannedReference[],
  range: Range,
): Promise<void> {
  const { plan, session, workspace } = context;
  const changed = new Set<number>();
  for (const reference of references) {
    const rows = await session.query<{ number: string }>(
      `SELECT DISTINCT w.${NUMBER} AS number FROM ${referring(plan, workspace, reference, "rows")}
       WHERE ${within(range, "w")} AND ${isAnother()}`,
    );
    for (const { number } of rows) changed.add(Number(number));
  }
  const numbers = [...changed].toSorted((a, b) => a - b);
  let contradictory = 0;
  for (let at = 0; at < numbers.length; at += DOCUMENTS) {
    contradictory += await writeRows(context, table, column, references, numbers.slice(at, at + DOCUMENTS));
  }
  if (contradictory === 0) return;
  throw new FatalError(
    "PRESERVE_REFERENCE_CONFLICT",
    `Nothing was carried over, as references want different values at one place of \`${table}.${column}\` in ${contradictory} rows. Correct \`references\` in sync.yaml, then replay the run.`,
  );
}

interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** @returns how many rows have places that two references want to change otherwise */
async function writeRows(
  context: Merging,
  table: string,
  column: string,
  references: readonly PlannedReference[],
  numbers: readonly number[],
): Promise<number> {
  const { plan, session, workspace } = context;
  const documents = await readDocuments(context, table, column, references, numbers);
  const textOf = (number: number) => String(documents.get(number)?.[TEXT]);
  const edits = new Map<number, (Edit | undefined)[]>(numbers.map((number) => [number, []]));
  for (const reference of references) {
    for (const { number, ordinal, moved, same } of await readLinks(context, reference, numbers)) {
      edits.get(number)?.push(editOf(reference, documents.get(number), ordinal, same ? undefined : moved));
    }
  }
  const written = numbers.map((number) => edited(textOf(number), edits.get(number) ?? []));
  const whole = written.flatMap((text, i) => (text === undefined ? [] : [{ number: numbers[i], text }]));
  const moved = movedName(tableOf(plan, table), column);
  for (const batch of batchesOf(whole)) {
    const values = batch.flatMap(({ number, text }) => [number, text]);
    await session.run(
      `UPDATE ${workspace.rows(table)} SET ${moved} = CASE ${NUMBER} ${"WHEN ? THEN ? ".repeat(batch.length)}END WHERE ${NUMBER} IN (?)`,
      [...values, batch.map(({ number }) => number)],
    );
  }
  return written.length - whole.length;
}

function batchesOf<Text extends { readonly text: string }>(texts: readonly Text[]): Text[][] {
  const batches: Text[][] = [];
  let length = 0;
  for (const entry of texts) {
    length += entry.text.length;
    const last = batches.at(-1);
    if (last && length <= STATEMENT_LENGTH) last.push(entry);
    else {
      batches.push([entry]);
      length = entry.text.length;
    }
  }
  return batches;
}

/** The column as staging has it: a name that is no column's. */
const TEXT = "_understudy_text";

async function readDocuments(
  { session, workspace }: Merging,
  table: string,
  column: string,
  references: readonly PlannedReference[],
  numbers: readonly number[],
): Promise<Map<number, SqlRow>> {
  const conditions = references.flatMap(({ link }) => (link?.when ? [link.when.column] : []));
  const names = [...new Set(conditions)].map((name) => `, ${quoteName(name)}`).join("");
  const rows = await session.query(
    `SELECT ${NUMBER}, ${quoteName(column)} AS ${TEXT}${names} FROM ${workspace.rows(table)} WHERE ${NUMBER} IN (?)`,
    [numbers],
  );
  return new Map(rows.map((row) => [Number(row[NUMBER.slice(1, -1)]), row]));
}

async function readLinks(
  { plan, session, workspace }: Merging,
  reference: PlannedReference,
  numbers: readonly number[],
) {
  const rows = await session.query<{ number: string; ordinal: number; moved: SqlValue; same: number }>(
    `SELECT w.${NUMBER} AS number, s.${ORDINAL} AS ordinal, s.${LINK.moved} AS moved, NOT ${isAnother()} AS same
     FROM ${referring(plan, workspace, reference, "rows")} WHERE w.${NUMBER} IN (?)`,
    [numbers],
  );
  return rows.map(({ number, ordinal, moved, same }) => ({
    number: Number(number),
    ordinal,
    moved: moved === null ? null : String(moved),
    same: same === 1,
  }));
}

/**
 * @param moved undefined where the value stays: it is written down too, so that no other reference changes it
 * @returns undefined where the place is gone: the copy's JSON keeps one of two equal keys
 */
function editOf(
  { link }: PlannedReference,
  row: SqlRow | undefined,
  ordinal: number,
  moved: string | null | undefined,
): Edit | undefined {
  if (!link || !row) return undefined;
  const place = placesIn(link, row[TEXT] ?? null, row[link.when?.column ?? ""] ?? null)?.[ordinal];
  if (!place) return undefined;
  const { start, end } = place;
  return { start, end, text: moved === undefined ? String(row[TEXT]).slice(start, end) : place.write(moved) };
}

/** @returns undefined where two edits are of one place and differ, or one is of none */
function edited(text: string, edits: readonly (Edit | undefined)[]): string | undefined {
  const known = edits.filter((edit) => edit !== undefined);
  if (known.length < edits.length) return undefined;
  const sorted = known.toSorted((a, b) => a.start - b.start || a.end - b.end);
  let result = "";
  let done = 0;
  for (const [i, { start, end, text: replacement }] of sorted.entries()) {
    const before = sorted[i - 1];
    if (before?.start === start && before.end === end && before.text === replacement) continue;
    if (start < done) return undefined;
    result += text.slice(done, start) + replacement;
    done = end;
  }
  return result + text.slice(done);
}
