// `fixed`: one value for every row, checked against the column before anything runs.
import { quoteName } from "../../mysql/identifiers.ts";
import { bytesLiteral, textLiteral } from "../../mysql/literals.ts";
import type { Column } from "../../mysql/schema.ts";
import { isUnsigned, kindOf, membersOf, typeNumbers } from "../column-kind.ts";
import type { Masked, Misfit } from "./transform.ts";

type Value = string | number | boolean;

/** Refuses a value that the column's type, length or character set cannot hold. */
export function fixed(column: Column, value: Value): Masked | Misfit {
  const name = quoteName(column.name);
  const text = typeof value === "boolean" ? String(Number(value)) : String(value);
  const literal = textLiteral(text);
  switch (kindOf(column)) {
    case "text":
      // Compared as bytes: a collation would take other values for equal, and these must go.
      return when(
        fitsText(column, text),
        literal,
        `CAST(CONVERT(${name} USING utf8mb4) AS BINARY) = CAST(${literal} AS BINARY)`,
      );
    case "bytes":
      return fixedBytes(column, Buffer.from(text));
    case "integer":
      return when(fitsInteger(column, text), text, `${name} = ${text}`);
    case "bit":
      return when(
        /^\d{1,20}$/.test(text) && BigInt(text) < 2n ** BigInt(typeNumbers(column)[0] ?? 1),
        text,
        `${name} + 0 = ${text}`,
      );
    case "decimal":
      return when(fitsDecimal(column, text), text, `${name} = ${text}`);
    case "float":
      // A FLOAT holds six digits of what is written: near enough is the same value.
      return when(isNumber(text), text, `ABS(${name} - ${text}) <= ABS(${text}) * 1e-6`);
    case "date":
      return when(isDate(text), literal, `${name} = ${literal}`);
    case "datetime":
      return when(isDateTime(text, column.dataType === "timestamp"), literal, `${name} = ${literal}`);
    case "time":
      return when(/^-?(?:[0-7]?\d\d|8[0-2]\d|83[0-8]):[0-5]\d:[0-5]\d$/.test(text), literal, `${name} = ${literal}`);
    case "year":
      return when(/^(?:0000|19\d\d|20\d\d|21[0-4]\d|215[0-5])$/.test(text) && text > "1900", text, `${name} = ${text}`);
    case "enum":
      return when(membersOf(column).includes(text), literal, `${name} = ${literal}`);
    case "set":
      return fixedSet(column, text === "" ? [] : text.split(","));
    case "json":
      // Each within the other: equal, however the text was spaced.
      return when(isJson(text), literal, `JSON_CONTAINS(${name}, ${literal}) AND JSON_CONTAINS(${literal}, ${name})`);
    case "other":
    default:
      return { fits: false, reason: "`fixed` does not know this type" };
  }
}

function when(holds: boolean, sql: string, unchanged: string): Masked | Misfit {
  return holds ? { fits: true, sql, unchanged } : { fits: false, reason: "the `fixed` value does not fit" };
}

/** BINARY(n) fills up with zero bytes, so its value is written with them. */
function fixedBytes(column: Column, bytes: Buffer): Masked | Misfit {
  const limit = column.maxBytes ?? 0;
  const filled = column.dataType === "binary" ? bytes.toString("hex").padEnd(2 * limit, "0") : bytes.toString("hex");
  return when(bytes.length <= limit, bytesLiteral(filled), `${quoteName(column.name)} = ${bytesLiteral(filled)}`);
}

/** The server keeps members in the type's order, so they are written in it. */
function fixedSet(column: Column, given: readonly string[]): Masked | Misfit {
  const members = membersOf(column);
  const literal = textLiteral(members.filter((member) => given.includes(member)).join(","));
  return when(
    given.every((member) => members.includes(member)),
    literal,
    `${quoteName(column.name)} = ${literal}`,
  );
}

/** The highest code point that a character set surely holds; character sets not listed here are left to the server. */
const HIGHEST: Readonly<Record<string, number>> = {
  ascii: 0x7f,
  latin1: 0xff,
  ucs2: 0xffff,
  utf8: 0xffff,
  utf8mb3: 0xffff,
};

function fitsText(column: Column, text: string): boolean {
  const highest = HIGHEST[column.characterSet ?? ""] ?? 0x10ffff;
  const characters = Array.from(text);
  // TEXT types count bytes. Four a character is what the widest character set takes.
  const isLimitedInBytes = column.dataType.endsWith("text");
  const fitsBytes =
    Buffer.byteLength(text) <= (column.maxBytes ?? 0) &&
    (!isLimitedInBytes ||
      !/^(?:ucs2|utf16|utf32)/.test(column.characterSet ?? "") ||
      characters.length * 4 <= (column.maxBytes ?? 0));
  return (
    text.isWellFormed() &&
    fitsBytes &&
    characters.length <= (column.maxCharacters ?? 0) &&
    characters.every((character) => (character.codePointAt(0) ?? 0) <= highest)
  );
}

const INTEGER_BYTES: Readonly<Record<string, number>> = { tinyint: 1, smallint: 2, mediumint: 3, int: 4, bigint: 8 };

function fitsInteger(column: Column, text: string): boolean {
  if (!/^-?\d{1,20}$/.test(text)) return false;
  const values = 2n ** BigInt(8 * (INTEGER_BYTES[column.dataType] ?? 1));
  const lowest = isUnsigned(column) ? 0n : -(values / 2n);
  return BigInt(text) >= lowest && BigInt(text) < lowest + values;
}

function fitsDecimal(column: Column, text: string): boolean {
  const [, sign, whole = "", fraction = ""] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text) ?? [];
  if (whole === "" || (sign === "-" && isUnsigned(column))) return false;
  const [digits = 10, scale = 0] = typeNumbers(column);
  return whole.replace(/^0+/, "").length <= digits - scale && fraction.replace(/0+$/, "").length <= scale;
}

function isNumber(text: string): boolean {
  return /^-?\d+(?:\.\d+)?(?:e[+-]?\d+)?$/i.test(text) && Number.isFinite(Number(text));
}

/** A day of the calendar. Zero dates are carried through where they stand, but not made. */
function isDate(text: string): boolean {
  const time = Date.parse(`${text}T00:00:00Z`);
  return /^[1-9]\d{3}-\d\d-\d\d$/.test(text) && !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}

/** TIMESTAMP ends in 2038 on servers before MariaDB 11.5. https://dev.mysql.com/doc/refman/8.4/en/datetime.html */
function isDateTime(text: string, isTimestamp: boolean): boolean {
  const [date = "", time = "00:00:00", ...rest] = text.split(" ");
  const isTime = /^(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,6})?$/.test(time);
  const isInRange = !isTimestamp || (text > "1970-01-02" && text < "2038-01-19");
  return rest.length === 0 && isDate(date) && isTime && isInRange;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
