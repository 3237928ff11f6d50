// A checksum of rows, whatever their order and types: it shows that they are the same, without telling a value.
import { createHash } from "node:crypto";
import { quoteName } from "../../mysql/identifiers.ts";
import type { Merging } from "../merging.ts";
import type { PlannedColumn, PlannedTable } from "../preserve-plan.ts";
import { valueInCopy } from "../workspace.ts";
import { fail } from "./fail.ts";

/** What two sets of rows have in common when they are one. */
export interface Checksum {
  readonly rows: bigint;
  /** The rows' digests added up, 32 bits each. Adding, unlike XOR, also sees a row that is there twice. */
  readonly sum: bigint;
}

/** A checksum, and how many of its rows met a condition. */
export interface ChecksumOfSome extends Checksum {
  readonly met: bigint;
}

/** What stands for NULL among 32 bits; in unsigned ones' place by a CAST, as of both kinds servers make a DECIMAL. */
const NULL_SIGNED = String(2 ** 32);
const NULL_UNSIGNED = `CAST(${NULL_SIGNED} AS UNSIGNED)`;

/** More than the digests of a thousand million rows: what stands for the digest of a row that has none. */
const NO_DIGEST = 1n << 62n;

/** The copy's columns that a row consists of: what the server computes from them says nothing of its own. */
export function storedColumns(table: PlannedTable): PlannedColumn[] {
  return [...table.columns, ...table.defaulted].filter((column) => !column.generated);
}

/** Those of them that staging has too, and that work rows therefore hold. */
export function carriedColumns(table: PlannedTable): PlannedColumn[] {
  return table.columns.filter((column) => !column.generated);
}

/** Whether row `c` of the copy has every value as work row `s` says, to the byte. */
export function isAsPlanned(table: PlannedTable, columns: readonly PlannedColumn[]): string {
  return columns
    .map((column) => isSameValue(column, `c.${quoteName(column.name)}`, valueInCopy(table, column.name, "s")))
    .join(" AND ");
}

/** The digest of row `c` of the copy. */
export function digestOfCopy(columns: readonly PlannedColumn[]): string {
  return digestOf(columns, (column) => `c.${quoteName(column)}`);
}

/** The same of work row `s`, as it should stand in the copy. */
export function digestOfWork(table: PlannedTable, columns: readonly PlannedColumn[]): string {
  return digestOf(columns, (column) => valueInCopy(table, column, "s"));
}

/**
 * The checksum of the rows that stand after FROM.
 *
 * @param digest from `digestOfCopy` or `digestOfWork`
 * @param condition to be counted in the same look
 * @throws FatalError `PRESERVE_PROOF_FAILED` where the server makes no digest of a row
 */
export async function checksum(
  { session }: Merging,
  digest: string,
  from: string,
  condition?: string,
): Promise<ChecksumOfSome> {
  const [sums] = await session.query<{ n: string; sum: string | null; met: string }>(
    `SELECT COUNT(*) AS n, SUM(IFNULL(${digest}, ${NO_DIGEST})) AS sum, ${condition ? `COUNT(IF(${condition}, 1, NULL))` : "0"} AS met FROM ${from}`,
  );
  const sum = BigInt(sums?.sum ?? 0);
  if (!sums || sum >= NO_DIGEST) return fail(`some rows of ${from} have no checksum`);
  return { rows: BigInt(sums.n), sum, met: BigInt(sums.met) };
}

export function minus(all: Checksum, some: Checksum): Checksum {
  return { rows: all.rows - some.rows, sum: all.sum - some.sum };
}

export function isSame(one: Checksum, other: Checksum): boolean {
  return one.rows === other.rows && one.sum === other.sum;
}

/**
 * 32 bits of each value, times a number of the column's own, in one number of 64 bits, of which CRC32 takes the decimal
 * digits: that leaves nothing linear, by which the sum would be the same where two rows swap a value. A text of all values
 * takes MySQL 9.7 half as long again, and is longer than a server may put together.
 */
function digestOf(columns: readonly PlannedColumn[], value: (column: string) => string): string {
  const weighted = columns.map((column) => `(${bitsOf(column, value(column.name))} * ${weightOf(column)})`);
  return `CRC32(${weighted.join(" ^ ")})`;
}

/** Odd, and below 2^31: times 32 bits it is no more than a BIGINT holds. */
function weightOf({ name }: PlannedColumn): number {
  return (createHash("sha256").update(name).digest().readUInt32BE() >>> 1) | 1;
}

/** A value as an integer of 32 bits: itself where it has no more. */
function bitsOf({ type, nullable }: PlannedColumn, value: string): string {
  const orNull = (bits: string, none: string) => (nullable ? `IFNULL(${bits}, ${none})` : bits);
  if (/^(tiny|small|medium)?int\b/i.test(type))
    return orNull(value, /\bunsigned\b/i.test(type) ? NULL_UNSIGNED : NULL_SIGNED);
  // Its seconds; a fraction of them makes it a DECIMAL.
  if (/^timestamp$/i.test(type)) return orNull(`UNIX_TIMESTAMP(${value})`, NULL_SIGNED);
  return orNull(`CRC32(${/^(enum|set|bit)\b/i.test(type) ? `${value} + 0` : exact(type, value)})`, NULL_UNSIGNED);
}

function isSameValue({ type, read, characterSet }: PlannedColumn, one: string, other: string): string {
  const both = (of: (value: string) => string) => `${of(one)} <=> ${of(other)}`;
  if (read === "hex" || /^json\b/i.test(type)) return both((value) => `SHA2(${value}, 256)`);
  if (/^(enum|set|bit)\b/i.test(type)) return both((value) => `${value} + 0`);
  // As numbers, 0 and -0 are the same.
  if (/^(float|double|real)\b/i.test(type)) return both((value) => `CONCAT(${exact(type, value)})`);
  if (characterSet === null) return both((value) => value);
  // A collation calls different texts equal; a binary one still those that differ in spaces at the end.
  return `LENGTH(${one}) <=> LENGTH(${other}) AND ${one} <=> ${other} COLLATE ${characterSet}_bin`;
}

/** As text, a FLOAT has 6 digits; the DOUBLE of the same value has all. */
function exact(type: string, value: string): string {
  return /^float\b/i.test(type) ? `${value} + 0e0` : value;
}
