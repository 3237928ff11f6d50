// `text`: prose that says nothing, of the original's length and with its line breaks.
import { textLiteral } from "../../mysql/literals.ts";
import type { Column } from "../../mysql/schema.ts";
import { kindOf } from "../column-kind.ts";
import { keyedHash } from "../keyed.ts";
import { JAPANESE, LATIN } from "../words/lorem.ts";
import { drawWord, japaneseCapacity } from "./made-up.ts";
import { canonicalText, type Masked, type Misfit, type Named } from "./transform.ts";

/**
 * First the text's shape: a marker for each character, line breaks as they are. Then words take the markers' places, by
 * one REPLACE for each power of two, from long to short: a line of 13 is filled by 8 + 4 + 1.
 *
 * No REPLACE changes a length in bytes: MySQL 5.6 and MariaDB would move the rest of the text for each match.
 */
export function text({ domain = "text" }: Named<"text">, column: Column): Masked | Misfit {
  if (kindOf(column) !== "text") return { fits: false, reason: "`text` is for text" };
  // It would end the comment in `marked`.
  if (column.name.includes("*/")) return { fits: false, reason: "`text` needs a column without `*/` in its name" };
  const value = canonicalText(column);
  const hash = keyedHash(domain, value);
  const latin = filled(LATIN_PIECES, value, hash);
  // Kana and kanji take three bytes, most other scripts two at most. A TEXT column may have room for the latter alone.
  const isJapanese = `LENGTH(${value}) > 2 * CHAR_LENGTH(${value}) AND CHAR_LENGTH(${value}) <= ${japaneseCapacity(column)}`;
  // Nothing but line ends, all of one kind: of two kinds, a CR is a character.
  const isEmpty = `CAST(${value} AS BINARY) IN (REPEAT(x'0a', LENGTH(${value})), REPEAT(x'0d0a', LENGTH(${value}) DIV 2))`;
  return {
    fits: true,
    sql: japaneseCapacity(column) > 0 ? `IF(${isJapanese}, ${filled(JAPANESE_PIECES, value, hash)}, ${latin})` : latin,
    unchanged: isEmpty,
    byChance: true,
  };
}

/** What a character of the original is until words take its place. */
const MARK = "#";

/** A longer one is a file, and becomes one line: on the way, a text takes two bytes a character of a server's packet. */
const LONGEST_WITH_LINES = 1_000_000;

/** SQL for a marker in place of each character but those that end lines. */
function shapeOf(value: string): string {
  const isOneLine = `LOCATE(x'0a', CAST(${value} AS BINARY)) = 0 OR CHAR_LENGTH(${value}) > ${LONGEST_WITH_LINES}`;
  const oneLine = `REPEAT(_latin1'${MARK}', CHAR_LENGTH(${value}))`;
  return `IF(${isOneLine}, ${oneLine}, REPLACE(${marked(value)}, '${MARK}\\n', IF(${isCrLf(value)}, '\\r\\n', '${MARK}\\n')))`;
}

/** Whether all of the text's lines end in CR LF. In other texts, a CR is a character. Among bytes, the search is ten times as fast. */
function isCrLf(value: string): string {
  return `LOCATE(x'0a', REPLACE(CAST(${value} AS BINARY), x'0d0a', x'0d0d')) = 0`;
}

/**
 * SQL that puts a marker in place of every character but LF.
 *
 * MySQL 5.6 and 5.7 have no REGEXP_REPLACE. But what a character set lacks becomes a question mark when text is converted
 * to it: in a first step, all that is not ASCII. In a second, what is left gets another high byte in UCS-2, and so U+00nn
 * becomes U+21nn. Of U+2101 to U+217F, latin1 has U+2122 alone: LF goes there, as a quotation mark (U+0022).
 *
 * MariaDB refuses such conversions, and so it has a pattern, in a comment that MariaDB alone reads:
 * https://mariadb.com/kb/en/comment-syntax/
 */
function marked(value: string): string {
  const ascii = `REPLACE(REPLACE(CONVERT(${value} USING ascii), '"', 'x'), '\\n', '"')`;
  const bytes = `CAST(CONVERT(${ascii} USING ucs2) AS BINARY)`;
  const beyond = `CAST(REPLACE(${bytes}, x'00', x'21') AS CHAR CHARACTER SET ucs2)`;
  const latin = `REPLACE(CONVERT(${beyond} USING latin1), _latin1 x'99', '\\n')`;
  const byCharacterSet = `REPLACE(${latin}, x'3f', '${MARK}')`;
  // Among bytes, since MariaDB checks all of a text's UTF-8 for each match. A character's first byte stands for it.
  const single = `REGEXP_REPLACE(CAST(${value} AS BINARY), '[\\\\x80-\\\\xBF]+', '')`;
  // Many at a time: a match takes longer than what it replaces.
  const byPattern = [32, 8, 1].reduce(
    (sql, n) => `REGEXP_REPLACE(${sql}, '[^${MARK}\\n]{${n}}', '${MARK.repeat(n)}')`,
    single,
  );
  return `/*M! IF(TRUE, CONVERT(${byPattern} USING latin1), */ ${byCharacterSet} /*M! ) */`;
}

interface Pieces {
  /** Of each length from long to short, several to choose from. */
  readonly pieces: readonly (readonly string[])[];
  readonly fullStop: string;
  /** In which a marker takes as many bytes as what comes in its place. */
  readonly characterSet: "latin1" | "ucs2";
}

/** Words in place of markers. Each line ends in a full stop: with a space there, CHAR would lose its last character. */
function filled({ pieces, fullStop, characterSet }: Pieces, value: string, hash: string): string {
  const written = (sql: string) => `CONVERT(${sql} USING ${characterSet})`;
  const end = `IF(${isCrLf(value)}, '\\r\\n', '\\n')`;
  const lines = `CONCAT(${written(shapeOf(value))}, ${written(end)})`;
  const stopped = `REPLACE(${lines}, ${written(`CONCAT('${MARK}', ${end})`)}, ${written(`CONCAT('${fullStop}', ${end})`)})`;
  const words = pieces.reduce((sql, choices, i) => {
    const [piece = ""] = choices;
    const choice = choices.length > 1 ? drawWord(hash, i, choices) : textLiteral(piece);
    return `REPLACE(${sql}, '${MARK.repeat(Array.from(piece).length)}', ${written(choice)})`;
  }, stopped);
  // Without the line's end that was added.
  return `LEFT(${words}, CHAR_LENGTH(${value}))`;
}

const LENGTHS = [256, 128, 64, 32, 16, 8, 4, 2, 1];
/** Shorter ones are a word or less. */
const SHORTEST_TO_CHOOSE = 8;
const CHOICES = 4;

/** @param write gives a piece of a length, from that word of a list on. */
function piecesBy(write: (length: number, start: number) => string): string[][] {
  return LENGTHS.map((length, i) => {
    const choices = length < SHORTEST_TO_CHOOSE ? 1 : CHOICES;
    return Array.from({ length: choices }, (_, choice) => write(length, 7 * i + 23 * choice));
  });
}

/** Whole words, each with a space behind it; a single character is followed by nothing but the full stop. */
function latinPiece(length: number, start: number): string {
  if (length === 1) return "a";
  let words = "";
  for (let at = start; words.length < length; at++) {
    const gap = length - words.length - 1;
    const next = LATIN[at % LATIN.length] ?? "";
    // A word either fills the gap or leaves room for another and its space.
    const fits = next.length === gap || next.length < gap - 1;
    words += `${fits ? next : (LATIN.find((word) => word.length === gap) ?? "et")} `;
  }
  return words;
}

function japanesePiece(length: number, start: number): string {
  const words = Array.from({ length }, (_, i) => JAPANESE[(start + i) % JAPANESE.length]).join("");
  return Array.from(words).slice(0, length).join("");
}

const LATIN_PIECES: Pieces = { pieces: piecesBy(latinPiece), fullStop: ".", characterSet: "latin1" };
const JAPANESE_PIECES: Pieces = { pieces: piecesBy(japanesePiece), fullStop: "。", characterSet: "ucs2" };
