// Numbers as most people write them: groups of digits with spaces between them, or dashes, and no look at each character.
import { type DigitText, without } from "./digit-text.ts";

const SEPARATORS = [" ", "-"] as const;
/** `+33 6 12 34 56 78` has five. */
const SEPARATORS_MAX = 5;

/** A number whose text is ASCII. */
export interface OrdinaryNumber {
  readonly text: DigitText;
  /** SQL for its digits alone. */
  readonly digits: string;
}

/**
 * SQL for a text that may be such a number: what is made of it by position costs a third of `otherwise`, which must give
 * the same.
 *
 * @param least digits that the number has, and `most`
 * @param draw SQL for the new digits, in ASCII and at least as many as the number has; evaluated once
 */
export function ordinaryFirst(
  { sql }: DigitText,
  [least, most]: readonly [least: number, most: number],
  draw: (number: OrdinaryNumber) => string,
  otherwise: string,
): string {
  const cases = SEPARATORS.map((separator) => {
    const digits = without(`+${separator}`, sql);
    const drawn = draw({ text: { sql, canBeWide: false }, digits });
    // To the regular expressions of most servers, a last line's end is behind the `$`.
    return `WHEN ${sql} REGEXP '^[+]?[0-9]+(${separator}[0-9]+){0,${SEPARATORS_MAX}}$'
      AND ASCII(RIGHT(${sql}, 1)) BETWEEN 48 AND 57 AND LENGTH(${digits}) BETWEEN ${least} AND ${most}
      THEN ${separated(drawn, sql, separator)}`;
  });
  return `CASE ${cases.join(" ")} ELSE ${otherwise} END`;
}

/** Separators are inserted from left to right; those that the text does not have come behind its length, and are cut off. */
function separated(drawn: string, text: string, separator: string): string {
  let sql = `INSERT(${drawn}, 1, 0, IF(${text} LIKE '+%', '+', ''))`;
  for (let group = 1; group <= SEPARATORS_MAX; group++) {
    const end = `LENGTH(SUBSTRING_INDEX(${text}, '${separator}', ${group}))`;
    sql = `INSERT(${sql}, ${end} + 1, 0, '${separator}')`;
  }
  return `LEFT(${sql}, LENGTH(${text}))`;
}
