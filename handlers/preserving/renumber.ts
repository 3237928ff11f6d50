// Ids that are taken in the copy are given anew: integers past all others, UUIDs in the form that they had.
import { FatalError } from "../../contracts/errors.ts";
import { quoteName, quoteTable } from "../mysql/identifiers.ts";
import type { Assignment } from "./assignments.ts";
import { isInserted } from "./fate.ts";
import type { Merging } from "./merging.ts";
import { tableOf, type PlannedColumn, type PlannedTable } from "./preserve-plan.ts";
import { within, type Range } from "./range.ts";
import { anotherUuid, isUuid } from "./uuid.ts";
import { movedName, NUMBER, valueInCopy } from "./workspace.ts";

/** Work rows that follow on each other: the first one's number, and the last one's. */
interface Run {
  readonly first: number;
  readonly last: number;
}

/**
 * Gives rows whose key is taken another id. A text that is no UUID stays: its clash is found by the check.
 *
 * @returns what is still to be assigned to the batch, most often all that there is
 * @throws FatalError `PRESERVE_IDS_EXHAUSTED`
 */
export async function renumber(context: Merging, name: string, range: Range): Promise<Assignment[]> {
  const table = tableOf(context.plan, name);
  const column = table.columns.find((candidate) => candidate.name === table.id?.column);
  if (!column) return [];
  const taken = takenRows(context, table, column, range);
  if (column.integer) return countOn(context, table, column, await runsOf(context, taken));
  // As text, with or without hyphens.
  const rows = await context.session.query<{ number: string; id: string }>(taken);
  const uuids = rows.filter(({ id }) => isUuid(id));
  await giveUuids(
    context,
    table,
    column,
    uuids.map(({ number, id }) => [number, anotherUuid(id)] as const),
  );
  return [];
}

/** Inserted rows whose whole key a row of the copy has, whose id one refers to, or, where parents became one, an earlier row to be inserted. */
function takenRows(
  { plan, workspace, database }: Merging,
  table: PlannedTable,
  column: PlannedColumn,
  range: Range,
): string {
  const rows = workspace.rows(table.name);
  const id = valueInCopy(table, column.name, "s");
  const text = isBytes(column) ? `HEX(${id})` : `CAST(${id} AS CHAR)`;
  const select = `SELECT s.${NUMBER} AS number${column.integer ? "" : `, ${text} AS id`} FROM ${rows} s`;
  const equal = (other: (name: string) => string) =>
    table.key.map((name) => `${other(name)} = ${valueInCopy(table, name, "s")}`).join(" AND ");
  const inCopy = `${select} STRAIGHT_JOIN ${quoteTable(database, table.name)} c ON ${equal((name) => `c.${quoteName(name)}`)}
    WHERE ${within(range)} AND ${isInserted("s")}`;
  const earlier = `${select} STRAIGHT_JOIN ${rows} e ON ${equal((name) => valueInCopy(table, name, "e"))}
    WHERE ${within(range)} AND ${isInserted("s")} AND ${isInserted("e")} AND e.${NUMBER} < s.${NUMBER}`;
  const referred = `${select} JOIN ${workspace.referred} r ON r.table_number = ${plan.tables.indexOf(table)} AND r.number = s.${NUMBER}
    WHERE ${within(range)} AND ${isInserted("s")}`;
  const all = [inCopy, ...(table.key.length > 1 ? [earlier] : []), ...(column.integer ? [referred] : [])];
  return all.join(" UNION ");
}

/** Most often all rows of a batch are taken: then one look tells, and the client reads none of them. */
async function runsOf({ session }: Merging, taken: string): Promise<Run[]> {
  const [ends] = await session.query<{ n: string; first: string | null; last: string | null }>(
    `SELECT COUNT(*) AS n, MIN(number) AS first, MAX(number) AS last FROM (${taken}) taken`,
  );
  const all = { first: Number(ends?.first), last: Number(ends?.last) };
  if (Number(ends?.n) === 0) return [];
  if (Number(ends?.n) === lengthOf(all)) return [all];
  const rows = await session.query<{ number: string }>(`SELECT number FROM (${taken}) taken ORDER BY number`);
  const runs: { first: number; last: number }[] = [];
  for (const row of rows) {
    const number = Number(row.number);
    const run = runs.at(-1);
    if (run?.last === number - 1) run.last = number;
    else runs.push({ first: number, last: number });
  }
  return runs;
}

function lengthOf({ first, last }: Run): number {
  return last - first + 1;
}

/** Writes them down for one UPDATE of the batch: a list of thousands within the statement is searched row by row. */
async function giveUuids(
  { plan, session, workspace }: Merging,
  table: PlannedTable,
  column: PlannedColumn,
  anew: readonly (readonly [number: string, id: string])[],
): Promise<void> {
  if (anew.length === 0) return;
  const own = plan.tables.indexOf(table);
  await session.run(`DELETE FROM ${workspace.anew} WHERE table_number = ${own}`);
  await session.run(`INSERT INTO ${workspace.anew} (table_number, number, id) VALUES ?`, [
    anew.map((entry) => [own, ...entry]),
  ]);
  await session.run(
    `UPDATE ${workspace.anew} a STRAIGHT_JOIN ${workspace.rows(table.name)} s ON s.${NUMBER} = a.number
     SET s.${movedName(table, column.name)} = ${isBytes(column) ? "UNHEX(a.id)" : "a.id"} WHERE a.table_number = ${own}`,
  );
}

/** Gives the rows integers past all others, in their order. Runs are written down, a row each. */
async function countOn(
  context: Merging,
  table: PlannedTable,
  column: PlannedColumn,
  runs: readonly Run[],
): Promise<Assignment[]> {
  const [first, last] = [runs[0], runs.at(-1)];
  if (!first || !last) return [];
  const { plan, session, workspace } = context;
  const own = plan.tables.indexOf(table);
  const rows = runs.reduce((sum, run) => sum + lengthOf(run), 0);
  const start = (await reserve(context, table, column, rows)) + 1n;
  let next = start;
  const anew = runs.map((run) => {
    const id = next;
    next += BigInt(lengthOf(run));
    return [own, run.first, run.last, id];
  });
  await session.run(`INSERT INTO ${workspace.runs} (table_number, first, last, id) VALUES ?`, [anew]);
  const target = movedName(table, column.name);
  if (runs.length === 1) {
    const isTaken = `s.${NUMBER} BETWEEN ${first.first} AND ${first.last}`;
    return [{ column: target, value: `IF(${isTaken}, ${start} + (s.${NUMBER} - ${first.first}), s.${target})` }];
  }
  // A join collects the rows before it changes them, and goes from the runs to these.
  await session.run(
    `UPDATE ${workspace.runs} r STRAIGHT_JOIN ${workspace.rows(table.name)} s ON s.${NUMBER} BETWEEN r.first AND r.last
     SET s.${target} = r.id + (s.${NUMBER} - r.first) WHERE r.table_number = ${own} AND r.first BETWEEN ${first.first} AND ${last.first}`,
  );
  return [];
}

/** The highest id that is in use on either side, or ever was in the copy; `n` more fit past it. */
async function reserve(context: Merging, table: PlannedTable, { name }: PlannedColumn, n: number): Promise<bigint> {
  const highest = (await lastGiven(context, table)) ?? (await highestId(context, table, name));
  const max = table.id?.max ?? "0";
  if (highest + BigInt(n) <= BigInt(max)) return highest;
  throw new FatalError(
    "PRESERVE_IDS_EXHAUSTED",
    `Rows of \`${table.name}\` need new ids, but \`${name}\` or a column that refers to it holds none past ${max}. Widen the columns in production, or preserve fewer rows, then replay the run.`,
  );
}

/** The last id that an earlier batch gave: it is past all others. */
async function lastGiven({ plan, session, workspace }: Merging, table: PlannedTable): Promise<bigint | undefined> {
  const [run] = await session.query<{ id: string }>(
    `SELECT id + (last - first) AS id FROM ${workspace.runs} WHERE table_number = ${plan.tables.indexOf(table)}
     ORDER BY first DESC LIMIT 1`,
  );
  return run && BigInt(run.id);
}

async function highestId({ session, workspace, database }: Merging, table: PlannedTable, id: string): Promise<bigint> {
  const [highest] = await session.query<{ staged: string | null; moved: string | null; copy: string | null }>(
    `SELECT MAX(${quoteName(id)}) AS staged, MAX(${movedName(table, id)}) AS moved,
       (SELECT MAX(${quoteName(id)}) FROM ${quoteTable(database, table.name)}) AS copy FROM ${workspace.rows(table.name)}`,
  );
  const [created] = await session.query<Record<string, string>>(
    `SHOW CREATE TABLE ${quoteTable(database, table.name)}`,
  );
  // information_schema's counter may be a day old on MySQL 8 (information_schema_stats_expiry).
  const next = /^\) .*?\bAUTO_INCREMENT=(\d+)/m.exec(created?.["Create Table"] ?? "")?.[1];
  const used = [
    0n,
    ...Object.values(highest ?? {}).map((value) => BigInt(value ?? 0)),
    next === undefined ? 0n : BigInt(next) - 1n,
  ];
  return used.reduce((most, value) => (value > most ? value : most));
}

function isBytes({ type }: PlannedColumn): boolean {
  return /^(var)?binary\b/i.test(type);
}
