// Which rule of masking.tables is a table's: the one under its name, or under the one pattern that its name matches.
import type { TableRule } from "./sync-contract.ts";

export type FoundRule =
  | {
      /** As the contract has it: a table's name, or a pattern. */
      readonly name: string;
      readonly rule: TableRule;
    }
  /** More than one pattern, and the name itself is not there: nobody knows which is meant. */
  | { readonly clash: readonly string[] };

type Rules = Readonly<Record<string, TableRule>>;

/** True for `log_*`. A table may have an asterisk in its name: what stands there exactly is no pattern. */
export function isPattern(name: string): boolean {
  return name.includes("*");
}

/** `log_*` matches `log_` and all that begins so. Names are compared exactly, as MySQL does on Linux. */
export function matches(pattern: string, table: string): boolean {
  const pieces = pattern.split("*").map((piece) => piece.replaceAll(/[$()+.?[\\\]^{|}]/g, String.raw`\$&`));
  return new RegExp(`^${pieces.join(".*")}$`, "su").test(table);
}

/** By own properties alone: a table may be called `constructor`. */
export function findRule(tables: Rules, table: string): FoundRule | undefined {
  const exact = Object.hasOwn(tables, table) ? tables[table] : undefined;
  if (exact !== undefined) return { name: table, rule: exact };
  const patterns = Object.entries(tables).filter(([name]) => isPattern(name) && matches(name, table));
  const [first] = patterns;
  if (first === undefined) return undefined;
  if (patterns.length > 1) return { clash: patterns.map(([name]) => name) };
  return { name: first[0], rule: first[1] };
}
