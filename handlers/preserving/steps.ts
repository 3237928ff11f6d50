// The work after collecting, as rounds of steps; each step goes in batches, and each batch commits with its record.
import { check } from "./check.ts";
import { assign, type Assignment } from "./assignments.ts";
import { decisionRounds, type Decided } from "./decisions.ts";
import { follow } from "./follow.ts";
import { insert } from "./insert.ts";
import { maskRows } from "./mask-rows.ts";
import { match } from "./match.ts";
import type { Merging } from "./merging.ts";
import { overwrite } from "./overwrite.ts";
import type { PlannedTable, PreservePlan } from "./preserve-plan.ts";
import { rememberProduction } from "./proof/production.ts";
import type { Range } from "./range.ts";
import { findReferred, referencesToId } from "./referred.ts";
import { renumber } from "./renumber.ts";

export interface Step {
  readonly kind: "decide" | "remember" | "check" | "overwrite" | "insert" | "prove";
  /** The table whose work rows it goes through; null for a step that is one batch. */
  readonly table: string | null;
  /** For a sentence: "giving rows of `users` new ids". */
  readonly doing: string;
  run(context: Merging, range: Range): Promise<void>;
}

/**
 * The steps of one round have nothing to do with each other, and the rounds follow on each other. Nothing is written to
 * the copy before the check has passed.
 */
export function roundsOf(plan: PreservePlan): Step[][] {
  const tables = plan.tables.map((table) => table.name);
  const masked = plan.tables.filter(({ masks }) => masks.length > 0);
  const overwriting = plan.tables.filter((table) => table.match?.onMatch.kind === "overwrite");
  const rounds: Step[][] = [
    // They look at the copy alone, so they are begun while staging is read.
    plan.tables.filter((table) => !overwriting.includes(table)).map(remember),
    masked.map(({ name }) => step("decide", name, `masking rows of \`${name}\``, maskRows, name)),
    tables
      .filter((name) => referencesToId(plan, name).length > 0)
      .map((name) => step("decide", null, `looking for rows that refer to ids of \`${name}\``, findReferred, name)),
    ...decisionRounds(plan).map((decisions) => decisions.map(decide)),
    overwriting.map(remember),
    [{ kind: "check", table: null, doing: "checking the rows to preserve against the copy", run: check }],
    overwriting.map(({ name }) => step("overwrite", name, `overwriting rows of \`${name}\``, overwrite, name)),
    tables.map((name) => step("insert", name, `inserting preserved rows into \`${name}\``, insert, name)),
  ];
  return rounds.filter((steps) => steps.length > 0);
}

function remember({ name }: PlannedTable): Step {
  return step("remember", null, `summing up production's \`${name}\``, rememberProduction, name);
}

function decide(decisions: Decided): Step {
  const [{ kind, table }, ...others] = decisions;
  // In one batch: whether a name is free depends on all.
  if (kind === "match") return step("decide", null, `looking for rows of \`${table}\` in production`, match, table);
  const doing =
    others.length > 0 ? "deciding ids of" : kind === "follow" ? "making new ids followed by" : "giving new ids to";
  return step("decide", table, `${doing} rows of \`${table}\``, decideTogether, decisions);
}

async function decideTogether(context: Merging, decisions: Decided, range: Range): Promise<void> {
  const assignments: Assignment[] = [];
  for (const decision of decisions) {
    if (decision.kind === "follow") assignments.push(...(await follow(context, decision.column, range)));
    if (decision.kind === "renumber") assignments.push(...(await renumber(context, decision.table, range)));
  }
  await assign(context, decisions[0].table, assignments, range);
}

function step<What>(
  kind: Step["kind"],
  table: string | null,
  doing: string,
  work: (context: Merging, what: What, range: Range) => Promise<void>,
  what: What,
): Step {
  return { kind, table, doing, run: (context, range) => work(context, what, range) };
}
