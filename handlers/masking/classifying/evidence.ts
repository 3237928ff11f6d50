// What sampled values tell of a column: counts, and nothing of a value itself.
import { PATTERNS, type Pattern } from "../../../contracts/patterns.ts";
import { addTallies, findPatterns, isBeyondChance, normalizeWidth, type Tallies } from "../patterns/index.ts";
import { JAPANESE } from "./japanese-names.ts";

/** Forms that a whole value may have. */
const SHAPES = {
  uuid: /^\{?[\da-f]{8}-?[\da-f]{4}-?[\da-f]{4}-?[\da-f]{4}-?[\da-f]{12}\}?$/i,
  url: /^[a-z][a-z\d+.-]{1,15}:\/\/\S+$/i,
  /** Japan's with a dash, Britain's, Canada's, ZIP+4. Five bare digits may be anything. */
  postcode: /^(?:〒? ?\d{3}-\d{4}|[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}|[A-Z]\d[A-Z] ?\d[A-Z]\d|\d{5}-\d{4})$/i,
  kana: /^[\p{Script=Katakana}ー・ ]{2,40}$|^[\p{Script=Hiragana}ー ]{2,40}$/u,
  /** Digests and random keys. */
  secret: /^(?:[\da-f]{32,}|\$(?:2[aby]?|argon2(?:id?|d)|5|6|pbkdf2)[$\d].{20,})$/i,
  json: /^\s*[[{][^]*[\]}]\s*$/,
  /** Five words, a line break, or a sentence in Japanese. */
  prose: /(?:\S+\s+){4}\S|\n|[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}、。]{20}/u,
} as const;
export type Shape = keyof typeof SHAPES;

export interface Evidence {
  /** Values that are neither NULL nor empty. */
  readonly values: number;
  readonly japanese: number;
  readonly shapes: Readonly<Partial<Record<Shape, number>>>;
  /** How many values hold a pattern's form with all its checks. */
  readonly holding: Readonly<Partial<Record<Pattern, number>>>;
  readonly tallies: Tallies;
}

export const NO_EVIDENCE: Evidence = { values: 0, japanese: 0, shapes: {}, holding: {}, tallies: {} };

/** Counts what the values of a column look like. Pure; nothing of them is kept. */
export function weigh(values: readonly string[]): Evidence {
  const shapes: Partial<Record<Shape, number>> = {};
  const holding: Partial<Record<Pattern, number>> = {};
  let tallies: Tallies = {};
  let japanese = 0;
  let counted = 0;
  for (const value of values) {
    const plain = normalizeWidth(value).trim();
    if (plain === "") continue;
    counted++;
    if (JAPANESE.test(plain)) japanese++;
    for (const shape of Object.keys(SHAPES) as Shape[])
      if (SHAPES[shape].test(plain)) shapes[shape] = (shapes[shape] ?? 0) + 1;
    const found = findPatterns(value);
    for (const pattern of PATTERNS)
      if ((found[pattern]?.found ?? 0) > 0) holding[pattern] = (holding[pattern] ?? 0) + 1;
    tallies = addTallies(tallies, found);
  }
  return { values: counted, japanese, shapes, holding, tallies };
}

/** True of more than half of the values. */
export function isMostly({ values }: Evidence, count: number | undefined): boolean {
  return values > 0 && (count ?? 0) > values / 2;
}

/** Patterns that values hold more often than numbers would by chance, the most frequent first. */
export function patternsIn({ holding, tallies }: Evidence): { readonly pattern: Pattern; readonly values: number }[] {
  return PATTERNS.flatMap((pattern) => {
    const [values, tally] = [holding[pattern] ?? 0, tallies[pattern]];
    return values > 0 && tally && isBeyondChance(pattern, tally) ? [{ pattern, values }] : [];
  }).toSorted((a, b) => b.values - a.values);
}
