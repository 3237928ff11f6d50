// A sample database as its authors wrote it: an SQL file for the mysql client, run into a database of any name.
import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import type { Connection } from "mysql2/promise";
import { renameDatabaseIn, splitStatements } from "../../handlers/dump/index.ts";

export interface SampleFile {
  readonly name: string;
  /** Tables, views and routines, and rows if there are any. */
  readonly schema: readonly string[];
  /** Triggers and events: for after the rows, which are as production has them and not as they came about. */
  readonly acting: readonly string[];
  /** The database that the file makes, whose name may stand in front of others. */
  readonly database: string;
}

/** Comments, and what opens one that only some versions read. */
const BEFORE_HEAD = /^(?:\s|--[^\n]*\n|#[^\n]*\n|\/\*(?!!).*?\*\/|\/\*!\d+)+/s;
/** What an object is made with. Not: databases, of which there is one already, and the client's commands. */
const MADE = /^(?:ALTER TABLE|CREATE\b.*?\b(?:TABLE|VIEW|FUNCTION|PROCEDURE|TRIGGER|EVENT|INDEX)\b|INSERT\b|SET\b)/is;
const ACTS = /^CREATE\b(?:(?!\b(?:TABLE|VIEW|FUNCTION|PROCEDURE|INDEX)\b).)*?\b(?:TRIGGER|EVENT)\b/is;

export async function readSampleFile(path: string): Promise<SampleFile> {
  const text = await readFile(path, "utf8");
  const statements = splitStatements(text)
    .map(({ sql }) => ({ sql, head: sql.replace(BEFORE_HEAD, "") }))
    .filter(({ head }) => MADE.test(head));
  return {
    name: basename(path, ".sql"),
    schema: statements.flatMap(({ sql, head }) => (ACTS.test(head) ? [] : sql)),
    acting: statements.flatMap(({ sql, head }) => (ACTS.test(head) ? sql : [])),
    database: /^\s*USE\s+`?(\w+)`?/im.exec(text)?.[1] ?? "",
  };
}

/** Runs statements of the file, with `database` as the default one. */
export async function runSample(
  connection: Connection,
  { database: from }: SampleFile,
  statements: readonly string[],
  database: string,
): Promise<void> {
  await connection.query(`USE \`${database}\``);
  for (const sql of statements) await connection.query(renameDatabaseIn(sql, { from, to: database }, true));
}
