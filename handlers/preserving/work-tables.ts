// Makes the tables beside the copy that the work stands in, with the copy's types and only the keys that something looks by.
import type { WriteSession } from "../../contracts/platform.ts";
import { quoteName, quoteNames, quoteTable } from "../mysql/identifiers.ts";
import { FATE, FATES } from "./fate.ts";
import type { PlannedMatch } from "./match-plan.ts";
import type { PlannedColumn, PlannedLink, PlannedReference, PlannedTable, PreservePlan } from "./preserve-plan.ts";
import { sideBySide } from "./side-by-side.ts";
import {
  columnInCopy,
  CONTENT,
  FOUND,
  IDENTITY,
  LINK,
  movedName,
  NUMBER,
  ORDINAL,
  PREFIX,
  roundName,
  type Workspace,
} from "./workspace.ts";

/** 4 bytes each in utf8mb4. */
const MATCH_KEY_CHARACTERS = 40;

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
  const keys = new Set(
    referenced.length > 0 ? [...rounds, ...referenced.map((columns) => parentKey(table, columns))] : [],
  );
  if (table.id && table.key.length > 1) keys.add(table.key.map((column) => columnInCopy(table, column)).join(", "));
  if (table.match) keys.add(matchKey(table, table.match));
  return `CREATE TABLE ${workspace.rows(table.name)} (
    ${NUMBER} BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY, ${IDENTITY} VARBINARY(32) NOT NULL,
    ${table.identity.length === 0 ? `${CONTENT} BINARY(32) NOT NULL, KEY (${CONTENT}),` : ""}
    ${FATE} TINYINT NOT NULL DEFAULT ${FATES.insert}, ${rounds.map((round) => `${round} INT NULL,`).join(" ")}
    ${table.columns.map((column) => declare(column)).join(", ")},
    ${[...table.moving].map((name) => `${declareMoved(table, name)},`).join(" ")}
    UNIQUE KEY (${IDENTITY})${[...keys].map((key) => `, KEY (${key})`).join("")}) ENGINE=InnoDB STATS_AUTO_RECALC=0`;
}

/** By an integer id, the key alone tells what who follows it asks for: four bytes beside four save a look at the row. */
function parentKey(table: PlannedTable, columns: readonly string[]): string {
  const [id, ...others] = table.columns.filter(({ name }) => columns.includes(name));
  const isId = id?.integer && others.length === 0 && id.name === table.id?.column;
  return isId ? `${quoteName(id.name)}, ${movedName(table, id.name)}, ${FATE}` : quoteNames(columns);
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
