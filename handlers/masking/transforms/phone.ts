// `phone`: another number of the same country, in the same format, and nobody's where a range is reserved for that.
import type { Column } from "../../mysql/schema.ts";
import { type DigitText, without } from "./digit-text.ts";
import { digitText, hasNoDigits, keyedDigits, narrowed, pour, replacedDigits } from "./digits.ts";
import { ordinaryFirst } from "./ordinary-numbers.ts";
import type { Masked, Misfit, Named } from "./transform.ts";

/** What people write between digits, on a Japanese keyboard too. */
const PUNCTUATION = " -().+/";
const WIDE_PUNCTUATION = "　－（）．＋ー―−‐";
/** Fewest and most: https://www.itu.int/rec/T-REC-E.164 has at most 15. */
const NUMBER_DIGITS = [7, 15] as const;
/** A longer text says more than a number. */
const MAX_NUMBER_CHARACTERS = 32;

/**
 * Numbers that nobody has, for films, by `digits in all:first three of them`, in international form.
 *
 * https://www.ofcom.org.uk/phones-and-broadband/phone-numbers/numbers-for-drama,
 * https://www.arcep.fr (decision 2018-0881), https://www.acma.gov.au/phone-numbers-use-tv-shows-films-and-creative-works;
 * Japan's 090-0 is not assigned. With 0 third, the trunk 0 was written behind the country code.
 */
const FICTIONAL: Readonly<Record<string, string>> = {
  "13:440": "4401632960",
  "12:441": "441632960",
  "12:442": "442079460",
  "12:447": "447700900",
  "12:330": "33063998",
  "11:331": "3319900",
  "11:332": "3326191",
  "11:333": "3335301",
  "11:334": "3346571",
  "11:335": "3353649",
  "11:336": "3363998",
  "11:337": "3363998",
  "12:610": "61025550",
  "11:612": "6125550",
  "11:613": "6135550",
  "11:617": "6175550",
  "11:618": "6185550",
  "13:810": "810900",
  "12:816": "81900",
  "12:817": "81900",
  "12:818": "81900",
  "12:819": "81900",
};
/** North America's: 555-0100 to 555-0199 in each area. https://www.nanpa.com/numbering/555-line-numbers */
const NORTH_AMERICAN = "55501";

/** Country codes of one and of two digits; all others have three. https://www.itu.int/pub/T-SP-E.164D */
const ONE_DIGIT = "^[17]";
const TWO_DIGITS = "^(2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58])";

/**
 * Keeps the format, a leading + or 00, the country code, a trunk 0 and up to two digits of the area or operator. What is
 * no telephone number has all its digits replaced.
 */
export function phone({ domain = "phone" }: Named<"phone">, column: Column): Masked | Misfit {
  const text = digitText("phone", column);
  if ("fits" in text) return text;
  const length = column.maxCharacters ?? 0;
  const number = numberIn(text);
  const draw = (own: DigitText, digits: string) => `CONCAT(${keptPart(own, digits)}, ${keyedDigits(domain, digits)})`;
  const masked = pour(draw(text, number), text, 0, Math.min(length, MAX_NUMBER_CHARACTERS));
  const anyText = `IF(CHAR_LENGTH(${text.sql}) <= ${MAX_NUMBER_CHARACTERS} AND ${number} REGEXP '^[0-9]{${NUMBER_DIGITS.join()}}$',
    LEFT(${masked}, CHAR_LENGTH(${text.sql})), ${replacedDigits(domain, text, length)})`;
  return {
    fits: true,
    sql: ordinaryFirst(text, NUMBER_DIGITS, (own) => draw(own.text, own.digits), anyText),
    unchanged: hasNoDigits(text),
    byChance: true,
  };
}

/** Its digits alone, in ASCII. What is ASCII already is spared the rest. */
function numberIn({ sql, canBeWide }: DigitText): string {
  const narrow = without(PUNCTUATION, sql);
  if (!canBeWide) return narrow;
  return `IF(LENGTH(${sql}) = CHAR_LENGTH(${sql}), ${narrow}, ${without(PUNCTUATION + WIDE_PUNCTUATION, narrowed(sql))})`;
}

/** The first digits of the new number. */
function keptPart({ sql, canBeWide }: DigitText, number: string): string {
  const isInternational = [`${sql} LIKE '+%'`, `${sql} LIKE '(+%'`, ...(canBeWide ? [`${sql} LIKE '＋%'`] : [])];
  return `CASE WHEN ${isInternational.join(" OR ")} THEN ${international(number)}
    WHEN ${number} LIKE '00%' THEN CONCAT('00', ${international(`SUBSTRING(${number}, 3)`)})
    WHEN ${number} REGEXP '^0[6-9]0[0-9]{8}$' THEN '0900'
    WHEN ${number} LIKE '0%' THEN ${kept(number, 1)}
    WHEN ${number} REGEXP '^[2-9][0-9]{9}$' THEN CONCAT(LEFT(${number}, 3), '${NORTH_AMERICAN}')
    WHEN ${number} REGEXP '^1[2-9][0-9]{9}$' AND ${sql} REGEXP '^1[^0-9]'
      THEN CONCAT(LEFT(${number}, 4), '${NORTH_AMERICAN}')
    ELSE ${kept(number, 0)} END`;
}

function international(number: string): string {
  const cases = Object.entries(FICTIONAL).map(([form, first]) => `WHEN '${form}' THEN '${first}'`);
  return `CASE CONCAT(CHAR_LENGTH(${number}), ':', LEFT(${number}, 3)) ${cases.join(" ")}
    ELSE CASE WHEN ${number} REGEXP '^1[0-9]{10}$' THEN CONCAT(LEFT(${number}, 4), '${NORTH_AMERICAN}')
      WHEN ${number} REGEXP '${ONE_DIGIT}' THEN ${kept(number, 1)}
      WHEN ${number} REGEXP '${TWO_DIGITS}' THEN ${kept(number, 2)}
      ELSE ${kept(number, 3)} END END`;
}

/** Seven digits are replaced, or more: those after the prefix and two digits of the area or operator. */
function kept(number: string, prefix: number): string {
  return `LEFT(${number}, LEAST(${prefix + 2}, GREATEST(${prefix}, CHAR_LENGTH(${number}) - 7)))`;
}
