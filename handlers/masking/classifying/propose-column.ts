// One column's proposal: what it means, and the first transform for it that its type, its keys and its children allow.
import { isDeepStrictEqual } from "node:util";
import type { Transform } from "../../../contracts/sync-contract.ts";
import type { Column, Schema, Table } from "../../mysql/schema.ts";
import { kindOf } from "../column-kind.ts";
import { parentsOf } from "../foreign-keys.ts";
import { maskColumn } from "../refusals.ts";
import { isMasking } from "../transforms/index.ts";
import { candidates } from "./candidates.ts";
import { isMostly, type Evidence } from "./evidence.ts";
import { guessColumn } from "./guess.ts";
import { guessByName } from "./guess-by-name.ts";
import { JAPANESE } from "./japanese-names.ts";
import type { Proposal } from "./meanings.ts";
import { phraseOf } from "./words.ts";

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

const JAPANESE_SETS = /^(?:sjis|cp932|ujis|eucjpms)$/;
const KANA =
  /(?:^| )(?:furigana|hurigana|kana|yomi|yomigana|yomikata)(?= |$)|[（(]?(?:フリ|ふり)?(?:カナ|ｶﾅ|かな|ガナ|がな)[）)]?$/g;

/** By its values; where there are none, by what is around it. */
function isJapanese(table: Table, column: Column, evidence: Evidence): boolean {
  if (evidence.values > 0) return isMostly(evidence, evidence.japanese);
  return (
    JAPANESE.test(`${column.name} ${column.comment} ${table.name} ${table.comment ?? ""}`) ||
    JAPANESE_SETS.test(column.characterSet ?? "") ||
    /(?:^| )(?:sei|mei|shimei|simei|jusho|jyusho|yubin|denwa|namae|kaisha)(?: |$)/.test(phraseOf(column.name)) ||
    table.columns.some((other) => kindOf(other) === "text" && guessByName(table, other)?.meaning === "kana")
  );
}

/** The column that `sei_kana` is the reading of: `sei`; of `kana`, the one with full names. */
function findName(table: Table, column: Column): Column | undefined {
  const bare = (name: string) =>
    phraseOf(name)
      .replaceAll(KANA, "")
      .replace(/ ?(?:kanji|漢字)$/, "")
      .trim();
  const own = bare(column.name);
  const others = table.columns.filter((other) => {
    const meaning = guessByName(table, other)?.meaning;
    return other !== column && (meaning === "name" || meaning === "first name" || meaning === "last name");
  });
  return (
    others.find((other) => bare(other.name) === own) ??
    (own === "" ? others.find((other) => guessByName(table, other)?.meaning === "name") : undefined)
  );
}
