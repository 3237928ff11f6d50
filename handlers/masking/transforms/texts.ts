// `empty` and `username`.
import { quoteName } from "../../mysql/identifiers.ts";
import type { Column } from "../../mysql/schema.ts";
import { kindOf } from "../column-kind.ts";
import { keyedHash } from "../keyed.ts";
import {
  asciiCapacity,
  canonicalText,
  DISTINCT_HEX_DIGITS,
  DISTINCT_VALUES,
  type Masked,
  type Misfit,
  type Named,
  unlessEmpty,
} from "./transform.ts";

/** The empty text, or no bytes; BINARY(n) fills them up with zero bytes. */
export function empty(_transform: Named<"empty">, column: Column): Masked | Misfit {
  const name = quoteName(column.name);
  const kind = kindOf(column);
  if (kind !== "text" && kind !== "bytes") return { fits: false, reason: "`empty` is for text and binary strings" };
  const isFilled = column.dataType === "binary";
  return {
    fits: true,
    sql: `IF(${name} IS NULL, NULL, '')`,
    unchanged: isFilled ? `${name} = REPEAT(x'00', LENGTH(${name}))` : `LENGTH(${name}) = 0`,
  };
}

/** 64 bits in base 36. */
const USERNAME_DIGITS = 13;

/** `user_1a2b3c4d5e6f7`, or `u1a2b3c4d5e6f7` where there is no room for more; an empty text stays empty. */
export function username({ domain = "username" }: Named<"username">, column: Column): Masked | Misfit {
  if (kindOf(column) !== "text") return { fits: false, reason: "`username` is for text" };
  const prefix = ["user_", "u"].find((form) => form.length + USERNAME_DIGITS <= asciiCapacity(column));
  if (prefix === undefined) {
    return { fits: false, reason: `\`username\` needs room for ${1 + USERNAME_DIGITS} characters` };
  }
  const number = `CONV(LEFT(${keyedHash(domain, canonicalText(column))}, ${DISTINCT_HEX_DIGITS}), 16, 36)`;
  const made = `CONCAT('${prefix}', LPAD(LOWER(${number}), ${USERNAME_DIGITS}, '0'))`;
  return {
    fits: true,
    ...unlessEmpty("CHAR_LENGTH", column, made),
    distinctWithin: prefix.length + USERNAME_DIGITS,
    distinctValues: DISTINCT_VALUES,
  };
}
