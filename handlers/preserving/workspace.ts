// Names of the tables beside the copy that the work stands in and of their columns, and how far the work is.
import { createHash } from "node:crypto";
import type { WriteSession } from "../../contracts/platform.ts";
import { quoteName, quoteTable } from "../mysql/identifiers.ts";
import { tableOf, type PlannedReference, type PlannedTable, type PreservePlan } from "./preserve-plan.ts";

/** Dropped with the copy when the replica is wiped; never exported. */
export const DEFAULT_WORK_DATABASE = "_understudy";

/** Ours, in a database that other engines keep tables in too. */
export const PREFIX = "preserve_";

/** Our columns among staging's. A row's number counts up in the order of arrival; batches are ranges of it. */
export const NUMBER = "`_understudy_number`";
export const IDENTITY = "`_understudy_identity`";
/** The digest of a row's values, where there is no primary key to know it again by. */
export const CONTENT = "`_understudy_content`";
/** Where a link stands among those of its row; negative for a document that could not be searched. */
export const ORDINAL = "`_understudy_ordinal`";
/** A link's value in staging and in the copy, and whether it becomes NULL there. */
export const LINK = {
  value: "`_understudy_value`",
  moved: "`_understudy_moved`",
  nulled: "`_understudy_nulled`",
} as const;
/** Whether production has a parent outside the set: `missing`, `different` or `same`. */
export const FOUND = "`_understudy_found`";

/** Quoted, qualified names. */
export interface Workspace {
  readonly database: string;
  readonly state: string;
  /** How far each step is that was begun. */
  readonly progress: string;
  readonly production: string;
  /** The integers that were given anew: numbers of work rows that follow on each other, and the first one's new id. */
  readonly runs: string;
  /** What a step of a table writes down for one statement of its batch: numbers of work rows, and their new ids. */
  readonly anew: string;
  /** Work rows that cannot keep their id, though no row of the copy has it: referred.ts. */
  readonly referred: string;
  /** Where the server computes keys of rows before they are inserted: check-computed-keys.ts. */
  rehearsal(table: string): string;
  /** Staged rows of a carried table. */
  rows(table: string): string;
  /** Staging's rows outside the set that a reference leads to, and others to the same columns. */
  parents(reference: number): string;
  /** The values by which a declared reference refers. */
  links(reference: number): string;
}

/** How far it is: `round` rounds of steps are done. The copy is as production's until `inserting`. */
export interface State {
  readonly plan: string;
  readonly phase: "collecting" | "deciding" | "inserting";
  readonly round: number;
}

export function workspaceOf(plan: PreservePlan, database: string): Workspace {
  const named = (name: string) => quoteTable(database, PREFIX + name);
  return {
    database,
    state: named("state"),
    progress: named("progress"),
    production: named("production"),
    runs: named("runs"),
    anew: named("anew"),
    referred: named("referred"),
    rehearsal: (table) => named(`rehearsal_${plan.tables.indexOf(tableOf(plan, table))}`),
    rows: (table) => named(`rows_${plan.tables.indexOf(tableOf(plan, table))}`),
    parents: (reference) => named(`parents_${firstLikeIt(plan, reference)}`),
    links: (reference) => named(`links_${reference}`),
  };
}

/** The first reference to the same columns of the same table: both are compared with the same rows. */
function firstLikeIt({ references }: PreservePlan, i: number): number {
  const parentOf = (reference?: PlannedReference) =>
    JSON.stringify([reference?.parentTable, reference?.parentColumns, reference?.outside]);
  return references.findIndex((other) => parentOf(other) === parentOf(references[i]));
}

/** Two plans with one fingerprint do the same work. */
export function fingerprint(plan: PreservePlan): string {
  return createHash("sha256").update(JSON.stringify(plan)).digest("hex");
}

/** Undefined before the first call of a run. */
export async function readState(session: WriteSession, workspace: Workspace): Promise<State | undefined> {
  await session.run(`CREATE DATABASE IF NOT EXISTS ${quoteName(workspace.database)}`);
  await session.run(
    `CREATE TABLE IF NOT EXISTS ${workspace.state} (id TINYINT NOT NULL PRIMARY KEY, plan CHAR(64) NOT NULL,
       phase VARCHAR(10) NOT NULL, round INT NOT NULL) ENGINE=InnoDB`,
  );
  const [state] = await session.query<State>(`SELECT plan, phase, round FROM ${workspace.state}`);
  return state;
}

export async function writeState(session: WriteSession, workspace: Workspace, state: State): Promise<void> {
  await session.run(`REPLACE INTO ${workspace.state} (id, plan, phase, round) VALUES (1, ?, ?, ?)`, [
    state.plan,
    state.phase,
    state.round,
  ]);
}

/** The last number of each step that was begun, by the step's place in the plan's. */
export async function readProgress(session: WriteSession, workspace: Workspace): Promise<Map<number, number>> {
  const rows = await session.query<{ step: number; last: string }>(
    `SELECT step, last_number AS last FROM ${workspace.progress}`,
  );
  return new Map(rows.map(({ step, last }) => [step, Number(last)]));
}

/** Written in the transaction of the batch that ends with that number. */
export async function writeProgress(session: WriteSession, { progress }: Workspace, step: number, last: number) {
  await session.run(`REPLACE INTO ${progress} (step, last_number) VALUES (?, ?)`, [step, last]);
}

/** The column that says in which round a row came by a way: 0 where a rule chose it, NULL where it did not come so. */
export function roundName(way: number): string {
  return `\`_understudy_round_${way}\``;
}

/** The column that holds a moving column's value in the copy. */
export function movedName(table: PlannedTable, column: string): string {
  return `\`_understudy_moved_${table.moving.indexOf(column)}\``;
}

/** A staged row's value in the copy, as an expression on the row's alias. */
export function valueInCopy(table: PlannedTable, column: string, alias: string): string {
  return `${alias}.${columnInCopy(table, column)}`;
}

/** The column of a work table that holds it. */
export function columnInCopy(table: PlannedTable, column: string): string {
  return table.moving.includes(column) ? movedName(table, column) : quoteName(column);
}
