// `hash` and `email`: what the masking key alone makes of a value.
import { quoteName } from "../../mysql/identifiers.ts";
import type { Column } from "../../mysql/schema.ts";
import { kindOf } from "../column-kind.ts";
import { keyedHash } from "../keyed.ts";
import {
  asciiCapacity,
  canonicalText,
  DISTINCT_HEX_DIGITS,
  type Masked,
  type Misfit,
  type Named,
  unlessEmpty,
} from "./transform.ts";

const HASH_HEX_DIGITS = 64;
const EMAIL_HEX_DIGITS = 24;
/** Reserved for examples, so no mail ever arrives: https://www.rfc-editor.org/rfc/rfc2606 */
const EMAIL_DOMAIN = "@example.com";

/** `u3f9a…@example.com`, as long as fits; an empty string stays empty. */
export function email({ domain = "email" }: Named<"email">, column: Column): Masked | Misfit {
  if (kindOf(column) !== "text") return { fits: false, reason: "`email` is for text" };
  const digits = Math.min(EMAIL_HEX_DIGITS, asciiCapacity(column) - "u".length - EMAIL_DOMAIN.length);
  if (digits < DISTINCT_HEX_DIGITS) {
    return { fits: false, reason: `\`email\` needs room for ${emailLength(DISTINCT_HEX_DIGITS)} characters` };
  }
  const hashed = `LEFT(${keyedHash(domain, canonicalText(column))}, ${digits})`;
  return {
    fits: true,
    ...unlessEmpty("CHAR_LENGTH", column, `CONCAT('u', ${hashed}, '${EMAIL_DOMAIN}')`),
    distinctWithin: "u".length + DISTINCT_HEX_DIGITS,
    distinctValues: 16 ** digits,
  };
}

/** Hexadecimal digits for text, bytes for binary types, as many as fit; an empty value stays empty. */
export function hash({ domain = "hash" }: Named<"hash">, column: Column): Masked | Misfit {
  const kind = kindOf(column);
  if (kind === "bytes") {
    const bytes = Math.min(HASH_HEX_DIGITS / 2, column.maxBytes ?? 0);
    if (bytes < DISTINCT_HEX_DIGITS / 2) {
      return { fits: false, reason: `\`hash\` needs room for ${DISTINCT_HEX_DIGITS / 2} bytes` };
    }
    const hashed = `LEFT(UNHEX(${keyedHash(domain, quoteName(column.name))}), ${bytes})`;
    return {
      fits: true,
      ...unlessEmpty("LENGTH", column, hashed),
      distinctWithin: DISTINCT_HEX_DIGITS / 2,
      distinctValues: 256 ** bytes,
    };
  }
  if (kind !== "text") return { fits: false, reason: "`hash` is for text and binary strings" };
  const digits = Math.min(HASH_HEX_DIGITS, asciiCapacity(column));
  if (digits < DISTINCT_HEX_DIGITS) {
    return { fits: false, reason: `\`hash\` needs room for ${DISTINCT_HEX_DIGITS} characters` };
  }
  const hashed = `LEFT(${keyedHash(domain, canonicalText(column))}, ${digits})`;
  return {
    fits: true,
    ...unlessEmpty("CHAR_LENGTH", column, hashed),
    distinctWithin: DISTINCT_HEX_DIGITS,
    distinctValues: 16 ** digits,
  };
}

function emailLength(digits: number): number {
  return "u".length + digits + EMAIL_DOMAIN.length;
}
