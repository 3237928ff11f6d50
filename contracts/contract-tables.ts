// The rules of masking.tables: what a schema cannot say of them, and how they become the contract's.
import { pathText, subject, type Complaint } from "./contract-complaints.ts";
import { isMap, property, recordOf } from "./plain-data.ts";
import { isRowsRule, type ServersContractFile } from "./sync-contract-schema.ts";
import type { TableRule, Transform } from "./sync-contract.ts";
import { toTransform } from "./transforms.ts";
import { tellLine, type Path, type YamlSource } from "./yaml-source.ts";

type RuleInFile = ServersContractFile["masking"]["tables"][string];
type ColumnsInFile = Exclude<RuleInFile, string>;

/** Complaints about columns that are named twice, and numbers that YAML reads as others than are written. */
export function complainAboutColumns(source: YamlSource): Complaint[] {
  const tables = property(property(source.value, "masking"), "tables");
  return Object.entries(isMap(tables) ? tables : {}).flatMap(([table, rule]) =>
    isMap(rule) ? complainAboutTable(["masking", "tables", table], rule, source) : [],
  );
}

function complainAboutTable(path: Path, rule: Record<string, unknown>, source: YamlSource): Complaint[] {
  const named = Object.entries(rule).flatMap(([column, value]) => {
    const at = [...path, column];
    if (column === "rows" && isMap(value) && "delete" in value) return [];
    if (column !== "keep" || !Array.isArray(value)) return [{ column, at }];
    return value.map((kept, i) => ({ column: String(kept), at: [...at, i] }));
  });
  return [
    ...complainAboutRepeats(path, named, source),
    ...Object.entries(rule).flatMap(([column, value]) =>
      complainAboutNumber([...path, column, "fixed"], property(value, "fixed"), source),
    ),
  ];
}

/** MySQL compares column names without regard to case: https://dev.mysql.com/doc/refman/8.4/en/identifier-case-sensitivity.html */
function complainAboutRepeats(
  table: Path,
  named: readonly { readonly column: string; readonly at: Path }[],
  source: YamlSource,
): Complaint[] {
  return [...Map.groupBy(named, ({ column }) => column.toLowerCase()).values()].flatMap(([first, ...repeats]) =>
    repeats.map(({ column, at }) => ({
      path: pathText(at),
      place: source.placeOfKey(at),
      message: `\`${column}\` of ${subject(table)} is named twice, first in ${tellLine(source.placeOfKey(first?.at ?? table), source.placeOfKey(at))}. A column is either kept or has one transform.`,
    })),
  );
}

/** YAML reads 0123 as 123, 1.0 as 1 and more than 15 digits as another number. */
function complainAboutNumber(path: Path, value: unknown, source: YamlSource): Complaint[] {
  if (typeof value !== "number" || source.plainText(path) === String(value)) return [];
  const message = `${subject(path)} is a number that YAML reads otherwise than it is written. Put it in quotes.`;
  return [{ path: pathText(path), place: source.placeOfValue(path), message }];
}

/** A rule of the file as the contract has it. */
export function toTableRule(rule: RuleInFile): TableRule {
  if (typeof rule === "string") return { kind: rule };
  const { rows, ...columns } = rule;
  if (isRowsRule(rows)) return { kind: "columns", columns: recordOf(columnsOf(columns)), deleteRows: rows.delete };
  return { kind: "columns", columns: recordOf(columnsOf(rule)) };
}

function columnsOf({ keep, ...transforms }: Omit<ColumnsInFile, "rows">): [string, Transform][] {
  const kept = Array.isArray(keep) ? keep.map((column): [string, Transform] => [column, { name: "keep" }]) : [];
  const own = keep === undefined || Array.isArray(keep) ? {} : { keep };
  return [
    ...kept,
    ...Object.entries({ ...own, ...transforms }).map(([column, written]): [string, Transform] => [
      column,
      toTransform(written),
    ]),
  ];
}
