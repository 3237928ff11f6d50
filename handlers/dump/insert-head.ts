// The head of an INSERT or REPLACE: all of it that is read before its rows pass through untouched.
import { isName, type Token, tokenize } from "./tokens.ts";

const MODIFIERS = new Set(["LOW_PRIORITY", "DELAYED", "HIGH_PRIORITY", "IGNORE", "INTO"]);

export interface InsertHead {
  readonly table: Token;
  /** The database, where the table's name is qualified. */
  readonly database: Token | undefined;
  /** The columns that are named, if any are. */
  readonly columns: readonly Token[];
  /** The index behind `VALUES`. */
  readonly end: number;
}

/**
 * Reads the head of a statement that begins with `source`.
 *
 * @param whole nothing comes after `source`.
 * @returns `"other"` for another kind of statement, `"more"` where `source` is too short to tell, `"unreadable"` for an INSERT
 * that no dump tool writes, such as one that selects its rows.
 */
export function readInsertHead(source: string, whole: boolean): InsertHead | "other" | "more" | "unreadable" {
  const tokens: Token[] = [];
  let depth = 0;
  for (const token of tokenize(source)) {
    // What touches the end may go on behind it.
    if (token.end === source.length && !whole) return "more";
    if (tokens.length === 0 && token.keyword !== "INSERT" && token.keyword !== "REPLACE") return "other";
    if (token.source === "(") depth++;
    if (token.source === ")") depth--;
    if (depth === 0 && (token.keyword === "VALUES" || token.keyword === "VALUE")) return headOf(tokens, token.end);
    if (depth === 0 && (token.source === ";" || token.keyword === "SELECT")) return "unreadable";
    tokens.push(token);
  }
  return whole ? "other" : "more"; // what is cut off is no INSERT yet
}

function headOf(tokens: readonly Token[], end: number): InsertHead | "unreadable" {
  let at = 1;
  while (MODIFIERS.has(tokens[at]?.keyword ?? "")) at++;
  const qualified = tokens[at + 1]?.source === ".";
  const table = tokens[qualified ? at + 2 : at];
  const after = tokens[qualified ? at + 3 : at + 1];
  if (!isName(table) || (after && after.source !== "(")) return "unreadable";
  const database = qualified ? tokens[at] : undefined;
  if (database && !isName(database)) return "unreadable";
  const columns = after ? tokens.slice(tokens.indexOf(after)).filter(isName) : [];
  return { table, database, columns, end };
}
