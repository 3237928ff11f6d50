// `name`, `first_name`, `last_name` and `company`: made-up people and companies, the same for the same value.
import { quoteName } from "../../mysql/identifiers.ts";
import type { Column } from "../../mysql/schema.ts";
import { keyedHash } from "../keyed.ts";
import * as english from "../words/people-en.ts";
import * as japanese from "../words/people-ja.ts";
import { drawWord, madeUp, unfit } from "./made-up.ts";
import { canonicalText, type Masked, type Misfit, type Named } from "./transform.ts";

type Person = Named<"name" | "first_name" | "last_name">;

/** Where in a person's hash the names are drawn: `kana` draws its readings from the same places. */
const FAMILY = 0;
const GIVEN = 1;

/** `Ann Lee` → `Clara Webster`; in the locale `ja`, `山田 太郎` → `清水 香織`, with the space that the original has. */
export function person({ name, locale, domain = name }: Person, column: Column): Masked | Misfit {
  const misfit = unfit(name, locale, column);
  if (misfit) return misfit;
  const hash = keyedHash(domain, canonicalText(column));
  if (locale === "ja") {
    const kanji = {
      family: japanese.FAMILY_NAMES.map(([own]) => own),
      given: japanese.GIVEN_NAMES.map(([own]) => own),
    };
    return madeUp(locale, column, japaneseName(name, hash, kanji, spaceOf(column)));
  }
  const family = drawWord(hash, FAMILY, english.LAST_NAMES);
  const given = drawWord(hash, GIVEN, english.FIRST_NAMES);
  const full = `CONCAT(${given}, ' ', ${family})`;
  return madeUp(locale, column, { name: full, first_name: given, last_name: family }[name]);
}

/**
 * A Japanese name, or the part of it, from lists in one way of writing.
 *
 * @param space SQL for what stands between family and given name.
 */
export function japaneseName(
  part: Person["name"],
  hash: string,
  lists: { readonly family: readonly string[]; readonly given: readonly string[] },
  space: string,
): string {
  const family = drawWord(hash, FAMILY, lists.family);
  const given = drawWord(hash, GIVEN, lists.given);
  return { name: `CONCAT(${family}, ${space}, ${given})`, first_name: given, last_name: family }[part];
}

/** The ideographic space, the plain one or none, as in the column's value. By bytes: to a collation, they may be equal. */
export function spaceOf(column: Column): string {
  const bytes = `CAST(${canonicalText(column)} AS BINARY)`;
  return `IF(LOCATE(x'e38080', ${bytes}) > 0, '\u3000', IF(LOCATE(' ', ${quoteName(column.name)}) > 0, ' ', ''))`;
}

/** `Acme Ltd` → `Harbor Textiles Inc`; in the locale `ja`, `株式会社青葉商事`. */
export function company({ locale, domain = "company" }: Named<"company">, column: Column): Masked | Misfit {
  const misfit = unfit("company", locale, column);
  if (misfit) return misfit;
  const hash = keyedHash(domain, canonicalText(column));
  const { COMPANY_STEMS: stems, COMPANY_TRADES: trades } = locale === "ja" ? japanese : english;
  const [stem, trade] = [drawWord(hash, 0, stems), drawWord(hash, 1, trades)];
  return madeUp(
    locale,
    column,
    locale === "ja" ? `CONCAT('株式会社', ${stem}, ${trade})` : `CONCAT(${stem}, ' ', ${trade})`,
  );
}
