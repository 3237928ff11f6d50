// SQL by which staging's server writes its rows as literals: a client that looked at each value would take longer than both servers.
import { quoteName } from "../mysql/identifiers.ts";
import type { PlannedColumn } from "./preserve-plan.ts";

/** So few that they are shorter than a hash. */
const INTEGERS = 3;
const INTEGER_DIGITS = 16;

/** A column's value, so that nothing is lost on the way through text. */
export function readExpression({ name, read }: PlannedColumn): string {
  if (read === "hex") return `HEX(${quoteName(name)})`;
  // As text, a FLOAT has 6 digits; the DOUBLE of the same value has all.
  return read === "double" ? `${quoteName(name)} + 0e0` : quoteName(name);
}

/** Literals parted by commas; NULL where they exceed the server's max_allowed_packet. */
export function joined(literals: readonly string[]): string {
  return `CONCAT_WS(',', ${literals.join(", ")})`;
}

/**
 * The literal of a row's name, by which it is known among staging's: what the copy's collation calls equal may be two
 * rows. Integers stand there as they are, so that rows come in their key's order; of anything else it is a hash.
 *
 * @param identity the columns that tell rows apart, none of them NULL
 */
export function nameOf(identity: readonly PlannedColumn[]): string {
  const areIntegers = identity.length <= INTEGERS && identity.every(({ literal }) => literal === "integer");
  const digits = areIntegers
    ? identity.map(({ name }) => `LPAD(HEX(${quoteName(name)}), ${INTEGER_DIGITS}, '0')`).join(", ")
    : `SHA2(${joined(identity.map(literalExpression))}, 256)`;
  return `CONCAT('x''', ${digits}, '''')`;
}

/** NULL is the word NULL; what is too long for the server is missing, so that the row has too few values to be taken. */
export function literalExpression(column: PlannedColumn): string {
  const name = quoteName(column.name);
  if (column.literal === "bytes") return `IF(${name} IS NULL, 'NULL', CONCAT('x''', HEX(${name}), ''''))`;
  if (column.literal === "integer") return `IFNULL(${name}, 'NULL')`;
  // Character sets do not mix.
  return `QUOTE(${column.literal === "foreign text" ? `CONVERT(${name} USING utf8mb4)` : readExpression(column)})`;
}
