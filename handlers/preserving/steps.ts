// The work after collecting, as a list of steps; each step goes in batches, and each batch commits with its record.
import { check } from "./check.ts";
import { follow } from "./follow.ts";
import { insert } from "./insert.ts";
import type { Merging } from "./merging.ts";
import type { PreservePlan } from "./preserve-plan.ts";
import { rememberProduction } from "./proof/production.ts";
import type { Range } from "./range.ts";
import { renumber } from "./renumber.ts";

export interface Step {
  readonly kind: "renumber" | "follow" | "remember" | "check" | "insert";
  /** The table whose work rows it goes through; null for a step that is one batch. */
  readonly table: string | null;
  run(context: Merging, range: Range): Promise<void>;
}

/** Nothing is written to the copy before the check has passed. */
export function stepsOf(plan: PreservePlan): Step[] {
  const tables = plan.tables.map((table) => table.name);
  return [
    ...plan.tables
      .filter((table) => table.id !== null)
      .map(({ name }): Step => ({
        kind: "renumber",
        table: name,
        run: (context, range) => renumber(context, name, range),
      })),
    ...plan.following.map((column): Step => ({
      kind: "follow",
      table: column.table,
      run: (context, range) => follow(context, column, range),
    })),
    ...tables.map((name): Step => ({
      kind: "remember",
      table: null,
      run: (context) => rememberProduction(context, name),
    })),
    { kind: "check", table: null, run: check },
    ...tables.map((name): Step => ({
      kind: "insert",
      table: name,
      run: (context, range) => insert(context, name, range),
    })),
  ];
}
