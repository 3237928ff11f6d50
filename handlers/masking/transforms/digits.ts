// `digits`: other digits in the place of a text's own, and every other character where it was.
import { quoteName } from "../../mysql/identifiers.ts";
import type { Column } from "../../mysql/schema.ts";
import { kindOf } from "../column-kind.ts";
import { keyedHash } from "../keyed.ts";
import { type DigitText, without } from "./digit-text.ts";
import { ordinaryFirst } from "./ordinary-numbers.ts";
import { canonicalText, type Masked, type Misfit, type Named } from "./transform.ts";

/** So many digits are drawn from one hash, for as many characters. */
const BLOCK = 16;
/** With a sign and separators, such a number is no longer than two blocks. */
const ORDINARY_DIGITS = [1, 19] as const;
/** A statement names each character: of longer ones it would take hundreds of kilobytes. */
const MAX_CHARACTERS = 512;

const NARROW = "0123456789";
/** Full-width digits, as Japanese forms have them. */
const WIDE = "０１２３４５６７８９";
/** What ORD() gives for `０` and `９`: their bytes in UTF-8. */
const WIDE_ORD = [0xefbc90, 0xefbc99] as const;

/** A text without digits stays as it is; so does, by chance, one in a hundred with two of them, and none with one. */
export function digits({ domain = "digits" }: Named<"digits">, column: Column): Masked | Misfit {
  const text = digitText("digits", column);
  if ("fits" in text) return text;
  const anyText = replacedDigits(domain, text, column.maxCharacters ?? 0);
  return {
    fits: true,
    sql: ordinaryFirst(text, ORDINARY_DIGITS, ({ text: own }) => twoBlocks(domain, own), anyText),
    unchanged: hasNoDigits(text),
    byChance: true,
  };
}

/** The digits that `replacedDigits` puts into an ordinary number. */
function twoBlocks(domain: string, text: DigitText): string {
  const inFirst = `LENGTH(${without("+ -", `LEFT(${text.sql}, ${BLOCK})`)})`;
  const second = `IF(LENGTH(${text.sql}) > ${BLOCK}, ${otherDigits(`${domain}#1`, text)}, '')`;
  return `CONCAT(LEFT(${otherDigits(domain, text)}, ${inFirst}), ${second})`;
}

export function digitText(transform: string, column: Column): DigitText | Misfit {
  if (kindOf(column) !== "text") return { fits: false, reason: `\`${transform}\` is for text` };
  if ((column.maxCharacters ?? 0) > MAX_CHARACTERS) {
    return { fits: false, reason: `\`${transform}\` is for text of at most ${MAX_CHARACTERS} characters` };
  }
  return {
    sql: column.characterSet === "utf8mb4" ? quoteName(column.name) : canonicalText(column),
    canBeWide: !["ascii", "latin1"].includes(column.characterSet ?? ""),
  };
}

/** A condition. */
export function hasNoDigits(text: DigitText): string {
  const bare = without(NARROW, text.canBeWide ? without(WIDE, text.sql) : text.sql);
  return `LENGTH(${bare}) = LENGTH(${text.sql})`;
}

/** The text with all its digits replaced; block by block, so that short texts of long columns cost little. */
export function replacedDigits(domain: string, text: DigitText, maxCharacters: number): string {
  const blocks = Array.from({ length: Math.ceil(maxCharacters / BLOCK) }, (_, i) => {
    const from = i * BLOCK;
    // `#` is in no domain's name: the blocks of one value have hashes of their own.
    const drawn = otherDigits(i === 0 ? domain : `${domain}#${i}`, text);
    const length = `CHAR_LENGTH(${text.sql}) - ${from}`;
    const block = `LEFT(${pour(drawn, text, from, BLOCK)}, LEAST(${BLOCK}, ${length}))`;
    return i === 0 ? block : `IF(${length} > 0, ${block}, '')`;
  });
  return blocks.length === 1 ? blocks.join("") : `CONCAT(${blocks.join(", ")})`;
}

/** 18 digits for a value, from 64 bits of its hash: evenly enough. */
export function keyedDigits(domain: string, value: string): string {
  return `RIGHT(LPAD(CONV(LEFT(${keyedHash(domain, value)}, 16), 16, 10), 20, '0'), 18)`;
}

/** The first of them is not the lowest digit in the text: the only one of a text must not become itself. */
function otherDigits(domain: string, { sql, canBeWide }: DigitText): string {
  // A collation for which `５` is `5`.
  const text = canBeWide ? `${sql} COLLATE utf8mb4_unicode_ci` : sql;
  const cases = Array.from(NARROW, (digit) => `WHEN ${text} LIKE '%${digit}%' THEN '${digit}'`);
  return `TRIM(LEADING CASE ${cases.join(" ")} ELSE '' END FROM CONCAT(${keyedDigits(domain, sql)}, '${NARROW}'))`;
}

/**
 * Digits, poured into the places of a text's own: what is no digit among `count` characters after the first `from` is
 * inserted into them, from left to right. The digits' SQL is evaluated once; what is left of them stays at the end.
 */
export function pour(drawn: string, text: DigitText, from: number, count: number): string {
  let sql = text.canBeWide ? `IF(${isWide(text)}, ${replaced(drawn, NARROW, WIDE)}, ${drawn})` : drawn;
  for (let place = 1; place <= count; place++) {
    const character = `SUBSTRING(${text.sql}, ${from + place}, 1)`;
    const isDigit = [[0x30, 0x39], ...(text.canBeWide ? [WIDE_ORD] : [])]
      .map(([zero, nine]) => `ORD(${character}) BETWEEN ${zero} AND ${nine}`)
      .join(" OR ");
    // A text of fewer bytes ends before this place, and is spared the look at it.
    sql = `INSERT(${sql}, ${place}, 0, IF(LENGTH(${text.sql}) < ${from + place} OR ${isDigit}, '', ${character}))`;
  }
  return sql;
}

/** Full-width digits as ASCII ones. */
export function narrowed(sql: string): string {
  return replaced(sql, WIDE, NARROW);
}

function isWide({ sql }: DigitText): string {
  return `LENGTH(${sql}) <> CHAR_LENGTH(${sql}) AND LENGTH(${without(WIDE, sql)}) <> LENGTH(${sql})`;
}

function replaced(sql: string, these: string, those: string): string {
  const others = Array.from(those);
  return Array.from(these).reduce((rest, own, i) => `REPLACE(${rest}, '${own}', '${others[i]}')`, sql);
}
