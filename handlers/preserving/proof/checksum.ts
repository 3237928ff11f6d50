// A checksum of rows, whatever their order and types: it shows that they are the same, without telling a value.
import { quoteName } from "../../mysql/identifiers.ts";
import type { Merging } from "../merging.ts";
import type { PlannedColumn, PlannedTable } from "../preserve-plan.ts";
import { valueInCopy } from "../workspace.ts";

/** Characters, or bytes, of which every server's smallest max_allowed_packet holds the HEX. */
const SHORT = 1024;

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

/** More than the digests of a thousand million rows: what stands for the digest of a row that has none. */
const TOO_LONG = 1n << 62n;

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
  const same = columns.map((column) => {
    const [inCopy, planned] = [`c.${quoteName(column.name)}`, valueInCopy(table, column.name, "s")];
    return `${textOfValue(column, inCopy)} <=> ${textOfValue(column, planned)}`;
  });
  return same.join(" AND ");
}

/** Every value of row `c` of the copy, as one text. Equal texts mean equal rows, to the byte. */
export function rowOfCopy(columns: readonly PlannedColumn[]): string {
  return textOfRow(columns, (column) => `c.${quoteName(column)}`);
}

/** The same of work row `s`, as it should stand in the copy. */
export function rowOfWork(table: PlannedTable, columns: readonly PlannedColumn[]): string {
  return textOfRow(columns, (column) => valueInCopy(table, column, "s"));
}

/**
 * The checksum of the rows that stand after FROM.
 *
 * @param row from `rowOfCopy` or `rowOfWork`
 * @param condition to be counted in the same look
 * @returns undefined where some row is longer than the server's `max_allowed_packet`, and so has no digest
 */
export async function checksum(
  { session }: Merging,
  row: string,
  from: string,
  condition?: string,
): Promise<ChecksumOfSome | undefined> {
  // Twice, as CRC32 alone changes by the same bits where two rows swap a value; its decimal digits do not. SHA-2 takes longer.
  const digest = `CRC32(CRC32(${row}))`;
  const [sums] = await session.query<{ n: string; sum: string | null; met: string }>(
    `SELECT COUNT(*) AS n, SUM(IFNULL(${digest}, ${TOO_LONG})) AS sum, ${condition ? `COUNT(IF(${condition}, 1, NULL))` : "0"} AS met FROM ${from}`,
  );
  const sum = BigInt(sums?.sum ?? 0);
  return sums && sum < TOO_LONG ? { rows: BigInt(sums.n), sum, met: BigInt(sums.met) } : undefined;
}

export function minus(all: Checksum, some: Checksum): Checksum {
  return { rows: all.rows - some.rows, sum: all.sum - some.sum };
}

export function isSame(one: Checksum, other: Checksum): boolean {
  return one.rows === other.rows && one.sum === other.sum;
}

/**
 * First which values are NULL, then the values, parted by commas, as no other has one than texts that stand as they are:
 * these come last, and their lengths before them, but for the last text's. IFNULL around each value takes twice the time;
 * QUOTE is slower too, and MySQL 9.7 has it not for bytes.
 */
function textOfRow(columns: readonly PlannedColumn[], value: (column: string) => string): string {
  const missing = columns.filter(({ nullable }) => nullable).map(({ name }) => `ISNULL(${value(name)})`);
  const others = columns.filter((column) => !standsAsItIs(column));
  const texts = columns.filter(standsAsItIs).map(({ name }) => value(name));
  return `CONCAT_WS(',', ${[
    ...missing,
    ...others.map((column) => textOfValue(column, value(column.name))),
    ...texts.slice(0, -1).map((text) => `LENGTH(${text})`),
    ...texts,
  ].join(", ")})`;
}

/** Texts of one character set, of 64 KiB at most: hexadecimal digits or a hash of them take a checksum longer. */
function standsAsItIs({ type, characterSet }: PlannedColumn): boolean {
  return characterSet === "utf8mb4" && /^((var)?char|(tiny)?text)\b/i.test(type);
}

/** A value as text without a comma that no other value of its column has; NULL for NULL alone. */
function textOfValue({ type, read }: PlannedColumn, value: string): string {
  // Long values by their hash: HEX of one is NULL over max_allowed_packet, and so are all together.
  if (read === "hex" || /^((tiny|medium|long)?(text|blob)|json)\b/i.test(type)) return `SHA2(${value}, 256)`;
  // As bytes: character sets do not mix, and a collation calls different texts equal.
  const length = /^(?:var)?(?:char|binary)\b(?:\((\d+)\))?/i.exec(type);
  if (length) return Number(length[1] ?? 1) > SHORT ? `SHA2(${value}, 256)` : `HEX(${value})`;
  // As text, a FLOAT has 6 digits; the DOUBLE of the same value has all. As numbers, 0 and -0 are the same.
  if (/^(float|double|real)\b/i.test(type)) return `CONCAT(${value}${read === "double" ? " + 0e0" : ""})`;
  return /^(enum|set|bit)\b/i.test(type) ? `${value} + 0` : value;
}
