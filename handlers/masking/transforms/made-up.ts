// What people, places and companies are made of: words drawn from lists by the masking key, cut to fit the column.
import type { Locale } from "../../../contracts/transforms.ts";
import { quoteName } from "../../mysql/identifiers.ts";
import { textLiteral } from "../../mysql/literals.ts";
import type { Column } from "../../mysql/schema.ts";
import { kindOf } from "../column-kind.ts";
import { asciiCapacity, type Masked, type Misfit } from "./transform.ts";

/** The most bytes that a kanji or kana of our lists takes, by character set; others do not hold all of them. */
const JAPANESE_BYTES: Readonly<Record<string, number>> = {
  ...{ utf8: 3, utf8mb3: 3, utf8mb4: 3, ucs2: 2, utf16: 2, utf16le: 2, utf32: 4 },
  ...{ sjis: 2, cp932: 2, ujis: 2, eucjpms: 2, gb18030: 4 },
};

/** How many Japanese characters the column holds; 0 where its character set has none. */
export function japaneseCapacity(column: Column): number {
  const bytes = JAPANESE_BYTES[column.characterSet ?? ""];
  return bytes ? Math.min(column.maxCharacters ?? 0, Math.floor((column.maxBytes ?? 0) / bytes)) : 0;
}

/**
 * SQL for a number of 0 to 4294967295.
 *
 * @param hash SQL for 64 hexadecimal digits.
 * @param place which eight of them, from 0 to 7: two draws from the same place fall alike.
 */
export function drawNumber(hash: string, place: number): string {
  return `CONV(SUBSTRING(${hash}, ${8 * place + 1}, 8), 16, 10)`;
}

/** SQL for one of the words. */
export function drawWord(hash: string, place: number, words: readonly string[]): string {
  return `ELT(1 + ${drawNumber(hash, place)} % ${words.length}, ${words.map((word) => textLiteral(word)).join(", ")})`;
}

/** Why the transform cannot be had on this column, if it cannot. */
export function unfit(name: string, locale: Locale, column: Column): Misfit | undefined {
  if (kindOf(column) !== "text") return { fits: false, reason: `\`${name}\` is for text` };
  if (locale === "ja" && japaneseCapacity(column) === 0) {
    const set = column.characterSet ?? "";
    return { fits: false, reason: `the character set \`${set}\` does not hold Japanese; use the locale \`en\`` };
  }
  return undefined;
}

/** A made-up value: cut where the column is short, and never in place of NULL or of an empty text. */
export function madeUp(locale: Locale, column: Column, sql: string): Masked {
  const name = quoteName(column.name);
  const capacity = locale === "ja" ? japaneseCapacity(column) : asciiCapacity(column);
  const empty = `CHAR_LENGTH(${name}) = 0`;
  return {
    fits: true,
    // Trimmed: what is cut behind a first name ends in a space.
    sql: `CASE WHEN ${empty} THEN '' WHEN ${name} IS NOT NULL THEN TRIM(LEFT(${sql}, ${capacity})) END`,
    unchanged: empty,
    byChance: true,
  };
}
