// Where a statement names databases: USE, CREATE DATABASE, and in front of the names of tables, views and routines.
import { isName, type Token } from "./tokens.ts";

export interface DatabaseName {
  readonly token: Token;
  /** True for `shop`.`users`, where it says whose table is meant; false for USE, CREATE, ALTER and DROP DATABASE. */
  readonly qualifies: boolean;
}

/** Words behind which the name of a table, view or routine follows; those of LISTS may be followed by several, with commas. */
const LISTS = new Set("DELETE FROM JOIN STRAIGHT_JOIN TABLE TABLES UPDATE USING VIEW".split(" "));
const NAMES = new Set("CALL EVENT FUNCTION INTO PACKAGE PROCEDURE REFERENCES SEQUENCE TO TRIGGER".split(" "));
/** Words that may stand between those and the name. */
const BETWEEN = new Set("BODY EXISTS IF IGNORE LATERAL LOW_PRIORITY NOT QUICK".split(" "));
/** Words that end a list of tables: a comma behind them is about something else. */
const LIST_ENDS = new Set(
  "BEGIN DO DUPLICATE FOR GROUP HAVING LIMIT ORDER RETURNING SELECT SET THEN VALUE VALUES WHERE WINDOW".split(" "),
);
const SEQUENCE_FUNCTIONS = new Set(["LASTVAL", "NEXTVAL", "SETVAL"]);
/** What may follow ALTER DATABASE in place of a name. */
const DATABASE_OPTIONS = new Set("CHARACTER CHARSET COLLATE DEFAULT ENCRYPTION READ".split(" "));

/** What is known at one depth of parentheses. */
interface Scope {
  /** A FROM belongs to a SELECT or DELETE; in `trim(both 'x' from u.name)` it does not. */
  query: boolean;
  /** Commas separate tables. */
  list: boolean;
  /** The next name is a table's; for "list", also behind an opening parenthesis. */
  expects: "list" | "name" | undefined;
}

/**
 * Yields every place where a statement names a database, as far as its grammar alone can tell: `a.b` is a database's table
 * in FROM and the like and a table's column elsewhere; `a.b.c` and `a.b(…)` begin with a database everywhere.
 */
export function* databaseNames(tokens: readonly Token[]): Generator<DatabaseName, void, undefined> {
  if (tokens[0]?.keyword === "USE" && isUsable(tokens[1])) yield { token: tokens[1], qualifies: false };
  const scopes: Scope[] = [newScope()];
  let at = 0;
  while (at < tokens.length) {
    const scope = scopes.at(-1)!;
    const token = tokens[at]!;
    const parts = qualifiedNameAt(tokens, at);
    if (parts > 1) {
      const isDatabase = parts > 2 || scope.expects !== undefined || tokens[at + 3]?.source === "(";
      const isColumns = parts === 2 && tokens[at + 2]?.source === "*";
      if (isDatabase && !isColumns) yield { token, qualifies: true };
      scope.expects = undefined;
      at += 2 * parts - 1;
      continue;
    }
    const database = databaseAfter(tokens, at);
    if (database) yield { token: database, qualifies: false };
    if (token.kind === "symbol") readSymbol(scopes, tokens, at);
    else if (token.kind === "word") readWord(scope, tokens, at);
    else scope.expects = undefined;
    at++;
  }
}

const newScope = (expects?: Scope["expects"]): Scope => ({ query: false, list: expects === "list", expects });

/** How many parts a name has that begins here: 3 for `` `shop`.`users`.`id` `` and for `shop.users.*`, 0 for no name. */
function qualifiedNameAt(tokens: readonly Token[], at: number): number {
  if (!isName(tokens[at])) return 0;
  let parts = 1;
  while (tokens[at + 2 * parts - 1]?.source === ".") {
    const next = tokens[at + 2 * parts];
    if (next?.source !== "*" && !isName(next)) break;
    parts++;
  }
  return parts;
}

function readSymbol(scopes: Scope[], tokens: readonly Token[], at: number): void {
  const scope = scopes.at(-1)!;
  switch (tokens[at]!.source) {
    case "(": {
      const inner = insideParentheses(scope, tokens, at);
      scope.expects = undefined;
      scopes.push(newScope(inner));
      break;
    }
    case ")":
      if (scopes.length > 1) scopes.pop();
      scopes.at(-1)!.expects = undefined;
      break;
    case ",":
      scope.expects = scope.list ? "list" : undefined;
      break;
    case ";":
      Object.assign(scope, newScope());
      break;
    default:
      scope.expects = undefined;
  }
}

/** What an opening parenthesis at `at` has inside. */
function insideParentheses(scope: Scope, tokens: readonly Token[], at: number): Scope["expects"] {
  if (scope.expects === "list") return "list";
  if (SEQUENCE_FUNCTIONS.has(word(tokens, at - 1))) return "name";
  // The tables of a MERGE table: UNION=(`a`,`b`).
  if (tokens[at - 1]?.source === "=" && word(tokens, at - 2) === "UNION") return "list";
  return undefined;
}

function readWord(scope: Scope, tokens: readonly Token[], at: number): void {
  const keyword = word(tokens, at);
  if (scope.expects && BETWEEN.has(keyword)) return;
  scope.expects = undefined;
  if (LIST_ENDS.has(keyword)) scope.list = false;
  if (keyword === "SELECT" || keyword === "DELETE") scope.query = true;
  const expected = namesTable(scope, tokens, at);
  if (!expected) return;
  scope.expects = expected;
  if (expected === "list") scope.list = true;
}

/** Whether the word at `at` is followed by the name of a table, view or routine. */
function namesTable(scope: Scope, tokens: readonly Token[], at: number): Scope["expects"] {
  const keyword = word(tokens, at);
  const before = word(tokens, at - 1);
  switch (keyword) {
    case "FROM":
      return scope.query ? "list" : undefined;
    case "UPDATE":
      // Not FOR UPDATE, ON UPDATE, BEFORE UPDATE, ON DUPLICATE KEY UPDATE.
      return ["AFTER", "BEFORE", "FOR", "KEY", "ON", "OR"].includes(before) ? undefined : "list";
    case "DELETE":
      return ["AFTER", "BEFORE", "ON", "OR"].includes(before) ? undefined : "list";
    case "USING":
      return scope.list && tokens[at + 1]?.source !== "(" ? "list" : undefined;
    case "INTO":
      // Not SELECT … INTO variable.
      return ["IGNORE", "INSERT", "REPLACE", "DELAYED", "HIGH_PRIORITY", "LOW_PRIORITY"].includes(before)
        ? "name"
        : undefined;
    case "INSERT":
    case "REPLACE":
      // INTO may be left out; both are functions, too.
      return ["AFTER", "BEFORE", "OR"].includes(before) || tokens[at + 1]?.source === "(" ? undefined : "name";
    case "ON":
      // A trigger's table, or an index's.
      return ["DELETE", "INSERT", "UPDATE"].includes(before) || word(tokens, at - 2) === "INDEX" ? "name" : undefined;
    case "FOR":
      return before === "VALUE" ? "name" : undefined;
    default:
      return LISTS.has(keyword) ? "list" : NAMES.has(keyword) ? "name" : undefined;
  }
}

/** The name in CREATE, ALTER or DROP DATABASE, when the word at `at` is that DATABASE. */
function databaseAfter(tokens: readonly Token[], at: number): Token | undefined {
  if (!["DATABASE", "SCHEMA"].includes(word(tokens, at))) return undefined;
  if (!["ALTER", "CREATE", "DROP", "REPLACE"].includes(word(tokens, at - 1))) return undefined;
  let next = at + 1;
  while (["IF", "NOT", "EXISTS"].includes(word(tokens, next))) next++;
  const name = tokens[next];
  return isUsable(name) && !DATABASE_OPTIONS.has(name.keyword) ? name : undefined;
}

/** The mysql client takes `USE 'shop'` as well. */
function isUsable(token: Token | undefined): token is Token {
  return token?.kind === "text" || isName(token);
}

function word(tokens: readonly Token[], at: number): string {
  return tokens[at]?.keyword ?? "";
}
