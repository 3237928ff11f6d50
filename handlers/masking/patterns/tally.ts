// What a pattern counts in a text.

export interface Tally {
  /** Matches that are personal data by all that can be told. */
  readonly found: number;
  /** Matches by form alone. Where a check digit decides, some of these pass it by chance. */
  readonly tried: number;
}

export const NOTHING: Tally = { found: 0, tried: 0 };

/** Counts matches of `form`, a global expression, and those that `holds` confirms. */
export function tally(text: string, form: RegExp, holds: (match: string) => boolean = () => true): Tally {
  let found = 0;
  let tried = 0;
  for (const [match] of text.matchAll(form)) {
    tried++;
    if (holds(match)) found++;
  }
  return { found, tried };
}
