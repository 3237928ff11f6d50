// Columns with Japanese in them, and names with their readings beside them.
import type { Column, Table } from "../../mysql/schema.ts";
import { kindOf } from "../column-kind.ts";
import { isMostly, type Evidence } from "./evidence.ts";
import { commentOf, guessByName } from "./guess-by-name.ts";
import { JAPANESE } from "./japanese-names.ts";
import { phraseOf, words } from "./words.ts";

const JAPANESE_SETS = /^(?:sjis|cp932|ujis|eucjpms)$/;
const ROMAJI = words("sei|mei|shimei|simei|jusho|jyusho|juusho|yubin|yuubin|denwa|namae|kaisha|kanji");

/** By its values; where there are none, by what is around it. */
export function isJapanese(table: Table, column: Column, evidence: Evidence): boolean {
  if (evidence.values > 0) return isMostly(evidence, evidence.japanese);
  return (
    JAPANESE.test(`${column.name} ${column.comment} ${table.name} ${table.comment ?? ""}`) ||
    JAPANESE_SETS.test(column.characterSet ?? "") ||
    [column.name, commentOf(column)].some((label) => ROMAJI.any.test(phraseOf(label))) ||
    hasReadings(table)
  );
}

/** Each of a table's columns asks it. */
const withReadings = new WeakMap<Table, boolean>();

function hasReadings(table: Table): boolean {
  const known = withReadings.get(table);
  if (known !== undefined) return known;
  const found = table.columns.some(
    (column) => kindOf(column) === "text" && guessByName(table, column)?.meaning === "kana",
  );
  withReadings.set(table, found);
  return found;
}

/** The column that `sei_kana` or `氏名（カナ）` is the reading of: `sei`, `氏名`. Of `kana`, the one with full names. */
export function findName(table: Table, column: Column): Column | undefined {
  const names = table.columns.filter(
    (other) => NAMES.has(guessByName(table, other)?.meaning ?? "") && other !== column,
  );
  const own = labelsOf(column);
  const isPlain = own.includes("");
  return (
    names.find((other) => labelsOf(other).some((label) => label !== "" && own.includes(label))) ??
    (isPlain ? names.find((other) => guessByName(table, other)?.meaning === "name") : undefined)
  );
}

const NAMES: ReadonlySet<string> = new Set(["name", "first name", "last name"]);
const READING =
  /(?:^| )(?:furigana|hurigana|kana|yomi|yomigana|yomikata|kanji)(?= |$)| ?(?:(?:フリ|ふり)?(?:カナ|ガナ|かな|がな)|読み|漢字)$/g;

/** By name and by comment, without what says how it is written. */
function labelsOf(column: Column): string[] {
  return [column.name, commentOf(column)]
    .filter((label) => label !== "")
    .map((label) => phraseOf(label).replaceAll(READING, "").trim());
}
