// The work after collecting, as a list of steps; each step goes in batches, and each batch commits with its record.
import { FatalError } from "../../contracts/errors.ts";
import { quoteName, quoteNames, quoteTable } from "../mysql/identifiers.ts";
import { check } from "./check.ts";
import type { Merging } from "./merging.ts";
import { tableOf, type FollowingColumn, type PreservePlan } from "./preserve-plan.ts";
import { rememberProduction } from "./proof/production.ts";
import { refersTo } from "./reference-sql.ts";
import { movedName, NUMBER, valueInCopy } from "./workspace.ts";

/** Work rows with numbers over `after`, up to `upTo`. */
export interface Range {
  readonly after: number;
  readonly upTo: number;
}

export interface Step {
  readonly kind: "renumber" | "follow" | "remember" | "check" | "insert";
  /** The table whose work rows it goes through; null for a step that is one batch. */
  readonly table: string | null;
  run(context: Merging, range: Range): Promise<void>;
}

/** Nothing is written to the copy before the check has passed. */
export function stepsOf(plan: PreservePlan): Step[] {
  const tables = plan.tables.map((table) => table.name);
  return [
    ...plan.tables
      .filter((table) => table.id !== null)
      .map(({ name }): Step => ({
        kind: "renumber",
        table: name,
        run: (context, range) => renumber(context, name, range),
      })),
    ...plan.following.map((column): Step => ({
      kind: "follow",
      table: column.table,
      run: (context, range) => follow(context, column, range),
    })),
    ...tables.map((name): Step => ({
      kind: "remember",
      table: null,
      run: (context) => rememberProduction(context, name),
    })),
    { kind: "check", table: null, run: check },
    ...tables.map((name): Step => ({
      kind: "insert",
      table: name,
      run: (context, range) => insert(context, name, range),
    })),
  ];
}

/** Gives rows whose id is taken in the copy an id past every one that is in use on either side, or ever was in the copy. */
async function renumber(context: Merging, name: string, range: Range): Promise<void> {
  const { plan, session, workspace, database } = context;
  const table = tableOf(plan, name);
  if (!table.id) return;
  const id = quoteName(table.id.column);
  const taken = await session.query<{ number: string }>(
    `SELECT s.${NUMBER} AS number FROM ${workspace.rows(name)} s STRAIGHT_JOIN ${quoteTable(database, name)} c ON c.${id} = s.${id}
     WHERE ${within(range)} ORDER BY s.${NUMBER}`,
  );
  if (taken.length === 0) return;
  const highest = await highestId(context, name, table.id.column, movedName(table, table.id.column));
  if (highest + BigInt(taken.length) > BigInt(table.id.max)) {
    throw new FatalError(
      "PRESERVE_IDS_EXHAUSTED",
      `Rows of \`${name}\` need new ids, but \`${table.id.column}\` or a column that refers to it holds none past ${table.id.max}. Widen the columns in production, or preserve fewer rows, then replay the run.`,
    );
  }
  const numbers = taken.map(({ number }) => Number(number));
  await session.run(
    `UPDATE ${workspace.rows(name)} SET ${movedName(table, table.id.column)} = ${highest} + FIELD(${NUMBER}, ?) WHERE ${NUMBER} IN (?)`,
    [numbers, numbers],
  );
}

async function highestId({ session, workspace, database }: Merging, table: string, id: string, moved: string) {
  const rows = await session.query<{ id: string | number | null }>(
    `SELECT MAX(${quoteName(id)}) AS id FROM ${quoteTable(database, table)}
     UNION ALL SELECT MAX(${quoteName(id)}) FROM ${workspace.rows(table)}
     UNION ALL SELECT MAX(${moved}) FROM ${workspace.rows(table)}`,
  );
  const [created] = await session.query<Record<string, string>>(`SHOW CREATE TABLE ${quoteTable(database, table)}`);
  // information_schema's counter may be a day old on MySQL 8 (information_schema_stats_expiry).
  const next = /^\) .*?\bAUTO_INCREMENT=(\d+)/m.exec(created?.["Create Table"] ?? "")?.[1];
  const used = [0n, ...rows.map((row) => BigInt(row.id ?? 0)), next === undefined ? 0n : BigInt(next) - 1n];
  return used.reduce((most, value) => (value > most ? value : most));
}

/** Takes over what the parents' columns have become, where the parent is carried. */
async function follow(
  { plan, session, workspace }: Merging,
  { table, column, references }: FollowingColumn,
  range: Range,
) {
  const child = tableOf(plan, table);
  for (const i of references) {
    const reference = plan.references[i];
    if (!reference) continue;
    const parent = tableOf(plan, reference.parentTable);
    const parentColumn = reference.parentColumns[reference.columns.indexOf(column)] ?? "";
    await session.run(
      `UPDATE ${workspace.rows(table)} s STRAIGHT_JOIN ${workspace.rows(parent.name)} p ON ${refersTo(reference, "p")}
       SET s.${movedName(child, column)} = ${valueInCopy(parent, parentColumn, "p")} WHERE ${within(range)}`,
    );
  }
}

async function insert({ plan, session, workspace, database }: Merging, name: string, range: Range): Promise<void> {
  const table = tableOf(plan, name);
  const columns = table.columns.filter((column) => !column.generated).map((column) => column.name);
  await session.run(
    `INSERT INTO ${quoteTable(database, name)} (${quoteNames(columns)})
     SELECT ${columns.map((column) => valueInCopy(table, column, "s")).join(", ")}
     FROM ${workspace.rows(name)} s WHERE ${within(range)} ORDER BY s.${NUMBER}`,
  );
}

function within({ after, upTo }: Range): string {
  return `s.${NUMBER} > ${after} AND s.${NUMBER} <= ${upTo}`;
}
