// How rows come along: rules that say the same of it share a way, and each staged row knows by which ways it came.
import type { ParentPolicy, PreserveRule } from "../../contracts/sync-contract.ts";
import type { ForeignKey } from "../mysql/schema.ts";
import { tableOf, type PlannedWay, type PreservePlan } from "./preserve-plan.ts";
import { roundName } from "./workspace.ts";

export type BringingRule = PreserveRule & { readonly where: string };

/** Of several policies the strictest holds. */
const STRICTEST_FIRST: readonly ParentPolicy[] = ["fail", "null", "carry"];

/** The rules that bring rows by themselves. */
export function bringing(rules: readonly PreserveRule[]): BringingRule[] {
  return rules.filter((rule): rule is BringingRule => rule.where !== undefined);
}

/** The way of a rule's rows. */
export function wayOf({ follow = "children", parents = "fail", mask = false }: PreserveRule): PlannedWay {
  return { follow: typeof follow === "string" ? (follow === "none" ? [] : follow) : follow.toSorted(), parents, mask };
}

/** How a parent comes along that is carried for the sake of what refers to it: with its own parents, without children. */
export function wayOfParents(mask: boolean): PlannedWay {
  return { follow: [], parents: "carry", mask };
}

/** Every way that rows can come by, each once. */
export function planWays(rules: readonly PreserveRule[]): PlannedWay[] {
  const ways = bringing(rules).map(wayOf);
  const carrying = rules.some(({ parents }) => parents === "carry");
  const parents = carrying ? [...new Set(ways.map(({ mask }) => mask))].map(wayOfParents) : [];
  return [...new Map([...ways, ...parents].map((way) => [JSON.stringify(way), way])).values()];
}

/** The index of a way in `ways`. */
export function indexOfWay(ways: readonly PlannedWay[], way: PlannedWay): number {
  return ways.findIndex((other) => JSON.stringify(other) === JSON.stringify(way));
}

export function follows({ follow }: PlannedWay, table: string): boolean {
  return follow === "children" || follow.includes(table);
}

/** What rules without a condition say of their tables' references, the strictest of several. */
export function policyOfTable(rules: readonly PreserveRule[], table: string): ParentPolicy | null {
  const said = rules.flatMap((rule) => (rule.table === table && rule.where === undefined ? (rule.parents ?? []) : []));
  return strictest(said) ?? null;
}

export function strictest(policies: readonly ParentPolicy[]): ParentPolicy | undefined {
  return STRICTEST_FIRST.find((policy) => policies.includes(policy));
}

/** The tables whose rows can be carried: the rules', those that hang on them, then those that rows may refer to. */
export function reach(rules: readonly PreserveRule[], keys: readonly ForeignKey[]): Set<string> {
  const reached = new Set(bringing(rules).map(({ table }) => table));
  for (const way of planWays(rules)) {
    const along = new Set(bringing(rules).flatMap((rule) => (sameWay(wayOf(rule), way) ? [rule.table] : [])));
    // A set iterates over what is added meanwhile.
    for (const parent of along) {
      for (const key of keys) if (key.parentTable === parent && follows(way, key.table)) along.add(key.table);
    }
    for (const table of along) reached.add(table);
  }
  const carriers = [...reached].filter((table) => canCarry(rules, table));
  const parents = new Set(carriers);
  for (const child of parents) for (const key of keys) if (key.table === child) parents.add(key.parentTable);
  return new Set([...reached, ...parents]);
}

/** Whether parents of rows of the table may come along: its own rule says so, or one that they come with. */
function canCarry(rules: readonly PreserveRule[], table: string): boolean {
  const own = policyOfTable(rules, table);
  return (
    own === "carry" ||
    bringing(rules).some((rule) => rule.parents === "carry" && (own === null || rule.table === table))
  );
}

function sameWay(one: PlannedWay, other: PlannedWay): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** Which policies rows of a table can have. */
export function policiesOf(plan: PreservePlan, table: string): ParentPolicy[] {
  const own = tableOf(plan, table).parents;
  const direct = plan.rules.filter((rule) => rule.table === table).map(({ way }) => way);
  const ways = own === null ? plan.ways : plan.ways.filter((_, i) => direct.includes(i));
  return [...new Set([...ways.map(({ parents }) => parents), ...(own === null ? [] : [own])])];
}

/**
 * SQL for the policy of a staged row: `'fail'`, `'null'` or `'carry'`. What the rules say that chose the row itself wins,
 * then what is said of its table, then what the rules say with which it came along.
 */
export function policyOf(plan: PreservePlan, table: string, row: string): string {
  const [only, ...others] = policiesOf(plan, table);
  if (only !== undefined && others.length === 0) return `'${only}'`;
  const own = tableOf(plan, table).parents;
  const came = (by: (i: number) => string) =>
    STRICTEST_FIRST.map((policy) => {
      const ways = plan.ways.flatMap((way, i) => (way.parents === policy ? [by(i)] : []));
      return ways.length === 0 ? "" : ` WHEN ${ways.join(" OR ")} THEN '${policy}'`;
    }).join("");
  const chosen = came((i) => `${row}.${roundName(i)} = 0`);
  const along = own === null ? `CASE${came((i) => `${row}.${roundName(i)} IS NOT NULL`)} END` : `'${own}'`;
  return `CASE${chosen} ELSE ${along} END`;
}

/** SQL for whether a staged row is to be masked: a rule with which it came says so. */
export function isToBeMasked(plan: PreservePlan, row: string): string {
  const masking = plan.ways.flatMap((way, i) => (way.mask ? [`${row}.${roundName(i)} IS NOT NULL`] : []));
  if (masking.length === plan.ways.length) return "TRUE";
  return masking.length === 0 ? "FALSE" : `(${masking.join(" OR ")})`;
}
