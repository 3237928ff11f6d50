// What a plan holds of `match`: by which columns production's row is the same row, and what becomes of it then.
import type { OnMatch } from "../../contracts/sync-contract.ts";

export interface PlannedMatch {
  readonly columns: readonly string[];
  readonly onMatch: OnMatch;
  /** A unique key lies within the columns: no two rows of production can match. */
  readonly unique: boolean;
  /** Columns that take the values of production's row where it stays: its primary key, and what references lead to. */
  readonly adopted: readonly string[];
  /** The column that a rename changes, and how many characters it holds; null for another `onMatch`. */
  readonly renamed: { readonly column: string; readonly characters: number } | null;
}
