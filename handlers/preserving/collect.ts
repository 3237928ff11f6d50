// Collects staging's rows: those of the rules, then round by round the rows that hang on them, then their parents outside.
import { FatalError, isMySqlError } from "../../contracts/errors.ts";
import type { ReadSession, SqlRow, WriteSession } from "../../contracts/platform.ts";
import { quoteName, quoteTable } from "../mysql/identifiers.ts";
import { telling } from "./errors.ts";
import {
  tableOf,
  type PlannedColumn,
  type PlannedReference,
  type PlannedTable,
  type PreservePlan,
} from "./preserve-plan.ts";
import { isOutside, leadingOutside } from "./reference-sql.ts";
import { copyRows, selectList, toLiteral, type Target } from "./staging-rows.ts";
import { makeTables, movedName, NUMBER, ROUND, type Workspace } from "./workspace.ts";

/** Parents whose children are asked for with one query. */
const PAGE_ROWS = 500;

export interface Collecting {
  readonly plan: PreservePlan;
  readonly staging: ReadSession;
  readonly stagingDatabase: string;
  readonly session: WriteSession;
  readonly workspace: Workspace;
}

/**
 * Copies the whole set from staging into the work tables, out of one consistent snapshot.
 *
 * It starts afresh when called again: a later snapshot does not fit rows of an earlier one. Staging is only read.
 *
 * @throws FatalError `PRESERVE_WHERE` for a rule whose condition staging refuses
 */
export async function collect(context: Collecting): Promise<void> {
  const { plan, staging, stagingDatabase, session, workspace } = context;
  await makeTables(session, plan, workspace);
  await telling("opening a snapshot of staging", async () => {
    // A rule's condition may name other tables of staging's without the database.
    await staging.query(`USE ${quoteName(stagingDatabase)}`);
    await staging.query("SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ");
    await staging.query("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY");
  });
  for (const rule of plan.rules) await collectRule(context, rule.table, rule.where);
  for (let round = 1; await hasRound(context, round - 1); round++) {
    for (const reference of plan.references) if (reference.carried) await collectChildren(context, reference, round);
  }
  for (const i of plan.references.keys()) await collectParents(context, i);
  await telling("closing the snapshot of staging", () => staging.query("COMMIT"));
}

async function collectRule(context: Collecting, name: string, where: string): Promise<void> {
  const table = tableOf(context.plan, name);
  // The condition may end in a comment.
  const sql = `SELECT ${selectList(table.columns)} FROM ${quoteTable(context.stagingDatabase, name)} WHERE (${where}\n)`;
  await telling(`reading the rows to preserve of \`${name}\``, () =>
    checkCondition(name, () => copyRows(context.staging, { sql }, context.session, rowsTarget(context, table, 0))),
  );
}

/** Errors of parsing and resolving names: 1054, 1064, 1109, 1146, 1305 are the condition's own. */
async function checkCondition(table: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!isMySqlError(error) || ![1054, 1064, 1109, 1146, 1305].includes(error.errno)) throw error;
    throw new FatalError(
      "PRESERVE_WHERE",
      `Staging refuses the condition of the rule to preserve \`${table}\` with MySQL error ${error.errno} (${error.code}). Correct its \`where\` in sync.yaml, then replay the run.`,
    );
  }
}

async function hasRound({ plan, session, workspace }: Collecting, round: number): Promise<boolean> {
  for (const table of plan.tables) {
    const found = await session.query(
      `SELECT 1 AS found FROM ${workspace.rows(table.name)} WHERE ${ROUND} = ? LIMIT 1`,
      [round],
    );
    if (found.length > 0) return true;
  }
  return false;
}

/** The rows that refer to a row found in the round before. */
async function collectChildren(context: Collecting, reference: PlannedReference, round: number): Promise<void> {
  const child = tableOf(context.plan, reference.table);
  const parent = tableOf(context.plan, reference.parentTable);
  const columns = pick(parent, reference.parentColumns);
  const found = `${context.workspace.rows(parent.name)} s WHERE s.${ROUND} = ${round - 1}`;
  const target = rowsTarget(context, child, round);
  await telling(`reading \`${child.name}\` in staging`, async () => {
    for await (const values of pagesOf(context.session, found, columns)) {
      await copyMatching(context, child.name, reference.columns, values, target);
    }
  });
}

/** The rows outside the set that carried rows refer to: read to know them again in the copy, not to be carried. */
async function collectParents(context: Collecting, i: number): Promise<void> {
  const { plan, session, workspace } = context;
  const reference = plan.references[i];
  if (!reference) return;
  const columns = pick(tableOf(plan, reference.table), reference.columns);
  const leading = `${leadingOutside(plan, workspace, reference)} WHERE ${isOutside(reference)}`;
  const identity = reference.parentColumns;
  const target = { into: workspace.parents(i), columns: reference.outside, identity, extra: [] };
  await telling(`reading \`${reference.parentTable}\` in staging`, async () => {
    for await (const values of pagesOf(session, leading, columns)) {
      await copyMatching(context, reference.parentTable, identity, values, target);
    }
  });
}

/** Pages of distinct values of `columns`, none of them NULL, from the work rows `s` that `from` selects. */
async function* pagesOf(
  session: WriteSession,
  from: string,
  columns: readonly PlannedColumn[],
): AsyncGenerator<unknown[][]> {
  const list = columns.map((column, i) => `s.${quoteName(column.name)} AS v${i}`).join(", ");
  for (let last = 0; ;) {
    const rows = await session.query<SqlRow & { number: string }>(
      `SELECT s.${NUMBER} AS number, ${list} FROM ${from} AND s.${NUMBER} > ${last} ORDER BY s.${NUMBER} LIMIT ${PAGE_ROWS}`,
    );
    const end = rows.at(-1);
    if (!end) return;
    last = Number(end.number);
    const pages = new Map<string, unknown[]>();
    for (const row of rows) {
      const values = columns.map((column, i) => toLiteral(column, row[`v${i}`] ?? null));
      if (!values.includes(null)) pages.set(values.map((value) => JSON.stringify(String(value))).join(), values);
    }
    if (pages.size > 0) yield [...pages.values()];
  }
}

/** Copies the rows of one of staging's tables whose `columns` have one of the given values. */
function copyMatching(
  { staging, stagingDatabase, session }: Collecting,
  table: string,
  columns: readonly string[],
  values: readonly unknown[][],
  target: Target,
): Promise<void> {
  const names = columns.map(quoteName);
  // MySQL 5.6 reads the whole table for a list of tuples, but finds single values and alternatives by a key.
  const matching =
    names.length === 1
      ? { sql: `${names.join()} IN (?)`, values: [values.flat()] }
      : { sql: values.map(() => `(${names.join(" = ? AND ")} = ?)`).join(" OR "), values: values.flat() };
  const from = `SELECT ${selectList(target.columns)} FROM ${quoteTable(stagingDatabase, table)}`;
  return copyRows(staging, { sql: `${from} WHERE ${matching.sql}`, values: matching.values }, session, target);
}

function rowsTarget({ workspace }: Collecting, table: PlannedTable, round: number): Target {
  return {
    into: workspace.rows(table.name),
    columns: table.columns,
    identity: table.identity,
    // Values in the copy start as staging's; renumbering and following change them.
    extra: [
      { name: ROUND, value: round },
      ...table.moving.map((column) => ({ name: movedName(table, column), value: { of: column } })),
    ],
  };
}

function pick(table: PlannedTable, names: readonly string[]): PlannedColumn[] {
  return names.flatMap((name) => table.columns.find((column) => column.name === name) ?? []);
}
