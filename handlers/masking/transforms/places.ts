// `address`, `city` and `postcode`: made-up places, the same for the same value.
import { quoteName } from "../../mysql/identifiers.ts";
import type { Column } from "../../mysql/schema.ts";
import { keyedHash } from "../keyed.ts";
import * as english from "../words/places-en.ts";
import * as japanese from "../words/places-ja.ts";
import { drawNumber, drawWord, madeUp, unfit } from "./made-up.ts";
import { asciiCapacity, canonicalText, type Masked, type Misfit, type Named } from "./transform.ts";

/** `742 Evergreen Terrace`; in the locale `ja`, prefecture to house number: `愛知県岡崎市若葉台3丁目12番5号`. */
export function address({ locale, domain = "address" }: Named<"address">, column: Column): Masked | Misfit {
  const misfit = unfit("address", locale, column);
  if (misfit) return misfit;
  const hash = keyedHash(domain, canonicalText(column));
  const upTo = (most: number, place: number) => `1 + ${drawNumber(hash, place)} % ${most}`;
  if (locale === "ja") {
    const municipalities = japanese.MUNICIPALITIES.map((place) => place.join(""));
    const district = `${drawWord(hash, 0, municipalities)}, ${drawWord(hash, 1, japanese.TOWNS)}`;
    return madeUp(
      locale,
      column,
      `CONCAT(${district}, ${upTo(9, 2)}, '丁目', ${upTo(30, 3)}, '番', ${upTo(20, 4)}, '号')`,
    );
  }
  return madeUp(locale, column, `CONCAT(${upTo(999, 1)}, ' ', ${drawWord(hash, 0, english.STREETS)})`);
}

/** `Carlisle`; in the locale `ja`, a municipality without its prefecture. */
export function city({ locale, domain = "city" }: Named<"city">, column: Column): Masked | Misfit {
  const misfit = unfit("city", locale, column);
  if (misfit) return misfit;
  const cities = locale === "ja" ? japanese.MUNICIPALITIES.map(([, municipality]) => municipality) : english.CITIES;
  return madeUp(locale, column, drawWord(keyedHash(domain, canonicalText(column)), 0, cities));
}

/** `SW1A 1AA` → `KD7Q 4XN`; in the locale `ja`, `000-4831`. */
export function postcode(transform: Named<"postcode">, column: Column): Masked | Misfit {
  // A Japanese one is of ASCII too: any character set will do.
  const misfit = unfit("postcode", "en", column);
  if (misfit) return misfit;
  const { locale, domain = "postcode" } = transform;
  const hash = keyedHash(domain, canonicalText(column));
  return locale === "ja" ? japanesePostcode(hash, column) : anyPostcode(hash, column);
}

/**
 * No place's code begins with 000. The dash is kept where there is one, and a part of a code gets as many digits.
 * https://www.post.japanpost.jp/zipcode/
 */
function japanesePostcode(hash: string, column: Column): Masked {
  const name = quoteName(column.name);
  const digits = `LPAD(${drawNumber(hash, 0)} % 10000, 4, '0')`;
  const code = `CONCAT('000', IF(LOCATE('-', ${name}) > 0, '-', ''), ${digits})`;
  return madeUp("en", column, `RIGHT(${code}, CHAR_LENGTH(${name}))`);
}

/** The longest are Iran's, with a dash. https://en.wikipedia.org/wiki/List_of_postal_codes */
const LONGEST_POSTCODE = 11;

/** Where the classes of ASCII begin, by code: space, dash, digits, capital and small letters, and what is between. */
const CLASSES = "1, 32, 33, 45, 46, 48, 58, 65, 91, 97, 123";
const DIGITS = "0123456789";
const CAPITALS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

/** Digit for digit and letter for letter; spaces and dashes stay, and any other character becomes `X`. */
function anyPostcode(hash: string, column: Column): Masked {
  const name = quoteName(column.name);
  const length = Math.min(LONGEST_POSTCODE, asciiCapacity(column));
  const characters = Array.from({ length }, (_, i) => {
    const number = `CONV(SUBSTRING(${hash}, ${5 * i + 1}, 5), 16, 10)`;
    const oneOf = (letters: string) => `SUBSTRING('${letters}', 1 + ${number} % ${letters.length}, 1)`;
    // The first byte: of a character beyond ASCII it is above all classes, and of none it is 0.
    const first = `ASCII(SUBSTRING(${canonicalText(column)}, ${i + 1}, 1))`;
    const byClass = ["''", "'X'", "' '", "'X'", "'-'", "'X'", oneOf(DIGITS), "'X'", oneOf(CAPITALS), "'X'"];
    return `ELT(1 + INTERVAL(${first}, ${CLASSES}), ${byClass.join(", ")}, ${oneOf(CAPITALS.toLowerCase())}, 'X')`;
  });
  return {
    fits: true,
    sql: `IF(${name} IS NULL, NULL, CONCAT(${characters.join(", ")}))`,
    unchanged: `CHAR_LENGTH(REPLACE(REPLACE(${name}, ' ', ''), '-', '')) = 0`,
    byChance: true,
  };
}
