// What the contract says of a table's columns, by their names as MySQL compares them.
import { nearest } from "../../contracts/nearest.ts";
import type { MaskingContract, TableRule, Transform } from "../../contracts/sync-contract.ts";
import { findRule } from "../../contracts/table-rules.ts";
import type { Column, Table } from "../mysql/schema.ts";
import { columnId } from "./column-kind.ts";
import type { Refusal } from "./refusals.ts";

export interface UnknownName {
  readonly table: string;
  readonly column?: string;
  /** The name that was probably meant. */
  readonly nearest?: string;
}

/** The contract's rule for a table; undefined where it has none, or several that nobody chose between. */
export function ruleOf(contract: MaskingContract, table: Table): TableRule | undefined {
  const found = findRule(contract.tables, table.name);
  return found && "rule" in found ? found.rule : undefined;
}

/** The transform that the contract itself gives to a column. A table that is kept or truncated keeps every column. */
export function givenTransform(contract: MaskingContract, table: Table, column: Column): Transform | undefined {
  const rule = ruleOf(contract, table);
  if (!rule) return undefined;
  if (rule.kind !== "columns") return { name: "keep" };
  return Object.entries(rule.columns).findLast(([name]) => columnId(name) === columnId(column.name))?.[1];
}

/** Columns of the contract that the table lacks, or that are named twice. */
export function complainAboutNames(rule: TableRule, table: Table): { unknown: UnknownName[]; refused: Refusal[] } {
  const written = rule.kind === "columns" ? Object.keys(rule.columns) : [];
  const names = table.columns.map(({ name }) => name);
  const known = new Set(names.map(columnId));
  const unknown = written
    .filter((name) => !known.has(columnId(name)))
    .map((column) => ({ table: table.name, column, ...nearestOf(column, names) }));
  const refused = written
    .filter((name, i) => written.slice(0, i).some((other) => columnId(other) === columnId(name)))
    .map((column) => ({
      code: "CONTRACT_COLUMN_TWICE",
      table: table.name,
      column,
      message: `\`${table.name}.${column}\` is named twice. Column names are compared without case; leave one.`,
    }));
  return { unknown, refused };
}

export function nearestOf(name: string, candidates: Iterable<string>): { readonly nearest?: string } {
  const found = nearest(name, candidates);
  return found === undefined ? {} : { nearest: found };
}
