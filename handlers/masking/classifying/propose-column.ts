// One column's proposal: what it means, and the first transform for it that its type, its keys and its children allow.
import { isDeepStrictEqual } from "node:util";
import type { Transform } from "../../../contracts/sync-contract.ts";
import type { Column, Schema, Table } from "../../mysql/schema.ts";
import { parentsOf } from "../foreign-keys.ts";
import { maskColumn } from "../refusals.ts";
import { isMasking } from "../transforms/index.ts";
import { candidates } from "./candidates.ts";
import type { Evidence } from "./evidence.ts";
import { guessColumn } from "./guess.ts";
import { findName, isJapanese } from "./japanese-columns.ts";
import type { Proposal } from "./meanings.ts";

/** All that a proposal may look at beside its own column. */
export interface Surroundings {
  readonly schema: Schema;
  /** What the contract says already. */
  readonly given: (table: Table, column: Column) => Transform | undefined;
  readonly evidence: (table: Table, column: Column) => Evidence;
  /** What was tried, and refused by the plan as a whole. */
  readonly rejected: (column: Column) => readonly Transform[];
}

export interface ColumnProposal extends Proposal {
  /** The column refers to this one and is masked as it is: the contract need not name it. */
  readonly follows?: Column;
}

/** @param seen the way here: foreign keys may go round in circles. */
export function proposeColumn(
  around: Surroundings,
  table: Table,
  column: Column,
  seen: readonly Column[] = [],
): ColumnProposal {
  const parent = parentsOf(around.schema, table, column).find((place) => !seen.includes(place.column));
  if (parent) {
    const given = around.given(parent.table, parent.column);
    const above = given
      ? { transform: given, sure: true, why: `as \`${parent.table.name}\`` }
      : proposeColumn(around, parent.table, parent.column, [...seen, column]);
    if (!isMasking(above.transform))
      return { transform: { name: "keep" }, sure: true, why: `as \`${parent.table.name}\`` };
    return { ...above, follows: parent.column };
  }
  return proposeOwn(around, table, column);
}

function proposeOwn(around: Surroundings, table: Table, column: Column): Proposal {
  const { schema } = around;
  const evidence = around.evidence(table, column);
  const guess = guessColumn(table, column, evidence);
  const nameColumn = guess.meaning === "kana" ? findName(table, column) : undefined;
  const likely = candidates(guess.meaning, {
    ...{ schema, table, column },
    isJapanese: isJapanese(table, column, evidence),
    readingOf: nameColumn?.name,
  });
  // A reading follows its name's transform, which is one of ours where the contract has none.
  const transformOf = (other: Column) =>
    around.given(table, other) ?? (other === nameColumn ? proposeOwn(around, table, other).transform : undefined);
  const rejected = around.rejected(column);
  const fit = likely.find(
    (transform) =>
      !rejected.some((other) => isDeepStrictEqual(other, transform)) &&
      (!isMasking(transform) || !("code" in maskColumn(schema, table, column, transform, transformOf))),
  );
  if (!fit) return { transform: { name: "keep" }, sure: false, why: "personal? no transform fits" };
  if (fit.name === "permute") return { transform: fit, sure: false, why: `${guess.why}: its values change places` };
  return { transform: fit, sure: guess.sure, why: guess.why };
}
