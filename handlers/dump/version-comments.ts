// Versioned comments in a CREATE TABLE which another kind of server runs as well, though it has not what they say.
// MariaDB runs those for its own versions and for MySQL's before 5.7: https://mariadb.com/kb/en/comment-syntax/
import type { Edit, Statement } from "./statement.ts";
import type { Token } from "./tokens.ts";

/** `/*!100301`, as MariaDB has written; MySQL up to 5.7 reads five digits of it and runs the rest. */
const MARIADBS_OPENING = /\/\*(?=!1\d{5}(?!\d))/;
/** Of a server before 5.7.6, which had no ngram parser. */
const OLDER_OPENING = /(?<=\/\*!)50100\s*$/;
const NGRAM_OPENING = "50706 ";

/** Has each comment read only by servers that have what it says. */
export function narrowVersionComments({ kind, source, tokens }: Statement): Edit[] {
  if (kind !== "CREATE TABLE") return [];
  return tokens.flatMap((token, at) => {
    if (!token.versioned) return [];
    const [before, next, second] = [tokens[at - 1], tokens[at + 1], tokens[at + 2]];
    const edits = [...replaced(source, before, token, MARIADBS_OPENING, "/*M")];
    if (isClusterOption(token, next)) edits.push({ start: token.start, end: next.end, text: "" });
    if (token.keyword === "WITH" && next?.keyword === "PARSER" && /^`?ngram`?$/i.test(second?.source ?? "")) {
      edits.push(...replaced(source, before, token, OLDER_OPENING, NGRAM_OPENING));
    }
    // MariaDB passes over `/*!80016 NOT ENFORCED */`, and has no checks that are not enforced.
    if (token.keyword === "NOT" && next?.keyword === "ENFORCED" && before?.source === ")") {
      edits.push({ start: before.start, end: before.start, text: " /*M! OR TRUE */" });
    }
    return edits;
  });
}

/** `STORAGE DISK` and `COLUMN_FORMAT FIXED` mean something to NDB alone; MariaDB has neither. */
function isClusterOption(token: Token, next: Token | undefined): next is Token {
  return ["STORAGE", "COLUMN_FORMAT"].includes(token.keyword) && next?.kind === "word";
}

/** Replaces what stands between two tokens, where it is there. */
function replaced(source: string, from: Token | undefined, to: Token, what: RegExp, text: string): Edit[] {
  const start = from?.end ?? 0;
  const found = what.exec(source.slice(start, to.start));
  if (!found) return [];
  return [{ start: start + found.index, end: start + found.index + found[0].length, text }];
}
