// The tables beside the copy that the work stands in: staging's rows as read, their values in the copy, and how far it is.
import { createHash } from "node:crypto";
import type { WriteSession } from "../../contracts/platform.ts";
import { quoteName, quoteNames, quoteTable } from "../mysql/identifiers.ts";
import { FATE, FATES } from "./fate.ts";
import type { PlannedMatch } from "./match-plan.ts";
import {
  tableOf,
  type PlannedColumn,
  type PlannedLink,
  type PlannedReference,
  type PlannedTable,
  type PreservePlan,
} from "./preserve-plan.ts";
import { sideBySide } from "./side-by-side.ts";

/** Dropped with the copy when the replica is wiped; never exported. */
export const DEFAULT_WORK_DATABASE = "_understudy";

/** 4 bytes each in utf8mb4. */
const MATCH_KEY_CHARACTERS = 40;

/** Ours, in a database that other engines keep tables in too. */
const PREFIX = "preserve_";

/** Our columns among staging's. A row's number counts up in the order of arrival; batches are ranges of it. */
export const NUMBER = "`_understudy_number`";
export const IDENTITY = "`_understudy_identity`";
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

/** Drops what an interrupted collection left and makes the tables of what is done and of production's sums. */
export async function beginAfresh(session: WriteSession, workspace: Workspace): Promise<void> {
  const old = await session.query<{ name: string }>(
    `SELECT table_name AS name FROM information_schema.tables
     WHERE table_schema = ? AND LEFT(table_name, ?) = ? AND table_name <> ?`,
    [workspace.database, PREFIX.length, PREFIX, `${PREFIX}state`],
  );
  if (old.length > 0) {
    await session.run(`DROP TABLE ${old.map(({ name }) => quoteTable(workspace.database, name)).join(", ")}`);
  }
  await session.run(
    `CREATE TABLE ${workspace.progress} (step INT NOT NULL PRIMARY KEY, last_number BIGINT NOT NULL) ENGINE=InnoDB`,
  );
  await session.run(
    `CREATE TABLE ${workspace.production} (table_name VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL PRIMARY KEY,
       rows_before BIGINT NOT NULL, sum_before DECIMAL(65,0) NOT NULL) ENGINE=InnoDB`,
  );
}

/** Makes the tables that rows are collected in. */
export async function makeTables(
  open: () => Promise<WriteSession>,
  plan: PreservePlan,
  workspace: Workspace,
): Promise<void> {
  const statements = [
    `CREATE TABLE ${workspace.runs} (table_number INT NOT NULL, first BIGINT NOT NULL, last BIGINT NOT NULL,
       id BIGINT UNSIGNED NOT NULL, PRIMARY KEY (table_number, first)) ENGINE=InnoDB`,
    `CREATE TABLE ${workspace.anew} (table_number INT NOT NULL, number BIGINT NOT NULL, id VARCHAR(36) CHARACTER SET ascii NULL,
       PRIMARY KEY (table_number, number)) ENGINE=InnoDB`,
    `CREATE TABLE ${workspace.referred} (table_number INT NOT NULL, number BIGINT NOT NULL, PRIMARY KEY (table_number, number)) ENGINE=InnoDB`,
    ...plan.tables.map((table) => rowsTable(plan, table, workspace)),
    ...Array.from(parentsOf(plan, workspace), ([name, reference]) => parentsTable(reference, name)),
    ...plan.references.flatMap(({ link }, i) => (link ? [linksTable(link, workspace.links(i))] : [])),
  ];
  // A table takes ten milliseconds, most of them waiting for the disk.
  await sideBySide(
    open,
    statements.map((statement) => (on: WriteSession) => on.run(statement)),
  );
}

function parentsTable({ outside, parentColumns }: PlannedReference, name: string): string {
  return `CREATE TABLE ${name} (${IDENTITY} VARBINARY(32) NOT NULL PRIMARY KEY,
    ${outside.map((column) => declare(column)).join(", ")},
    ${FOUND} ENUM('missing', 'different', 'same') NOT NULL DEFAULT 'missing',
    KEY (${quoteNames(parentColumns)})) ENGINE=InnoDB`;
}

/**
 * Counts the rows of the work tables and of the copy's for the optimizer, which else takes new tables for empty ones:
 * MySQL 9.7 then joins 50,000 rows by reading all of them for each.
 */
export async function analyze(
  open: () => Promise<WriteSession>,
  plan: PreservePlan,
  workspace: Workspace,
  database: string,
): Promise<void> {
  const tables = plan.tables.flatMap(({ name }) => [workspace.rows(name), quoteTable(database, name)]);
  const links = plan.references.flatMap(({ link }, i) => (link ? [workspace.links(i)] : []));
  await sideBySide(
    open,
    [...tables, ...parentsOf(plan, workspace).keys(), ...links].map(
      (table) => (on: WriteSession) => on.query(`ANALYZE LOCAL TABLE ${table}`),
    ),
  );
}

/** The tables of parents, each with a reference that leads to them: those to one key of one table share it. */
function parentsOf(plan: PreservePlan, workspace: Workspace): Map<string, PlannedReference> {
  return new Map(plan.references.map((reference, i) => [workspace.parents(i), reference]));
}

function linksTable({ value }: PlannedLink, name: string): string {
  return `CREATE TABLE ${name} (${NUMBER} BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    ${IDENTITY} VARBINARY(32) NOT NULL, ${ORDINAL} INT NOT NULL, ${declare(value, LINK.value)}, ${declare(value, LINK.moved)},
    ${LINK.nulled} TINYINT NOT NULL DEFAULT 0, UNIQUE KEY (${IDENTITY}, ${ORDINAL}), KEY (${LINK.value})) ENGINE=InnoDB`;
}

function rowsTable(plan: PreservePlan, table: PlannedTable, workspace: Workspace): string {
  const referenced = plan.references.filter((key) => key.parentTable === table.name).map((key) => key.parentColumns);
  const rounds = plan.ways.map((_, way) => roundName(way));
  // A key costs a tenth of what its table's rows do. Rounds and ids are looked for where something refers to them.
  const keys = new Set(referenced.length > 0 ? [...rounds, ...referenced.map(quoteNames)] : []);
  if (table.id && referenced.length > 0) keys.add(movedName(table, table.id.column));
  if (table.id && table.key.length > 1) keys.add(table.key.map((column) => columnInCopy(table, column)).join(", "));
  if (table.match) keys.add(matchKey(table, table.match));
  return `CREATE TABLE ${workspace.rows(table.name)} (
    ${NUMBER} BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY, ${IDENTITY} VARBINARY(32) NOT NULL,
    ${FATE} TINYINT NOT NULL DEFAULT ${FATES.insert}, ${rounds.map((round) => `${round} INT NULL,`).join(" ")}
    ${table.columns.map((column) => declare(column)).join(", ")},
    ${[...table.moving].map((name) => `${declareMoved(table, name)},`).join(" ")}
    UNIQUE KEY (${IDENTITY})${[...keys].map((key) => `, KEY (${key})`).join("")}) ENGINE=InnoDB`;
}

/** With the copy's type and collation, so that comparing here is comparing there. */
function declare(column: PlannedColumn, name = quoteName(column.name)): string {
  const text = column.characterSet !== null && column.collation !== null && !/^json\b/i.test(column.type);
  const collation = text ? ` CHARACTER SET ${column.characterSet} COLLATE ${column.collation}` : "";
  return `${name} ${column.type}${collation} NULL`;
}

function declareMoved(table: PlannedTable, name: string): string {
  const column = table.columns.find((candidate) => candidate.name === name);
  if (!column) throw new TypeError(`The plan's table ${table.name} has no column ${name}.`);
  return declare(column, movedName(table, name));
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

function columnInCopy(table: PlannedTable, column: string): string {
  return table.moving.includes(column) ? movedName(table, column) : quoteName(column);
}

/** For a copy that has no key over the columns. Texts by their beginning: MySQL 5.6 indexes 767 bytes of a column. */
function matchKey(table: PlannedTable, { columns }: PlannedMatch): string {
  return columns
    .map((name) => {
      const type = table.columns.find((column) => column.name === name)?.type ?? "";
      const characters = /^(?:var)?(?:char|binary)\((\d+)\)/i.exec(type)?.[1];
      const isLong = /(text|blob)/i.test(type) || Number(characters ?? 0) > MATCH_KEY_CHARACTERS;
      return `${columnInCopy(table, name)}${isLong ? `(${MATCH_KEY_CHARACTERS})` : ""}`;
    })
    .join(", ");
}
