// `noise`: a number of about the same size.
import { quoteName } from "../../mysql/identifiers.ts";
import type { Column } from "../../mysql/schema.ts";
import { isUnsigned, kindOf, typeNumbers } from "../column-kind.ts";
import { keyedHash } from "../keyed.ts";
import type { Masked, Misfit, Named } from "./transform.ts";

const INTEGER_BITS: Readonly<Record<string, number>> = { tinyint: 8, smallint: 16, mediumint: 24, int: 32, bigint: 64 };
/** Of 65 digits that the server reckons with, as many are left beside a share of the number. */
const MAX_DIGITS = 45;
/** The number in units of its last place, before what is behind the point is cut. */
const MAX_DIGITS_AND_PLACES = 65;
const FLOAT_MAX = { float: "3.4028234e38", double: "1.7976931348623157e308" } as const;

/**
 * Between half of `percent` and all of it more or less, and one unit of the last decimal place at least: never the same.
 * Sign, scale and range are kept; 0 stays 0.
 *
 * By the value alone, and not by the row: equal numbers stay equal, and nobody can average the noise out of rows that
 * had the same one.
 */
export function noise({ percent }: Named<"noise">, column: Column): Masked | Misfit {
  const name = quoteName(column.name);
  const made = noisy(percent, column);
  if (made === undefined) {
    return {
      fits: false,
      reason: "`noise` is for integers, FLOAT, DOUBLE, and DECIMAL of no more than (45, 20) digits",
    };
  }
  return { fits: true, sql: `IF(${name} = 0, ${name}, ${made})`, unchanged: `${name} = 0`, byChance: true };
}

function noisy(percent: number, column: Column): string | undefined {
  const [digits = 10, scale = 0] = typeNumbers(column);
  const kind = kindOf(column);
  if (kind === "integer") {
    const bits = BigInt((INTEGER_BITS[column.dataType] ?? 8) - (isUnsigned(column) ? 0 : 1));
    return noisyDecimal(percent, column, { digits: 20, scale: 0, max: String(2n ** bits - 1n) });
  }
  const max = "9".repeat(digits);
  if (kind === "decimal" && isExact(digits, scale)) return noisyDecimal(percent, column, { digits, scale, max });
  if (kind !== "float") return undefined;
  // FLOAT(7, 2) holds what a decimal does, or the next number over it.
  return typeNumbers(column).length === 2 && isExact(digits + 1, scale)
    ? noisyDecimal(percent, column, { digits: digits + 1, scale, max })
    : noisyFloat(percent, column);
}

function isExact(digits: number, scale: number): boolean {
  return digits <= MAX_DIGITS && digits + scale <= MAX_DIGITS_AND_PLACES;
}

interface Range {
  readonly digits: number;
  readonly scale: number;
  /** In units of the last decimal place. */
  readonly max: string;
}

/** Reckoned in units of the last decimal place and without the sign, which is put back at the end. */
function noisyDecimal(percent: number, column: Column, { digits, scale, max }: Range): string {
  const name = quoteName(column.name);
  const unit = scale === 0 ? "1" : `0.${"1".padStart(scale, "0")}`;
  // As a decimal before ABS(), for which the lowest BIGINT would be out of range.
  const size = `CAST(ABS(CAST(${name} AS DECIMAL(${digits}, ${scale}))) * 1${"0".repeat(scale)} AS DECIMAL(${digits}))`;
  const most = `GREATEST(1, ${size} * ${partOf(percent)})`;
  const share = shareOf(name);
  const signed = `CASE WHEN ${size} + ${most} > ${max} THEN -ABS(${share})
    WHEN ${size} - ${most} < 1 THEN ABS(${share}) ELSE ${share} END`;
  return `SIGN(${name}) * GREATEST(1, ${size} + ROUND(${most} * ${signed})) * ${unit}`;
}

function noisyFloat(percent: number, column: Column): string {
  const name = quoteName(column.name);
  const max = column.dataType === "float" ? FLOAT_MAX.float : FLOAT_MAX.double;
  const share = shareOf(name);
  const signed = `IF(ABS(${name}) > ${max} / 2, -ABS(${share}), ${share})`;
  return `${name} * (1 + ${partOf(percent)} * ${signed})`;
}

/** As an exact number: 0.1 for 10. */
function partOf(percent: number): string {
  return (percent / 100).toFixed(8);
}

/** Between -1 and -0.5, or 0.5 and 1, in ten decimal places. Equal numbers have equal shares, whatever their types. */
function shareOf(name: string): string {
  const drawn = `CAST(CONV(LEFT(${keyedHash("noise", `${name} + 0e0`)}, 12), 16, 10) AS SIGNED)`;
  // From 0.5 to 1.5, and what is over 1 goes round to -1.
  return `((${drawn} % 1000000000 + 1500000000) % 2000000000 - 999999999.5) * 0.000000001`;
}
