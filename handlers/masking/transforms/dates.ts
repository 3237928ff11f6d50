// `year_only` and `date_shift`.
import { quoteName } from "../../mysql/identifiers.ts";
import type { Column, Table } from "../../mysql/schema.ts";
import { columnId, kindOf } from "../column-kind.ts";
import { keyedHash } from "../keyed.ts";
import { canonicalText, type Masked, type Misfit, type Named } from "./transform.ts";

/** 1 January of the same year, at midnight. A zero date stays. */
export function yearOnly(_transform: Named<"year_only">, column: Column): Masked | Misfit {
  const name = quoteName(column.name);
  if (!isDate(column)) return { fits: false, reason: "`year_only` is for DATE, DATETIME and TIMESTAMP" };
  const isZero = `${name} + 0 = 0`;
  const isNewYear = `DATE_FORMAT(${name}, '%m-%d %T.%f') = '01-01 00:00:00.000000'`;
  const newYear = `DATE_FORMAT(${name}, '%Y-01-01')`;
  // TIMESTAMP begins one second after 1970 does.
  const made =
    column.dataType === "timestamp" ? `IF(YEAR(${name}) = 1970, '1970-01-01 00:00:01', ${newYear})` : newYear;
  const isFirst = column.dataType === "timestamp" ? `${isNewYear} OR ${name} + 0 = 19700101000001` : isNewYear;
  return { fits: true, sql: `IF(${isZero}, ${name}, ${made})`, unchanged: `${isZero} OR ${isFirst}` };
}

/**
 * The first and the last day that a type holds; both stay, since they stand for no day of anyone's.
 * https://dev.mysql.com/doc/refman/8.4/en/datetime.html: dates before the year 1000 work, but are not promised.
 */
const RANGE = {
  date: { first: "0001-01-01", last: "9999-12-31" },
  timestamp: { first: "1970-01-01", last: "2038-01-19" },
} as const;
const DAY_MS = 24 * 3600 * 1000;
const HALF_A_YEAR = 182;

/**
 * Up to `days` days earlier or later, never none; the time of day is kept. Rows with the same value in the column `by` are
 * shifted alike, so that the order of their dates is kept; without it, equal dates are.
 *
 * Zero and impossible dates stay, and so do the type's first and last day. Dates of the year 0 keep it: they are days of a
 * year that was not told.
 */
export function dateShift({ days, by }: Named<"date_shift">, column: Column, table: Table): Masked | Misfit {
  if (!isDate(column)) return { fits: false, reason: "`date_shift` is for DATE, DATETIME and TIMESTAMP" };
  const name = quoteName(column.name);
  const own = `DATE_FORMAT(${name}, '%Y-%m-%d')`;
  const other = by === undefined ? undefined : table.columns.find((each) => columnId(each.name) === columnId(by));
  if (by !== undefined && !other) return { fits: false, reason: `there is no column \`${by}\` to shift dates by` };
  // It would be computed anew while the columns that it is made of are masked.
  if (other?.generated) return { fits: false, reason: `the column \`${other.name}\` to shift dates by is generated` };
  const value = other && other !== column ? `COALESCE(${seedOf(other)}, ${own})` : own;
  const isKept = keptCondition(column);
  return {
    fits: true,
    sql: `IF(${isKept}, ${name}, ${shifted(column, days, value)})`,
    unchanged: isKept,
    byChance: true,
    ...(other && other !== column && { reads: [other.name] }),
  };
}

function isDate(column: Column): boolean {
  const kind = kindOf(column);
  return kind === "date" || kind === "datetime";
}

/** The same bytes for the same value of a column, in any table. */
function seedOf(column: Column): string {
  const name = quoteName(column.name);
  const kind = kindOf(column);
  if (kind === "text") return canonicalText(column);
  return kind === "bytes" ? `HEX(${name})` : `CAST(${name} AS CHAR)`;
}

/** From -days to days without 0: half a number is rounded away from it. */
function shiftOf(days: number, value: string): string {
  const drawn = `CAST(CONV(LEFT(${keyedHash("date_shift", value)}, 12), 16, 10) AS SIGNED)`;
  return `ROUND(${drawn} % ${2 * days} - ${days - 0.5})`;
}

function keptCondition(column: Column): string {
  const name = quoteName(column.name);
  const { first, last } = rangeOf(column);
  const isLeapYear = `YEAR(${name}) % 4 = 0 AND (YEAR(${name}) % 100 <> 0 OR YEAR(${name}) % 400 = 0)`;
  const daysInMonth = `ELT(MONTH(${name}), 31, 28 + (${isLeapYear}), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)`;
  const isDay = `DAYOFMONTH(${name}) BETWEEN 1 AND COALESCE(${daysInMonth}, 0)`;
  return `NOT (${isDay}) OR DATE_FORMAT(${name}, '%Y-%m-%d') IN ('${first}', '${last}')`;
}

/** Away from the range's ends, which a shift must neither cross nor reach. */
function shifted(column: Column, days: number, value: string): string {
  const name = quoteName(column.name);
  const { first, last } = rangeOf(column);
  const shift = shiftOf(days, value);
  const inRange = `CASE WHEN ${name} >= '${dayAfter(last, -days)}' THEN -ABS(${shift})
    WHEN ${name} < '${dayAfter(first, days + 1)}' THEN ABS(${shift}) ELSE ${shift} END`;
  const moved = `DATE_ADD(${name}, INTERVAL ${inRange} DAY)`;
  if (column.dataType === "timestamp") return moved;
  // The server cannot count the days of the year 0: they are taken for a leap year's, and stay within half a year.
  const dayAndTime = column.dataType === "date" ? "-%m-%d" : "-%m-%d %T.%f";
  const inLeapYear = `CONCAT('2000', DATE_FORMAT(${name}, '${dayAndTime}'))`;
  const ofNoYear = `DATE_ADD(${inLeapYear}, INTERVAL ${shiftOf(Math.min(days, HALF_A_YEAR), value)} DAY)`;
  return `IF(YEAR(${name}) = 0, CONCAT('0000', DATE_FORMAT(${ofNoYear}, '${dayAndTime}')), ${moved})`;
}

function rangeOf(column: Column) {
  return column.dataType === "timestamp" ? RANGE.timestamp : RANGE.date;
}

function dayAfter(date: string, days: number): string {
  return new Date(Date.parse(date) + days * DAY_MS).toISOString().slice(0, "2000-01-01".length);
}
