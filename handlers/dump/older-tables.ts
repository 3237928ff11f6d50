// What older servers, and MariaDB's, write into a CREATE TABLE and others refuse, where they have other words for it or it means
// nothing.
import { NOW } from "./features.ts";
import type { Edit, Statement } from "./statement.ts";
import { readTable } from "./table-elements.ts";
import type { Token } from "./tokens.ts";

/** Writes a table as servers of today do. */
export function renewTables({ kind, source, tokens }: Statement): Edit[] {
  if (kind !== "CREATE TABLE") return [];
  const options = readTable(source, tokens)?.options ?? [];
  return [...storedColumns(tokens), ...defaults(tokens), ...engineWord(options), ...rowFormat(options)];
}

/** MariaDB's first word for STORED. */
function storedColumns(tokens: readonly Token[]): Edit[] {
  return tokens
    .filter(({ keyword }, at) => keyword === "PERSISTENT" && tokens[at - 1]?.source === ")")
    .map(({ start, end }) => ({ start, end, text: "STORED" }));
}

/** MariaDB writes `DEFAULT uuid()`. MySQL wants such a call in parentheses, in which both take it. */
function defaults(tokens: readonly Token[]): Edit[] {
  return tokens.flatMap(({ keyword }, at) => {
    const [name, opening] = [tokens[at + 1], tokens[at + 2]];
    const isCall = keyword === "DEFAULT" && name?.kind === "word" && opening?.source === "(";
    if (!isCall || NOW.has(name.keyword)) return [];
    let depth = 0;
    const closing = tokens.slice(at + 2).find(({ source }) => {
      depth += source === "(" ? 1 : source === ")" ? -1 : 0;
      return depth === 0;
    });
    if (!closing) return [];
    return [name.start, closing.end].map((place, i) => ({ start: place, end: place, text: "()"[i] ?? "" }));
  });
}

/** `TYPE=InnoDB`, of `mysqldump --compatible=mysql40`. */
function engineWord(options: readonly Token[]): Edit[] {
  return options
    .filter(({ keyword }, at) => keyword === "TYPE" && options[at + 1]?.source === "=")
    .map(({ start, end }) => ({ start, end, text: "ENGINE" }));
}

/** InnoDB has no fixed rows: it took the word with a warning, and since 5.7 is strict about it. */
function rowFormat(options: readonly Token[]): Edit[] {
  const isInnoDb = options.some(({ keyword }, at) => keyword === "INNODB" && options[at - 1]?.source === "=");
  return options.flatMap(({ keyword, start }, at) => {
    const [equals, format] = [options[at + 1], options[at + 2]];
    const isFixed = keyword === "ROW_FORMAT" && equals?.source === "=" && format?.keyword === "FIXED";
    return isInnoDb && isFixed ? [{ start, end: format.end, text: "" }] : [];
  });
}
