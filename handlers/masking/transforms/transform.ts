// What a transform is to the engine: SQL for a column of a given type, or the reason why it does not fit.
import type { Transform } from "../../../contracts/sync-contract.ts";
import { quoteName } from "../../mysql/identifiers.ts";
import type { Column, Table } from "../../mysql/schema.ts";

/** A transform other than `keep`. */
export type MaskingTransform = Exclude<Transform, { readonly name: "keep" }>;
/** The one of a name, with its options. */
export type Named<Name extends MaskingTransform["name"]> = Have<MaskingTransform, Name>;
type Have<Any extends MaskingTransform, Name> = Any extends { readonly name: infer Own }
  ? Name extends Own
    ? Any & { readonly name: Name }
    : never
  : never;

/** How a column's values are replaced. */
export interface Masked {
  readonly fits: true;
  /** The new value, from the column's own. */
  readonly sql: string;
  /** A condition: which non-NULL values stay as they are, by the transform's nature. */
  readonly unchanged: string;
  /**
   * Different values stay different within this many characters (bytes, for binary types), which is what a unique key
   * needs; absent where they may become equal.
   */
  readonly distinctWithin?: number;
  /** How many values there are to draw from, with `distinctWithin`; absent where no two can meet. */
  readonly distinctValues?: number;
  /** Values that the column's collation takes for equal become one: the child of a foreign key is spelled as its parent is. */
  readonly folds?: true;
  /** The ledger's table by which the column's values change places: see permute.ts. */
  readonly permutation?: string;
  /** A new value may be somebody's real one by chance (a name of a list, a small number): the proof judges by count. */
  readonly byChance?: true;
  /** Columns of the row that the SQL reads beside its own: they are set after it. */
  readonly reads?: readonly string[];
}

export interface Misfit {
  readonly fits: false;
  /** Completes "… of type `int`: ". */
  readonly reason: string;
}

/** What the contract says of another column of the table; undefined where nothing. */
export type TransformOf = (column: Column) => Transform | undefined;

/** Makes a transform's SQL for a column. Pure. */
export type Apply<Own extends MaskingTransform> = (
  transform: Own,
  column: Column,
  table: Table,
  transformOf: TransformOf,
) => Masked | Misfit;

/** 64 bits: among ten million values, the odds of two alike are about one in 400,000. */
export const DISTINCT_HEX_DIGITS = 16;
export const DISTINCT_VALUES = 16 ** DISTINCT_HEX_DIGITS;

/** The same text in a latin1 column and in a utf8mb4 one must hash alike. */
export function canonicalText(column: Column): string {
  return `CONVERT(${quoteName(column.name)} USING utf8mb4)`;
}

/** By length, since `= ''` would also hold for spaces under most collations. */
export function unlessEmpty(length: "CHAR_LENGTH" | "LENGTH", column: Column, sql: string) {
  const empty = `${length}(${quoteName(column.name)}) = 0`;
  return { sql: `IF(${empty}, '', ${sql})`, unchanged: empty };
}

/** How many ASCII characters the column holds. TEXT types are limited in bytes, of which some character sets want more. */
export function asciiCapacity(column: Column): number {
  const set = column.characterSet ?? "";
  const bytesEach = set === "utf32" ? 4 : /^(?:ucs2|utf16)/.test(set) ? 2 : 1;
  return Math.min(column.maxCharacters ?? 0, Math.floor((column.maxBytes ?? 0) / bytesEach));
}
