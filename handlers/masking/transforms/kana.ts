// `kana`: how a masked Japanese name is read, written as the original reading was.
import type { Transform } from "../../../contracts/sync-contract.ts";
import { quoteName } from "../../mysql/identifiers.ts";
import type { Column, Table } from "../../mysql/schema.ts";
import { columnId } from "../column-kind.ts";
import { keyedHash } from "../keyed.ts";
import { FAMILY_NAMES, GIVEN_NAMES } from "../words/people-ja.ts";
import { madeUp, unfit } from "./made-up.ts";
import { japaneseName, spaceOf } from "./people.ts";
import { canonicalText, type Masked, type Misfit, type Named, type TransformOf } from "./transform.ts";

/**
 * The reading that belongs to the name which another column of the row gets: drawn from that column's value, in its
 * domain. Without `of`, or where that column is empty, from the reading's own value.
 */
export function kana(
  transform: Named<"kana">,
  column: Column,
  table: Table,
  transformOf: TransformOf,
): Masked | Misfit {
  const { locale, of, domain = "kana" } = transform;
  if (locale !== "ja") return { fits: false, reason: "`kana` is Japanese; use the locale `ja`" };
  const misfit = unfit("kana", locale, column);
  if (misfit) return misfit;
  if (of === undefined) return reading(column, "name", keyedHash(domain, canonicalText(column)));
  const name = table.columns.find((candidate) => columnId(candidate.name) === columnId(of));
  if (!name) return { fits: false, reason: `there is no column \`${of}\` for it to follow` };
  const followed = transformOf(name);
  if (!isJapaneseName(followed)) {
    return {
      fits: false,
      reason: `it follows \`${name.name}\`, which needs \`name\`, \`first_name\` or \`last_name\` of the locale \`ja\``,
    };
  }
  const value = `IF(CHAR_LENGTH(${quoteName(name.name)}) > 0, ${canonicalText(name)}, ${canonicalText(column)})`;
  const hash = keyedHash(followed.domain ?? followed.name, value);
  return { ...reading(column, followed.name, hash), reads: [name.name] };
}

type NameTransform = Named<"name" | "first_name" | "last_name">;

function isJapaneseName(transform: Transform | undefined): transform is NameTransform {
  const isName = transform?.name === "name" || transform?.name === "first_name" || transform?.name === "last_name";
  return isName && transform.locale === "ja";
}

function reading(column: Column, part: NameTransform["name"], hash: string): Masked {
  const written = (write: (katakana: string) => string) => {
    const [family, given] = [FAMILY_NAMES, GIVEN_NAMES].map((names) => names.map(([, katakana]) => write(katakana)));
    return japaneseName(part, hash, { family: family ?? [], given: given ?? [] }, spaceOf(column));
  };
  // The first character's UTF-8 bytes, as one number, tell the script.
  const first = `ORD(LEFT(TRIM(${canonicalText(column)}), 1))`;
  return madeUp(
    "ja",
    column,
    `CASE WHEN ${first} BETWEEN ${utf8("ぁ")} AND ${utf8("ゟ")} THEN ${written(hiragana)}
      WHEN ${first} BETWEEN ${utf8("｡")} AND ${utf8("ﾟ")} THEN ${written(halfWidth)}
      ELSE ${written((katakana) => katakana)} END`,
  );
}

function utf8(character: string): number {
  const bytes = Buffer.from(character);
  return bytes.readUIntBE(0, bytes.length);
}

/** Unicode has both in the same order. */
const HIRAGANA_BEFORE_KATAKANA = 0x60;

function hiragana(katakana: string): string {
  return katakana.replaceAll(/[ァ-ヶ]/g, (letter) =>
    String.fromCodePoint((letter.codePointAt(0) ?? 0) - HIRAGANA_BEFORE_KATAKANA),
  );
}

/** By Unicode's own table: a half-width letter is compatible with one full-width letter; voice marks follow theirs. */
const HALF_WIDTH = new Map(
  Array.from({ length: 0xff9f - 0xff61 + 1 }, (_, i) => String.fromCodePoint(0xff61 + i)).map((half) => [
    half.normalize("NFKC"),
    half,
  ]),
);

function halfWidth(katakana: string): string {
  return Array.from(katakana.normalize("NFD"), (letter) => HALF_WIDTH.get(letter) ?? letter).join("");
}
