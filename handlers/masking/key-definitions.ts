// A table's keys as the server itself writes them: whole, with order, prefixes, parsers, visibility and comments.
import { FatalError } from "../../contracts/errors.ts";
import type { ReadSession } from "../../contracts/platform.ts";
import { quoteTable } from "../mysql/identifiers.ts";

export interface KeyDefinition {
  /** `PRIMARY` for the primary key. */
  readonly name: string;
  /** What may follow `ADD` in ALTER TABLE, as SHOW CREATE TABLE writes it: ``KEY `by_name` (`name`(10) DESC)``. */
  readonly definition: string;
}

const KEY = /^(?:PRIMARY KEY|(?:[A-Z]+ )?KEY (?<name>`(?:[^`]|``)+`))/;
const FOREIGN_KEY = /^CONSTRAINT (?<name>`(?:[^`]|``)+`) FOREIGN KEY/;
/** A name, a literal, a comment, or one character. Of `/*!80000 INVISIBLE *` + `/` the content counts as a comment's. */
const TOKEN = /`(?:[^`]|``)*`|'(?:[^'\\]|''|\\.)*'|"(?:[^"\\]|""|\\.)*"|\/\*.*?\*\/|./gs;

/** The keys of a table as they are now, in the server's order. */
export async function readKeys(session: ReadSession, database: string, table: string): Promise<KeyDefinition[]> {
  return keysOf(await readDefinition(session, database, table));
}

/** Its foreign keys likewise. Where they lead to the same database, that is not named. */
export async function readForeignKeys(session: ReadSession, database: string, table: string): Promise<KeyDefinition[]> {
  return definitionsIn(await readDefinition(session, database, table), FOREIGN_KEY);
}

/** The key definitions in the text of a CREATE TABLE statement. Pure. */
export function keysOf(statement: string): KeyDefinition[] {
  return definitionsIn(statement, KEY);
}

async function readDefinition(session: ReadSession, database: string, table: string): Promise<string> {
  const [row] = await session.query<Record<string, string>>(`SHOW CREATE TABLE ${quoteTable(database, table)}`);
  const statement = row?.["Create Table"];
  if (statement !== undefined) return statement;
  throw new FatalError("MASK_PLAN_INCOMPLETE", `\`${table}\` is no table any more. Replay the run.`);
}

function definitionsIn(statement: string, kind: RegExp): KeyDefinition[] {
  return elementsOf(statement).flatMap((definition) => {
    const found = kind.exec(definition);
    if (!found) return [];
    return { name: found.groups?.["name"]?.slice(1, -1).replaceAll("``", "`") ?? "PRIMARY", definition };
  });
}

/** What stands between the commas of a CREATE TABLE's parentheses: columns, keys, constraints. */
function elementsOf(statement: string): string[] {
  const elements: string[] = [];
  let depth = 0;
  let element = "";
  for (const [token] of statement.matchAll(TOKEN)) {
    if (token === ")" && --depth === 0) break;
    if (token === "," && depth === 1) {
      elements.push(element.trim());
      element = "";
    } else if (depth > 0) element += token;
    if (token === "(") depth++;
  }
  return [...elements, element.trim()];
}
