// The contract's table names held against the schema: names and patterns that no table has, and tables that two have.
import { nearest } from "../../contracts/nearest.ts";
import type { MaskingContract } from "../../contracts/sync-contract.ts";
import { findRule, isPattern, matches } from "../../contracts/table-rules.ts";
import type { Schema } from "../mysql/schema.ts";
import { columnId } from "./column-kind.ts";
import type { Refusal } from "./refusals.ts";
import { nearestOf, type UnknownName } from "./rules.ts";

/** Pure. */
export function checkRules(contract: MaskingContract, schema: Schema): { unknown: UnknownName[]; refused: Refusal[] } {
  const tables = [...schema.tables.keys()];
  const isKnown = (name: string) =>
    schema.tables.has(name) || (isPattern(name) && tables.some((table) => matches(name, table)));
  const unknown = Object.keys(contract.tables)
    .filter((name) => !isKnown(name))
    .map((table) => ({ table, ...(isPattern(table) ? nearestToPattern(table, tables) : nearestOf(table, tables)) }));
  const refused = tables.flatMap((table) => {
    const rule = findRule(contract.tables, table);
    return rule && "clash" in rule ? [clash(table, rule.clash)] : [];
  });
  return { unknown, refused };
}

/**
 * Columns that the contract names and a table lacks. Under a pattern a column is unknown where no table has it that the
 * pattern matches: an old month's log may lack what a newer one has.
 */
export function unknownInFamilies(
  contract: MaskingContract,
  schema: Schema,
  unknown: readonly UnknownName[],
): UnknownName[] {
  const told = new Set<string>();
  return unknown.flatMap((each) => {
    const { table, column } = each;
    const rule = findRule(contract.tables, table);
    if (column === undefined || !rule || !("rule" in rule) || rule.name === table) return [each];
    const known = [...schema.tables.values()]
      .filter((other) => matches(rule.name, other.name))
      .flatMap((other) => other.columns.map(({ name }) => name));
    const id = JSON.stringify([rule.name, column]);
    if (known.some((name) => columnId(name) === columnId(column)) || told.has(id)) return [];
    told.add(id);
    return [{ table: rule.name, column, ...nearestOf(column, known) }];
  });
}

function clash(table: string, patterns: readonly string[]): Refusal {
  const named = patterns.map((pattern) => `\`${pattern}\``).join(" and ");
  return {
    code: "CONTRACT_PATTERNS_CLASH",
    table,
    message: `\`${table}\` is matched by ${named}, and nothing says which is meant. Name \`${table}\` itself, or make the patterns narrower.`,
  };
}

/** The table whose beginning, or end, is nearest to what the pattern begins or ends with. */
function nearestToPattern(pattern: string, tables: readonly string[]): { readonly nearest?: string } {
  const fixed = pattern.replaceAll("*", "");
  const part = (table: string) => (pattern.startsWith("*") ? table.slice(-fixed.length) : table.slice(0, fixed.length));
  const found = nearest(fixed, tables.map(part));
  const meant = tables.find((table) => part(table) === found);
  return found === undefined || meant === undefined ? {} : { nearest: meant };
}
