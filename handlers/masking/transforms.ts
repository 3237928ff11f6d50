// Each transform as SQL for a column of a given type, or the reason why it does not fit.
import type { Transform } from "../../contracts/sync-contract.ts";
import { quoteName } from "../mysql/identifiers.ts";
import type { Column } from "../mysql/schema.ts";
import { kindOf } from "./column-kind.ts";
import { fixed } from "./fixed.ts";
import { keyedHash } from "./keyed.ts";
import { redact } from "./redact.ts";

/** A transform other than `keep`. */
export type MaskingTransform =
  { readonly name: Exclude<Transform["name"], "keep" | "fixed"> } | Extract<Transform, { readonly name: "fixed" }>;

export function isMasking(transform: Transform): transform is Transform & MaskingTransform {
  return transform.name !== "keep";
}

/** How a column's values are replaced. */
export interface Masked {
  readonly fits: true;
  /** The new value, from the column's own. */
  readonly sql: string;
  /** A condition: which non-NULL values stay as they are, by the transform's nature. */
  readonly unchanged: string;
  /**
   * Different values stay different within this many characters (bytes, for binary types), which is what a unique key
   * needs; absent where they may become equal.
   */
  readonly distinctWithin?: number;
}

export interface Misfit {
  readonly fits: false;
  /** Completes "… of type `int`: ". */
  readonly reason: string;
}

/** 64 bits: among ten million values, the odds of two alike are about one in 400,000. */
const DISTINCT_HEX_DIGITS = 16;
const HASH_HEX_DIGITS = 64;
const EMAIL_HEX_DIGITS = 24;
/** Reserved for examples, so no mail ever arrives: https://www.rfc-editor.org/rfc/rfc2606 */
const EMAIL_DOMAIN = "@example.com";

/** The transform's SQL for a column. NULL stays NULL, except under `fixed`. */
export function applyTransform(transform: MaskingTransform, column: Column): Masked | Misfit {
  switch (transform.name) {
    case "redact":
      return redact(column);
    case "email":
      return email(column);
    case "hash":
      return hash(column);
    case "fixed":
      return fixed(column, transform.value);
    case "null":
    default:
      return column.nullable
        ? { fits: true, sql: "NULL", unchanged: "FALSE", distinctWithin: 0 }
        : { fits: false, reason: "`null` needs a column that may be NULL" };
  }
}

/** `u3f9a…@example.com`, as long as fits; an empty string stays empty. */
function email(column: Column): Masked | Misfit {
  if (kindOf(column) !== "text") return { fits: false, reason: "`email` is for text" };
  const digits = Math.min(EMAIL_HEX_DIGITS, asciiCapacity(column) - "u".length - EMAIL_DOMAIN.length);
  if (digits < DISTINCT_HEX_DIGITS) {
    return { fits: false, reason: `\`email\` needs room for ${emailLength(DISTINCT_HEX_DIGITS)} characters` };
  }
  const hashed = `LEFT(${keyedHash("email", canonicalText(column))}, ${digits})`;
  return {
    fits: true,
    ...unlessEmpty("CHAR_LENGTH", column, `CONCAT('u', ${hashed}, '${EMAIL_DOMAIN}')`),
    distinctWithin: "u".length + DISTINCT_HEX_DIGITS,
  };
}

/** Hexadecimal digits for text, bytes for binary types, as many as fit; an empty value stays empty. */
function hash(column: Column): Masked | Misfit {
  const kind = kindOf(column);
  if (kind === "bytes") {
    const bytes = Math.min(HASH_HEX_DIGITS / 2, column.maxBytes ?? 0);
    if (bytes < DISTINCT_HEX_DIGITS / 2) {
      return { fits: false, reason: `\`hash\` needs room for ${DISTINCT_HEX_DIGITS / 2} bytes` };
    }
    const hashed = `LEFT(UNHEX(${keyedHash("hash", quoteName(column.name))}), ${bytes})`;
    return { fits: true, ...unlessEmpty("LENGTH", column, hashed), distinctWithin: DISTINCT_HEX_DIGITS / 2 };
  }
  if (kind !== "text") return { fits: false, reason: "`hash` is for text and binary strings" };
  const digits = Math.min(HASH_HEX_DIGITS, asciiCapacity(column));
  if (digits < DISTINCT_HEX_DIGITS) {
    return { fits: false, reason: `\`hash\` needs room for ${DISTINCT_HEX_DIGITS} characters` };
  }
  const hashed = `LEFT(${keyedHash("hash", canonicalText(column))}, ${digits})`;
  return { fits: true, ...unlessEmpty("CHAR_LENGTH", column, hashed), distinctWithin: DISTINCT_HEX_DIGITS };
}

function emailLength(digits: number): number {
  return "u".length + digits + EMAIL_DOMAIN.length;
}

/** The same text in a latin1 column and in a utf8mb4 one must hash alike. */
function canonicalText(column: Column): string {
  return `CONVERT(${quoteName(column.name)} USING utf8mb4)`;
}

/** By length, since `= ''` would also hold for spaces under most collations. */
function unlessEmpty(length: "CHAR_LENGTH" | "LENGTH", column: Column, sql: string) {
  const empty = `${length}(${quoteName(column.name)}) = 0`;
  return { sql: `IF(${empty}, '', ${sql})`, unchanged: empty };
}

/** How many ASCII characters the column holds. TEXT types are limited in bytes, of which some character sets want more. */
function asciiCapacity(column: Column): number {
  const set = column.characterSet ?? "";
  const bytesEach = set === "utf32" ? 4 : /^(?:ucs2|utf16)/.test(set) ? 2 : 1;
  return Math.min(column.maxCharacters ?? 0, Math.floor((column.maxBytes ?? 0) / bytesEach));
}
