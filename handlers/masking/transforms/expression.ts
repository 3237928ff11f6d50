// `expression`: the contract's own SQL, the declared way out.
import { isOneCondition } from "../../../contracts/sql-condition.ts";
import { quoteName } from "../../mysql/identifiers.ts";
import type { Column, Table } from "../../mysql/schema.ts";
import { columnId, kindOf } from "../column-kind.ts";
import { keyedHash } from "../keyed.ts";
import { canonicalText, type Masked, type Misfit, type Named } from "./transform.ts";

/** Quoted text and comments, in which a word is no column's name. */
const TEXT = /'(?:[^'\\]|\\[\s\S]|'')*'|"(?:[^"\\]|\\[\s\S]|"")*"|(?:#|--\s)[^\n]*|\/\*[\s\S]*?\*\//g;

/**
 * `{value}` is the column, `{key}` the keyed hash of its value: 64 hexadecimal digits, never the key. NULL stays NULL.
 * Nothing is known of what it keeps, so it is taken for lossy, and for one that may meet real values.
 */
export function expression({ sql: given }: Named<"expression">, column: Column, table: Table): Masked | Misfit {
  const name = quoteName(column.name);
  const isText = kindOf(column) === "text";
  const key = keyedHash("expression", isText ? canonicalText(column) : name);
  const sql = given.replaceAll("{value}", () => name).replaceAll("{key}", () => key);
  // Also with the name in it: that may have a quote.
  if (!isOneCondition(given) || !isOneCondition(sql)) {
    return {
      fits: false,
      reason:
        "its SQL is not one expression: close every parenthesis, quote and comment in it, end it with no `;`, and write `{value}` and `{key}` outside of quotes",
    };
  }
  const reads = readBy(given, column, table);
  return {
    fits: true,
    // A comment without an end of line must not hide the parenthesis.
    sql: `IF(${name} IS NULL, NULL, (${sql}\n))`,
    unchanged: "FALSE",
    byChance: true,
    ...(reads.length > 0 && { reads }),
  };
}

/** The table's other columns that the SQL names. A function's name may be taken for one; that only orders assignments. */
function readBy(sql: string, own: Column, table: Table): string[] {
  const words = sql.replaceAll(TEXT, " ").match(/`(?:[^`]|``)+`|[\p{L}\p{N}_$]+/gu) ?? [];
  const named = new Set(words.map((word) => columnId(unquoted(word))));
  return table.columns.filter(({ name }) => name !== own.name && named.has(columnId(name))).map(({ name }) => name);
}

function unquoted(word: string): string {
  return word.startsWith("`") ? word.slice(1, -1).replaceAll("``", "`") : word;
}
