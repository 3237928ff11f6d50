// `text`: prose that says nothing, of the original's length and with its line breaks.
import { quoteName } from "../../mysql/identifiers.ts";
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
 */
export function text({ domain = "text" }: Named<"text">, column: Column): Masked | Misfit {
  if (kindOf(column) !== "text") return { fits: false, reason: "`text` is for text" };
  const name = quoteName(column.name);
  // It would end the comment in `marked`.
  if (name.includes("*/")) return { fits: false, reason: "`text` needs a column without `*/` in its name" };
  const value = canonicalText(column);
  const hash = keyedHash(domain, value);
  const shape = shapeOf(value);
  const length = `CHAR_LENGTH(${withLineFeeds(value)})`;
  const latin = filled(LATIN_PIECES, shape, length, hash);
  const japanese = filled(JAPANESE_PIECES, shape, length, hash);
  // Kana and kanji take three bytes, most other scripts two at most. A TEXT column may have room for the latter alone.
  const isJapanese = `LENGTH(${value}) > 2 * CHAR_LENGTH(${value}) AND CHAR_LENGTH(${value}) <= ${japaneseCapacity(column)}`;
  const words = japaneseCapacity(column) > 0 ? `IF(${isJapanese}, ${japanese}, ${latin})` : latin;
  return {
    fits: true,
    sql: `REPLACE(${words}, '\\n', ${lineEnd(value)})`,
    unchanged: `CHAR_LENGTH(REPLACE(REPLACE(${name}, '\\r', ''), '\\n', '')) = 0`,
    byChance: true,
  };
}

/** What a character of the original is until words take its place. */
const MARK = "#";

/** A longer one is a file, and becomes one line: on the way, a text takes two bytes a character of a server's packet. */
const LONGEST_WITH_LINES = 1_000_000;

/** CR LF where all of the text's lines end so. In other texts, a CR is a character. */
function lineEnd(value: string): string {
  const isCrLf = `${lineFeedIn(`REPLACE(CAST(${value} AS BINARY), x'0d0a', '')`)} = 0`;
  return `IF(CHAR_LENGTH(${value}) <= ${LONGEST_WITH_LINES} AND ${isCrLf}, '\\r\\n', '\\n')`;
}

/** Among bytes: by a collation, the search takes ten times as long. */
function lineFeedIn(value: string): string {
  return `LOCATE(x'0a', CAST(${value} AS BINARY))`;
}

function withLineFeeds(value: string): string {
  return `REPLACE(${value}, ${lineEnd(value)}, '\\n')`;
}

function shapeOf(value: string): string {
  const isOneLine = `${lineFeedIn(value)} = 0 OR CHAR_LENGTH(${value}) > ${LONGEST_WITH_LINES}`;
  return `IF(${isOneLine}, REPEAT(_latin1'${MARK}', CHAR_LENGTH(${value})), ${marked(withLineFeeds(value))})`;
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
  const ascii = `REPLACE(REPLACE(CONVERT(${value} USING ascii), '\\0', 'x'), '"', 'x')`;
  const bytes = `CAST(CONVERT(REPLACE(${ascii}, '\\n', '"') USING ucs2) AS BINARY)`;
  const beyond = `CAST(REPLACE(${bytes}, x'00', x'21') AS CHAR CHARACTER SET ucs2)`;
  const latin = `REPLACE(CONVERT(${beyond} USING latin1), _latin1 x'99', '\\n')`;
  const byCharacterSet = `REPLACE(${latin}, x'3f', '${MARK}')`;
  // Many characters at a time: a match takes longer than what it replaces.
  const byPattern = [32, 8, 1].reduce(
    (sql, n) => `REGEXP_REPLACE(${sql}, '[^${MARK}\\n]{${n}}', '${MARK.repeat(n)}')`,
    value,
  );
  return `/*M! IF(TRUE, CONVERT(${byPattern} USING latin1), */ ${byCharacterSet} /*M! ) */`;
}

interface Pieces {
  /** Of each length from long to short, several to choose from. */
  readonly pieces: readonly (readonly string[])[];
  readonly fullStop: string;
  readonly characterSet: "latin1" | "utf8mb4";
}

/** Words in place of markers. Each line ends in a full stop: with a space there, CHAR would lose its last character. */
function filled({ pieces, fullStop, characterSet }: Pieces, shape: string, length: string, hash: string): string {
  const stopped = `REPLACE(CONCAT(CONVERT(${shape} USING ${characterSet}), '\\n'), '${MARK}\\n', '${fullStop}\\n')`;
  const words = pieces.reduce((sql, [piece = "", ...others], i) => {
    const choice = others.length > 0 ? drawWord(hash, i, [piece, ...others]) : textLiteral(piece);
    return `REPLACE(${sql}, '${MARK.repeat(Array.from(piece).length)}', CONVERT(${choice} USING ${characterSet}))`;
  }, stopped);
  return `LEFT(${words}, ${length})`;
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
const JAPANESE_PIECES: Pieces = { pieces: piecesBy(japanesePiece), fullStop: "。", characterSet: "utf8mb4" };
