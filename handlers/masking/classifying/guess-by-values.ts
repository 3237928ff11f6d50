// A column's meaning by its sampled values.
import type { Pattern } from "../../../contracts/patterns.ts";
import { isMostly, patternsIn, type Evidence } from "./evidence.ts";
import type { Guess, Meaning } from "./meanings.ts";

const MEANINGS: Readonly<Record<Pattern, Meaning>> = {
  email: "email",
  phone: "phone",
  card: "number",
  my_number: "number",
  iban: "number",
  ip: "ip",
  url_credentials: "url",
  jwt: "secret",
  api_key: "secret",
};

/** What most of the values are; undefined where they tell nothing. */
export function guessByValues(evidence: Evidence): Guess | undefined {
  const { values, shapes } = evidence;
  const mostly = (meaning: Meaning, count: number | undefined, what: string): Guess | undefined =>
    isMostly(evidence, count) ? { meaning, sure: true, why: `${what} in ${count} of ${values} values` } : undefined;
  const document = mostly("document", shapes.json, "JSON");
  const prose = mostly("free text", shapes.prose, "prose");
  if (document) return document;
  // Whatever else stands in it goes with it.
  const url = mostly("url", shapes.url, "URL");
  if (url) return url;
  const [first] = patternsIn(evidence);
  const pattern = first && mostly(MEANINGS[first.pattern], first.values, first.pattern);
  return (
    (pattern && prose ? undefined : pattern) ??
    mostly("uuid", shapes.uuid, "UUID") ??
    mostly("secret", shapes.secret, "a digest or a key") ??
    mostly("postcode", shapes.postcode, "postcode") ??
    mostly("kana", shapes.kana, "kana") ??
    prose
  );
}

/** Personal data in any of the values, also where the column is about something else. */
export function foundIn(evidence: Evidence): string | undefined {
  const [first] = patternsIn(evidence);
  return first && `${first.pattern} in ${first.values} of ${evidence.values} values`;
}
