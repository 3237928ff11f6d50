// What a preserve plan holds: names and types only, so that it can be printed, stored and compared.
import type { ParentPolicy } from "../../contracts/sync-contract.ts";
import type { PlannedMatch } from "./match-plan.ts";

export interface PreservePlan {
  /** The rules that bring rows. `way` is an index into `ways`. */
  readonly rules: readonly { readonly table: string; readonly where: string; readonly way: number }[];
  /** How rows come along: rules that say the same of it share one. */
  readonly ways: readonly PlannedWay[];
  /** The rules' tables and every table that hangs on them, nearest first. */
  readonly tables: readonly PlannedTable[];
  /** The foreign keys that these tables hold, as either schema declares them. */
  readonly references: readonly PlannedReference[];
  /** Columns that follow a renumbered id through foreign keys, each after the columns that it follows. */
  readonly following: readonly FollowingColumn[];
  /** The copy's foreign keys over columns that staging lacks: what their defaults refer to is proven afterwards. */
  readonly defaulted: readonly PlannedConstraint[];
  /** What is not carried, and why, in sentences. */
  readonly notes: readonly string[];
}

export interface PlannedWay {
  /** The tables whose rows come along, through any number of others. */
  readonly follow: "children" | readonly string[];
  readonly parents: ParentPolicy;
  /** Whether the contract's transforms are applied to the rows. */
  readonly mask: boolean;
}

export interface PlannedTable {
  readonly name: string;
  /** Those that both schemas have. */
  readonly columns: readonly PlannedColumn[];
  /** Those of the copy that staging lacks: preserved rows take their defaults there. */
  readonly defaulted: readonly PlannedColumn[];
  /** Those that can be NULL in staging, and in the copy cannot. */
  readonly required: readonly string[];
  /** Staging's primary key. Empty for a table without one: its rows are told apart by their content. */
  readonly identity: readonly string[];
  /** Columns by whose values an error may name a row; none where it must not: name-row.ts. */
  readonly named: readonly string[];
  /** The copy's primary key. Empty where it has none, or one that staging cannot fill. */
  readonly key: readonly string[];
  /** What may be given anew where the primary key is taken. */
  readonly id: PlannedId | null;
  /** What the contract's transforms make of the rows that rules say to mask. */
  readonly masks: readonly PlannedMask[];
  /** How production's row is known to be the same row; null where nothing says so. */
  readonly match: PlannedMatch | null;
  /** Columns whose value in the copy may differ from staging's: the id, those that follow another, what a match or a mask changes. */
  readonly moving: readonly string[];
  /** What a rule without a condition says of rows that come along with others, instead of what those are told. */
  readonly parents: ParentPolicy | null;
  /** The copy's unique keys, PRIMARY among them, that the carried columns can be checked against. */
  readonly uniqueKeys: readonly PlannedKey[];
  /** Its others, of which the server computes a part. */
  readonly computedKeys: readonly PlannedComputedKey[];
}

/** A column, and SQL for its masked value: over the row's own columns, with the key in session variables. */
export interface PlannedMask {
  readonly column: string;
  readonly sql: string;
}

export interface PlannedId {
  readonly column: string;
  /** The highest integer that the column and every column that follows it can hold; decimal, it may pass 2^53. */
  readonly max: string;
}

export interface PlannedKey {
  readonly name: string;
  readonly parts: readonly { readonly column: string; readonly prefix: number | null }[];
}

export interface PlannedComputedKey extends PlannedKey {
  /** SQL over the table's columns, of parts that are no columns. */
  readonly expressions: readonly string[];
}

export interface PlannedColumn {
  readonly name: string;
  /** As the copy declares it. */
  readonly type: string;
  readonly characterSet: string | null;
  readonly collation: string | null;
  /** In the copy. */
  readonly nullable: boolean;
  readonly integer: boolean;
  /** Computed by the copy: carried only to check unique keys over it. */
  readonly generated: boolean;
  /** How staging must be asked for it: as it is, FLOAT with all its digits, or bytes that have no text. */
  readonly read: "plain" | "double" | "hex";
  /** What its values are in a statement; staging's server writes them so, but for `long` ones, which may be too long for it. A `foreign text` has another character set than utf8mb4. */
  readonly literal: "integer" | "text" | "foreign text" | "bytes" | "other" | "long";
}

export interface PlannedConstraint {
  readonly name: string;
  readonly table: string;
  readonly columns: readonly string[];
  readonly parentTable: string;
  readonly parentColumns: readonly string[];
}

export interface PlannedReference extends PlannedConstraint {
  /** Whether rows of the parent table are carried too; the others must stand in the copy already. */
  readonly carried: boolean;
  /** The parent's referenced columns, then those by which a parent outside the set is known to be the same row. */
  readonly outside: readonly PlannedColumn[];
  /** The columns that become NULL under the policy `null`; none where they cannot, or no row has that policy. */
  readonly nulls: readonly string[];
  /** Declared in `references`, where 0 and an empty text are no reference unless staging has a row of that key. */
  readonly zeroIsNone: boolean;
  /** How `references` declares it, where its values are not the columns' own as they stand. */
  readonly link: PlannedLink | null;
}

/** A declared reference of one column whose values a table of their own holds, a link each. */
export interface PlannedLink {
  readonly place: LinkPlace;
  readonly when: { readonly column: string; readonly values: readonly string[] } | null;
  /** The parent's column, whose type the links' values have. */
  readonly value: PlannedColumn;
  /** What the parent's column can hold: integers (decimal, they may pass 2^53), or texts of so many characters. */
  readonly holds: { readonly lowest: string; readonly highest: string } | { readonly characters: number };
}

/** Where the values stand in the column: as its whole value, at a path of a document, or amid a text in place of `{id}`. */
export type LinkPlace =
  | { readonly kind: "value" }
  | { readonly kind: "document"; readonly path: string }
  | { readonly kind: "text"; readonly containing: string };

export interface FollowingColumn {
  readonly table: string;
  readonly column: string;
  /** Indexes into `references`. */
  readonly references: readonly number[];
}

/** The planned table of that name. */
export function tableOf(plan: PreservePlan, name: string): PlannedTable {
  const table = plan.tables.find((candidate) => candidate.name === name);
  if (!table) throw new TypeError(`The plan has no table ${name}.`);
  return table;
}
