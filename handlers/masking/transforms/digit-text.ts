// Text with digits, as SQL.

/** Text as the transforms of its digits read it: in utf8mb4. */
export interface DigitText {
  readonly sql: string;
  /** May have full-width digits. */
  readonly canBeWide: boolean;
}

export function without(characters: string, sql: string): string {
  return Array.from(characters).reduce((rest, character) => `REPLACE(${rest}, '${character}', '')`, sql);
}
