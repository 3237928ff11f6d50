// Personal data in text, recognised by its form: what the proof looks for, and what a first contract is guessed from.
import { PATTERNS, type Pattern } from "../../../contracts/patterns.ts";
import { email, phone } from "./contact.ts";
import { apiKey, ip, jwt, urlCredentials } from "./network.ts";
import { card, iban, myNumber } from "./numbers.ts";
import { NOTHING, type Tally } from "./tally.ts";

export type { Tally } from "./tally.ts";

interface Recognizer {
  /** A cheap look that most texts do not pass. */
  readonly hint: RegExp;
  readonly count: (text: string) => Tally;
  /** How many of `tried` pass a check digit by chance. */
  readonly chance?: number;
}

const SEVEN_DIGITS = /\d(?:\D{0,3}\d){6}/;
const TWELVE_DIGITS = /\d{4}[ -]?\d{4}[ -]?\d{4}|3\d{3}[ -]?\d{6}/;

const RECOGNIZERS: { readonly [Name in Pattern]: Recognizer } = {
  email: { hint: /@/, count: email },
  phone: { hint: SEVEN_DIGITS, count: phone },
  card: { hint: TWELVE_DIGITS, count: card, chance: 0.1 },
  my_number: { hint: TWELVE_DIGITS, count: myNumber, chance: 0.1 },
  iban: { hint: /[A-Z]{2}\d{2} ?[A-Z0-9]{4}/, count: iban, chance: 0.01 },
  ip: { hint: /\d\.\d{1,3}\.\d|[\da-f:]:[\da-f]{0,4}:/i, count: ip },
  url_credentials: { hint: /:\/\/[^\s/]*@/, count: urlCredentials },
  jwt: { hint: /eyJ/, count: jwt },
  api_key: {
    hint: /_|-----BEGIN|AKIA|ASIA|AIza|sk-|key-|SK[0-9a-f]{8}|xox|SG\.|ya29|GOCSPX|glpat|pypi-/,
    count: apiKey,
  },
};

export type Tallies = Readonly<Partial<Record<Pattern, Tally>>>;

/**
 * Counts each pattern in a text: one value, or many with a line break or another control character between them.
 *
 * Full-width letters and digits count as their ASCII likes. Domains, addresses and numbers that standards keep for
 * examples, as the transforms make them, are not found.
 */
export function findPatterns(text: string): Tallies {
  const plain = normalizeWidth(text);
  const tallies: Partial<Record<Pattern, Tally>> = {};
  for (const pattern of PATTERNS) {
    const { hint, count } = RECOGNIZERS[pattern];
    if (!hint.test(plain)) continue;
    const counted = count(plain);
    if (counted.tried > 0) tallies[pattern] = counted;
  }
  return tallies;
}

/** Sums counts of several texts. */
export function addTallies(a: Tallies, b: Tallies): Tallies {
  const sums: Partial<Record<Pattern, Tally>> = {};
  for (const pattern of PATTERNS) {
    const { found, tried } = a[pattern] ?? NOTHING;
    const other = b[pattern] ?? NOTHING;
    if (tried + other.tried > 0) sums[pattern] = { found: found + other.found, tried: tried + other.tried };
  }
  return sums;
}

/** Below this many numbers, chance is no excuse. */
const FEW = 20;

/**
 * False where as many of a column's numbers pass their check digit as those of any numbers would: order numbers, say.
 * Five standard deviations are allowed.
 */
export function isBeyondChance(pattern: Pattern, { found, tried }: Tally): boolean {
  const { chance = 0 } = RECOGNIZERS[pattern];
  if (chance === 0 || tried < FEW) return found > 0;
  return found > tried * chance + 5 * Math.sqrt(tried * chance * (1 - chance));
}

/** `０９０` as `090`, `＠` as `@`. */
export function normalizeWidth(text: string): string {
  return /[！-～￠-￦\u3000]/.test(text) ? text.normalize("NFKC") : text;
}
