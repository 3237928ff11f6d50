// What a statement of a dump does, as far as it says which others it may run beside.
import { readInsertHead } from "../../../handlers/dump/insert-head.ts";
import { readStatement } from "../../../handlers/dump/statement.ts";
import { isName, nameOf, type Token } from "../../../handlers/dump/tokens.ts";

export type StatementEffect =
  /** On the session that runs it; `backslashEscapes` where it sets whether text has them. */
  | { readonly on: "session"; readonly backslashEscapes?: boolean }
  | { readonly on: "rows"; readonly table: string }
  | TableEffect
  /** Locks and transactions, which several sessions do without. */
  | { readonly on: "nothing" }
  | { readonly on: "anything" };

/** It makes, drops or alters one table. */
export interface TableEffect {
  readonly on: "table";
  readonly table: string;
  /** What its foreign keys refer to: the table, and the first of the columns. */
  readonly parents: readonly Parent[];
  /** The first columns of the keys that it adds to a table that has rows; empty for another statement. */
  readonly keys: readonly string[];
  /** It makes the table, for InnoDB. */
  readonly makesInnoDb?: true;
  /** It switches keys off or on, which InnoDB does not know. */
  readonly switchesKeys?: true;
}
interface Parent {
  readonly table: string;
  readonly column: string;
}

const LOCKS_AND_TRANSACTIONS = new Set(["BEGIN", "COMMIT", "LOCK", "START", "UNLOCK"]);
/** mariadb-dump makes one transaction of a table's rows; another session would wait for its end. */
const TRANSACTION_SETTING = /^(?:@@)?autocommit$/i;
/** sql_mode is assigned, not read as in `@@sql_mode`. */
const SQL_MODE_ASSIGNED = /(?<![@\w.])(?:@@(?:session\.)?)?sql_mode\s*:?=/i;

/** @param source the statement without its delimiter; its bytes read as latin1 */
export function effectOf(source: string, backslashEscapes: boolean): StatementEffect {
  const head = readInsertHead(source, true);
  if (typeof head === "object") return { on: "rows", table: folded(head.table) };
  if (head !== "other") return { on: "anything" }; // an INSERT without VALUES
  const { kind, tokens } = readStatement(source, { offset: 0, line: 0 }, backslashEscapes);
  if (tokens.length === 0 || LOCKS_AND_TRANSACTIONS.has(kind)) return { on: "nothing" };
  if (kind === "USE") return { on: "session" };
  if (kind === "SET") return settingOf(source, tokens);
  return tableEffect(kind, tokens) ?? { on: "anything" };
}

function settingOf(source: string, tokens: readonly Token[]): StatementEffect {
  if (TRANSACTION_SETTING.test(tokens[1]?.source ?? "")) return { on: "nothing" };
  if (!SQL_MODE_ASSIGNED.test(source)) return { on: "session" };
  return { on: "session", backslashEscapes: !/NO_BACKSLASH_ESCAPES/i.test(source) };
}

/** Undefined for what dump tools do not write. */
function tableEffect(kind: string, tokens: readonly Token[]): TableEffect | undefined {
  let at = tokens.findIndex(({ keyword }) => keyword === "TABLE") + 1;
  while (["IF", "NOT", "EXISTS"].includes(tokens[at]?.keyword ?? "")) at++;
  at = bareName(tokens, at);
  const [name, next] = [tokens[at], tokens[at + 1]];
  if (!isName(name)) return undefined;
  const effect = { on: "table", table: folded(name), parents: [], keys: [] } as const;
  if (kind === "DROP TABLE" && !next) return effect;
  if (kind === "CREATE TABLE" && next?.source === "(" && !tokens.some(({ keyword }) => keyword === "SELECT"))
    return { ...effect, parents: parentsIn(tokens), ...(isInnoDb(tokens) && { makesInnoDb: true }) };
  if (kind !== "ALTER TABLE") return undefined;
  if (next?.keyword === "ADD") return { ...effect, parents: parentsIn(tokens), keys: firstColumns(tokens) };
  return tokens.at(-1)?.keyword === "KEYS" ? { ...effect, switchesKeys: true } : undefined;
}

function isInnoDb(tokens: readonly Token[]): boolean {
  const at = tokens.findLastIndex(({ keyword }) => keyword === "ENGINE");
  return tokens[at + 1]?.source === "=" && tokens[at + 2]?.keyword === "INNODB";
}

function parentsIn(tokens: readonly Token[]): Parent[] {
  const found: Parent[] = [];
  for (const [at, { keyword }] of tokens.entries()) {
    const name = bareName(tokens, at + 1);
    const [table, column] = [tokens[name], tokens[name + 2]];
    if (keyword === "REFERENCES" && table && column) found.push({ table: folded(table), column: folded(column) });
  }
  return found;
}

/** What follows a parenthesis that opens, unless it is a parent's. */
function firstColumns(tokens: readonly Token[]): string[] {
  const isParents = (at: number) => [at - 3, at - 5].some((before) => tokens[before]?.keyword === "REFERENCES");
  return tokens
    .filter((token, at) => tokens[at - 1]?.source === "(" && isName(token) && !isParents(at))
    .map((token) => folded(token));
}

/** Behind the database, where the name at an index has one. */
function bareName(tokens: readonly Token[], at: number): number {
  return tokens[at + 1]?.source === "." ? at + 2 : at;
}

/** To take two names for one costs a wait and nothing else. */
function folded(name: Token): string {
  return nameOf(name).toLowerCase();
}
