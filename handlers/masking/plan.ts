// What masking will do, column by column: plain data that can be printed, compared and kept as JSON.
import type { Transform } from "../../contracts/sync-contract.ts";

export interface MaskingPlan {
  readonly tables: readonly TablePlan[];
  /** What is done, once each and in this order, before the first row is masked; absent where there is nothing. */
  readonly preparations?: readonly Preparation[];
}

export type Preparation = Permutation | Spelling;

/** A table of the ledger that gives each value of some columns another one's place. */
export interface Permutation {
  readonly kind: "permutation";
  readonly name: string;
  /** The type of a column of it, with character set and collation. */
  readonly type: string;
  /** Of texts those that compare as equal count as one; an empty text, or no bytes, have no place in it. */
  readonly of: "integer" | "text" | "bytes";
  /** Keeps one permutation's order from telling another's. */
  readonly domain: string;
  readonly columns: readonly { readonly table: string; readonly column: string }[];
}

/**
 * Text of a foreign key's child is written as its parent's is: the two may differ in case, or whatever else the
 * collation takes for equal, and would be masked to different values.
 */
export interface Spelling {
  readonly kind: "spelling";
  readonly child: string;
  readonly parent: string;
  /** All of the foreign key's columns. */
  readonly columns: readonly { readonly child: string; readonly parent: string; readonly isSpelled: boolean }[];
  /** Columns that would change by themselves. */
  readonly unmoved: readonly string[];
}

export interface TablePlan {
  readonly table: string;
  readonly rule: "keep" | "truncate" | "columns";
  /** Rows that stay behind, and what becomes of references to such rows elsewhere; before anything is masked. */
  readonly rows?: RowsPlan;
  /** How the table is walked in pieces; undefined where no key is fit for it, and one statement takes all rows. */
  readonly chunkKey?: ChunkKey;
  /**
   * New values are other rows' old ones under a unique key, so that no order of updates is free of duplicates: all rows
   * are written anew in one transaction.
   */
  readonly rewritten?: true;
  /** Every column of the table, in its order. */
  readonly columns: readonly ColumnPlan[];
}

export interface RowsPlan {
  /** Which rows stay behind, as an SQL condition. */
  readonly deleteRows?: string;
  /** How many foreign keys lead up from here, one after another. Conditions may look at parents: children come first. */
  readonly depth: number;
  readonly orphans: readonly Orphans[];
}

/**
 * Rows whose parent stayed behind, by a foreign key: they follow it, or their reference becomes NULL. `refused`: the
 * contract has its own condition for them, which must leave none.
 */
export interface Orphans {
  readonly columns: readonly string[];
  readonly parentTable: string;
  readonly parentColumns: readonly string[];
  readonly become: "deleted" | "null" | "refused";
}

/** The leading columns of a unique key that no transform touches. */
export interface ChunkKey {
  /** The index's name: `PRIMARY`, mostly. */
  readonly index: string;
  readonly columns: readonly { readonly column: string; readonly literal: LiteralKind }[];
}

/** How a key value is written in SQL so that it compares as the column's own values do. */
export type LiteralKind =
  | { readonly form: "number" }
  | { readonly form: "time" }
  | { readonly form: "text"; readonly characterSet: string }
  | { readonly form: "bytes" };

export interface ColumnPlan {
  readonly column: string;
  /** As the server writes it: `varchar(255)`. */
  readonly type: string;
  /** `generated`: the server computes it again from the masked columns. */
  readonly transform: Transform | { readonly name: "generated" };
  /** What the UPDATE sets the column to; absent where it leaves it alone. */
  readonly sql?: string;
  /** Which non-NULL values the transform rightly leaves as they are, as a condition; for the proof. */
  readonly unchanged?: string;
  /** A new value may be somebody's real one by chance: the proof judges by count. */
  readonly byChance?: true;
  /** Other columns that the SQL reads. One UPDATE sets from left to right, so these are set after it. */
  readonly reads?: readonly string[];
  /** Where a unique key asks for it: the copy's rows are counted before one changes. */
  readonly room?: Room;
}

/** With more rows, two of a column's new values would be equal by chance under a unique key. */
export interface Room {
  readonly rows: number;
  readonly key: string;
  /** Transforms with room for more rows than any table has. */
  readonly instead: readonly string[];
}

/** A column whose values are replaced. */
export type MaskedColumn = ColumnPlan & { readonly sql: string; readonly unchanged: string };

/** The columns whose values are replaced, and which the proof looks at. */
export function maskedColumns(table: TablePlan): MaskedColumn[] {
  return table.columns.filter((column): column is MaskedColumn => column.unchanged !== undefined);
}
