// Kinds of personal data that can be recognised in text, by the names that sync.yaml and errors use.

/** What is looked for in every kept text and JSON column. */
export const PATTERNS = [
  "email",
  "phone",
  "card",
  "my_number",
  "iban",
  "ip",
  "url_credentials",
  "jwt",
  "api_key",
] as const;
export type Pattern = (typeof PATTERNS)[number];

/** What a column may be allowed to hold: a pattern, or originals of masked columns. */
export const ALLOWABLE = [...PATTERNS, "original"] as const;
export type Allowable = (typeof ALLOWABLE)[number];

/** An exception from the proof: this column may hold these. */
export interface Allowance {
  readonly table: string;
  readonly column: string;
  readonly patterns: readonly Allowable[];
}
