// What a statement of a dump does, as far as it says which others it may run beside.
import { readInsertHead } from "../../../handlers/dump/insert-head.ts";
import { readStatement } from "../../../handlers/dump/statement.ts";
import { isName, nameOf, type Token } from "../../../handlers/dump/tokens.ts";

export type StatementEffect =
  /** On the session that runs it; `backslashEscapes` where it sets whether text has them. */
  | { readonly on: "session"; readonly backslashEscapes?: boolean }
  | { readonly on: "rows"; readonly table: string }
  /** It makes, drops or alters one table; `needsOthers` where it refers to more than that one. */
  | { readonly on: "table"; readonly table: string; readonly needsOthers: boolean }
  /** Locks and transactions, which several sessions do without. */
  | { readonly on: "nothing" }
  | { readonly on: "anything" };

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
function tableEffect(kind: string, tokens: readonly Token[]): StatementEffect | undefined {
  let at = tokens.findIndex(({ keyword }) => keyword === "TABLE") + 1;
  while (["IF", "NOT", "EXISTS"].includes(tokens[at]?.keyword ?? "")) at++;
  if (tokens[at + 1]?.source === ".") at += 2;
  const [name, next] = [tokens[at], tokens[at + 1]];
  if (!isName(name)) return undefined;
  const table = folded(name);
  if (kind === "CREATE TABLE" && next?.source === "(") {
    const keywords = new Set(tokens.map(({ keyword }) => keyword));
    return keywords.has("SELECT") ? undefined : { on: "table", table, needsOthers: keywords.has("REFERENCES") };
  }
  if (kind === "DROP TABLE" && !next) return { on: "table", table, needsOthers: false };
  if (kind !== "ALTER TABLE") return undefined;
  if (next?.keyword === "ADD") return { on: "table", table, needsOthers: true };
  return tokens.at(-1)?.keyword === "KEYS" ? { on: "table", table, needsOthers: false } : undefined; // DISABLE, ENABLE
}

/** To take two tables for one costs a wait and nothing else. */
function folded(name: Token): string {
  return nameOf(name).toLowerCase();
}
