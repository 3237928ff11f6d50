// `ip`: an Internet address where nobody is.
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

/** 10.0.0.0/8, which no router of the Internet carries: https://www.rfc-editor.org/rfc/rfc1918 */
const PRIVATE_V4 = { number: 0x0a000000, hex: "0a" };
const V4_HEX_DIGITS = 6;
const V4_CHARACTERS = 15;
/** 2001:db8::/32, for documentation: https://www.rfc-editor.org/rfc/rfc3849 */
const DOCUMENTATION_V6 = "20010db8";
const V6_HEX_DIGITS = 24;
/** `2001:db8::1a2b`, in columns that are too short for more. */
const SHORT_V6_HEX_DIGITS = 4;
const V6_CHARACTERS = 39;

/**
 * An address of the same version, in text, in 4 or 16 bytes as INET6_ATON() makes them, or as an integer. The same
 * address becomes the same one, however it is stored; what is no address becomes one.
 */
export function ip({ domain = "ip" }: Named<"ip">, column: Column): Masked | Misfit {
  const name = quoteName(column.name);
  const kind = kindOf(column);
  if (kind === "text") return ipText(domain, column);
  if (kind === "bytes") return ipBytes(domain, column);
  // A signed INT has the upper half of the addresses as negative numbers.
  if (column.dataType === "int" || column.dataType === "bigint") {
    return v4(numberV4(domain, `INET_NTOA(${name} & 4294967295)`));
  }
  // MariaDB's own types.
  if (column.dataType === "inet4") return v4(`INET_NTOA(${numberV4(domain, `CAST(${name} AS CHAR)`)})`);
  if (column.dataType === "inet6") return v6(`INET6_NTOA(${bytesV6(domain, `CAST(${name} AS CHAR)`)})`);
  return { fits: false, reason: "`ip` is for text, binary strings of 4 or 16 bytes, INT and BIGINT" };
}

function ipText(domain: string, column: Column): Masked | Misfit {
  const capacity = asciiCapacity(column);
  if (capacity < V4_CHARACTERS) return { fits: false, reason: `\`ip\` needs room for ${V4_CHARACTERS} characters` };
  const text = canonicalText(column);
  const digits = capacity < V6_CHARACTERS ? SHORT_V6_HEX_DIGITS : V6_HEX_DIGITS;
  const made = `IF(${text} LIKE '%:%:%', INET6_NTOA(${bytesV6(domain, `LOWER(${text})`, digits)}),
    INET_NTOA(${numberV4(domain, text)}))`;
  return { fits: true, ...unlessEmpty("CHAR_LENGTH", column, made), byChance: true };
}

function ipBytes(domain: string, column: Column): Masked | Misfit {
  const name = quoteName(column.name);
  const bytesV4 = `UNHEX(CONCAT('${PRIVATE_V4.hex}', ${digitsV4(domain, `INET_NTOA(CONV(HEX(${name}), 16, 10))`)}))`;
  // INET6_NTOA() refuses other lengths, some servers with an error.
  const sixteen = bytesV6(domain, `IF(LENGTH(${name}) = 16, INET6_NTOA(${name}), HEX(${name}))`);
  switch (`${column.dataType}(${column.maxBytes})`) {
    case "binary(4)":
      return v4(bytesV4);
    case "binary(16)":
      return v6(sixteen);
    case "varbinary(4)":
      return { fits: true, ...unlessEmpty("LENGTH", column, bytesV4), byChance: true };
    case "varbinary(16)":
      return {
        fits: true,
        ...unlessEmpty("LENGTH", column, `IF(LENGTH(${name}) = 4, ${bytesV4}, ${sixteen})`),
        byChance: true,
      };
    default:
      return { fits: false, reason: "`ip` is for binary strings of 4 or 16 bytes" };
  }
}

/** 16 million addresses: two may meet, and private ones may be in use. */
function v4(sql: string): Masked {
  return { fits: true, sql, unchanged: "FALSE", byChance: true };
}

function v6(sql: string): Masked {
  return {
    fits: true,
    sql,
    unchanged: "FALSE",
    distinctWithin: (DOCUMENTATION_V6.length + DISTINCT_HEX_DIGITS) / 2,
    distinctValues: 16 ** V6_HEX_DIGITS,
  };
}

/** @param address SQL for the address as text. */
function numberV4(domain: string, address: string): string {
  return `${PRIVATE_V4.number} + CONV(${digitsV4(domain, address)}, 16, 10)`;
}

function digitsV4(domain: string, address: string): string {
  return `LEFT(${keyedHash(domain, address)}, ${V4_HEX_DIGITS})`;
}

function bytesV6(domain: string, address: string, digits = V6_HEX_DIGITS): string {
  const prefix = DOCUMENTATION_V6.padEnd(32 - digits, "0");
  return `UNHEX(CONCAT('${prefix}', LEFT(${keyedHash(domain, address)}, ${digits})))`;
}
