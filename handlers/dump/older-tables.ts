// What older servers write into a CREATE TABLE and later ones refuse, where it has another name now or means nothing.
import type { Edit, Statement } from "./statement.ts";
import { readTable } from "./table-elements.ts";
import type { Token } from "./tokens.ts";

/** Writes a table as servers of today do. */
export function renewTables({ kind, source, tokens }: Statement): Edit[] {
  if (kind !== "CREATE TABLE") return [];
  const options = readTable(source, tokens)?.options ?? [];
  return [...storedColumns(tokens), ...engineWord(options), ...rowFormat(options)];
}

/** MariaDB's first word for STORED. */
function storedColumns(tokens: readonly Token[]): Edit[] {
  return tokens
    .filter(({ keyword }, at) => keyword === "PERSISTENT" && tokens[at - 1]?.source === ")")
    .map(({ start, end }) => ({ start, end, text: "STORED" }));
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
