// `uuid`: another UUID, written as the value is.
import { quoteName } from "../../mysql/identifiers.ts";
import type { Column } from "../../mysql/schema.ts";
import { kindOf } from "../column-kind.ts";
import { keyedHash } from "../keyed.ts";
import { asciiCapacity, canonicalText, type Masked, type Misfit, type Named, unlessEmpty } from "./transform.ts";

const UUID_CHARACTERS = 36;
const UUID_DIGITS = 32;
const UUID_BYTES = 16;
/** 32 digits but the version's and the variant's. */
const UUID_VALUES = 16 ** 30;
/** Of the 16th random digit: one in 13 and one in 17 are the same in all. */
const UUID_DISTINCT = { characters: 21, bytes: 9 };

const uuidForm = (digit: string) => `${digit}{8}-${digit}{4}-${digit}{4}-${digit}{4}-${digit}{12}|${digit}{32}`;
const UUID = `^(${uuidForm("[0-9a-f]")}|${uuidForm("[0-9A-F]")})$`;

/**
 * A UUID of version 4 (https://www.rfc-editor.org/rfc/rfc9562#section-5.4), in capitals and without dashes where the value
 * is; what is no UUID becomes one, too. The same UUID becomes the same one, however it is written or stored.
 */
export function uuid({ domain = "uuid" }: Named<"uuid">, column: Column): Masked | Misfit {
  const name = quoteName(column.name);
  if (column.dataType === "uuid") {
    // MariaDB's own type, which writes it in small letters and with dashes.
    const digits = uuidDigits(domain, `REPLACE(CAST(${name} AS CHAR), '-', '')`);
    return {
      fits: true,
      sql: dashed(digits),
      unchanged: "FALSE",
      distinctWithin: UUID_DISTINCT.characters,
      distinctValues: UUID_VALUES,
    };
  }
  const kind = kindOf(column);
  if (kind === "bytes") return uuidBytes(domain, column);
  if (kind === "text") return uuidText(domain, column);
  return { fits: false, reason: "`uuid` is for text, and for binary strings of 16 bytes" };
}

function uuidBytes(domain: string, column: Column): Masked | Misfit {
  if (column.maxBytes !== UUID_BYTES) return { fits: false, reason: "`uuid` is for binary strings of 16 bytes" };
  const digits = uuidDigits(domain, `LOWER(HEX(${quoteName(column.name)}))`);
  return {
    fits: true,
    ...unlessEmpty("LENGTH", column, `UNHEX(${digits})`),
    distinctWithin: UUID_DISTINCT.bytes,
    distinctValues: UUID_VALUES,
  };
}

function uuidText(domain: string, column: Column): Masked | Misfit {
  const capacity = asciiCapacity(column);
  if (capacity < UUID_DIGITS) return { fits: false, reason: `\`uuid\` needs room for ${UUID_DIGITS} characters` };
  const text = `${canonicalText(column)} COLLATE utf8mb4_bin`;
  const digits = uuidDigits(domain, `IF(${text} REGEXP '${UUID}', LOWER(REPLACE(${text}, '-', '')), ${text})`);
  const written =
    capacity < UUID_CHARACTERS ? digits : `IF(CHAR_LENGTH(${text}) = ${UUID_DIGITS}, ${digits}, ${dashed(digits)})`;
  return {
    fits: true,
    ...unlessEmpty("CHAR_LENGTH", column, `IF(${text} = UPPER(${text}), UPPER(${written}), ${written})`),
    distinctWithin: UUID_DISTINCT.characters,
    distinctValues: UUID_VALUES,
  };
}

/** 32 digits, with the version's and the variant's in their places. */
function uuidDigits(domain: string, value: string): string {
  return `INSERT(INSERT(LEFT(${keyedHash(domain, value)}, ${UUID_DIGITS}), 13, 1, '4'), 17, 1, 'a')`;
}

function dashed(digits: string): string {
  return [20, 16, 12, 8].reduce((sql, after) => `INSERT(${sql}, ${after + 1}, 0, '-')`, digits);
}
