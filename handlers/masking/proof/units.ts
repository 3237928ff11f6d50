// Text as the units that quotations are compared by: words, or single characters where a script has no spaces.
import { normalizeWidth } from "../patterns/index.ts";

/** Between two values that are looked at together. No unit and no quotation goes across it. */
export const SEPARATOR = "\u001e";

/** In one case, full width as half, so that `ＡＮＮ` is quoted by `ann`. */
export function normalize(text: string): string {
  // Plain ASCII is most of all text, and is normalised already.
  return /[^\0-\x7f]/.test(text) ? normalizeWidth(text).normalize("NFC").toLowerCase() : text.toLowerCase();
}

/** What a character is to quotations. */
export const OTHER = 0;
/** Letters and digits, which make words. */
export const WORD = 1;
/** Kanji, kana and hangul: each is a unit of its own. */
export const SINGLE = 2;

const CLASSES = new Uint8Array(0x10000);
for (let code = 0; code < 0x10000; code++) {
  const character = String.fromCharCode(code);
  // Halves of surrogate pairs are letters here: emoji and rare kanji then make words.
  if ((code >= 0x3040 && code <= 0x30ff) || (code >= 0x3400 && code <= 0x9fff) || (code >= 0xac00 && code <= 0xd7a3)) {
    CLASSES[code] = SINGLE;
  } else if (/[\p{L}\p{N}\p{M}]/u.test(character) || (code >= 0xd800 && code <= 0xdfff)) {
    CLASSES[code] = WORD;
  }
}

/** The class of a UTF-16 code unit. */
export function classOf(code: number): number {
  return CLASSES[code] ?? OTHER;
}

/** The units of a normalised text. */
export function unitsOf(normalized: string): string[] {
  const units: string[] = [];
  let start = -1;
  for (let i = 0; i <= normalized.length; i++) {
    const own = i < normalized.length ? classOf(normalized.charCodeAt(i)) : OTHER;
    if (own === WORD) {
      if (start === -1) start = i;
      continue;
    }
    if (start !== -1) units.push(normalized.slice(start, i));
    start = -1;
    if (own === SINGLE) units.push(normalized.charAt(i));
  }
  return units;
}

/**
 * True where an original tells who is meant wherever it stands. Words of a dictionary do not, so a single word must have
 * letters and digits both, or be long.
 */
export function identifies(text: string, units: readonly string[]): boolean {
  const length = units.reduce((sum, unit) => sum + unit.length, 0);
  if (/^\S+@\S+\.\S+$/.test(text)) return length >= 6;
  if (units.some((unit) => classOf(unit.charCodeAt(0)) === SINGLE)) return length >= 4;
  const [only = ""] = units;
  if (units.length === 1) return only.length >= 16 || (only.length >= 8 && /\d/.test(only) && /\p{L}/u.test(only));
  const words = units.filter((unit) => /\p{L}{2}/u.test(unit));
  return words.length >= 2 && length >= 6;
}

/** Numbers of fewer digits stand everywhere. */
const NUMBER_DIGITS_MIN = 7;
const NUMBER_DIGITS_MAX = 19;

/** A number as it may be written with separators: phones, cards, accounts. */
export const NUMBERS = /(?<![\p{L}\p{N}])\+?\d(?:[ ().‐-―−-]{0,2}\d){6,22}(?![\p{L}\p{N}])/gu;

/**
 * The forms in which a number is compared: its digits, and for a phone number also those without the trunk 0 or the
 * country's code, so that `+81 90 1234 5678` is quoted by `090-1234-5678`. Empty for what is no number.
 */
export function numberForms(written: string): string[] {
  if (!/^[+\d][\d ().‐-―−-]*$/.test(written)) return [];
  const digits = written.replaceAll(/\D/g, "");
  if (digits.length < NUMBER_DIGITS_MIN || digits.length > NUMBER_DIGITS_MAX) return [];
  if (written.startsWith("+")) {
    const national = [1, 2, 3].map((code) => digits.slice(code).replace(/^0/, ""));
    return [digits, ...national.filter((form) => form.length >= NUMBER_DIGITS_MIN)];
  }
  const national = digits.replace(/^0/, "");
  return national.length >= NUMBER_DIGITS_MIN ? [...new Set([digits, national])] : [digits];
}
