// Under the policy `null` a reference to a lost parent becomes NULL: which columns do, and whether they can.
import { FatalError } from "../../contracts/errors.ts";
import type { Schema } from "../mysql/schema.ts";
import { tableOf, type PlannedReference, type PreservePlan } from "./preserve-plan.ts";
import { policiesOf } from "./ways.ts";

/**
 * Completes a plan by the columns that may become NULL; they move, as the ids do.
 *
 * @throws FatalError `PRESERVE_PARENT_NOT_NULL` for a reference to a table whose rows are never carried, that cannot be
 *   NULL. To a table whose rows can be, a parent is rarely lost: that is found when it is.
 */
export function planNulls(copy: Schema, plan: PreservePlan): PreservePlan {
  const references = plan.references.map((reference) => ({ ...reference, nulls: nullsOf(copy, plan, reference) }));
  const refused = references.filter(
    (reference) => !reference.carried && reference.nulls.length === 0 && canBeNulled(plan, reference),
  );
  if (refused.length > 0) {
    const names = refused.map(({ table, columns }) => `\`${table}.${columns.join(", ")}\``);
    throw new FatalError(
      "PRESERVE_PARENT_NOT_NULL",
      `Under \`parents: null\` a reference becomes NULL where production lacks its row, but ${names.join(", ")} cannot be NULL. Give the table a rule of its own in sync.yaml, such as \`- { table: ${refused[0]?.table}, parents: carry }\`, then replay the run.`,
    );
  }
  const nulled = (table: string) =>
    references.flatMap((reference) => (reference.table === table ? reference.nulls : []));
  const tables = plan.tables.map((table) => ({
    ...table,
    moving: [...new Set([...table.moving, ...nulled(table.name)])],
  }));
  const follow = (table: string, column: string) =>
    plan.following.some((known) => known.table === table && known.column === column);
  const more = tables.flatMap(({ name }) =>
    [...new Set(nulled(name))].flatMap((column) =>
      follow(name, column) ? [] : [{ table: name, column, references: [] }],
    ),
  );
  return { ...plan, tables, references, following: [...plan.following, ...more] };
}

function canBeNulled(plan: PreservePlan, { table }: PlannedReference): boolean {
  return policiesOf(plan, table).includes("null");
}

/** Of several columns those that nothing else refers by: one that is NULL is enough (MATCH SIMPLE). */
function nullsOf(copy: Schema, plan: PreservePlan, reference: PlannedReference): readonly string[] {
  if (!canBeNulled(plan, reference)) return [];
  const { table, columns, link } = reference;
  if (link?.place.kind === "text") return [];
  if (link?.place.kind === "document") return columns;
  const nullable = columns.filter((name) =>
    copy.tables.get(table)?.columns.some((column) => column.name === name && column.nullable && !column.generated),
  );
  const others = plan.references.filter((other) => other !== reference && other.table === table);
  const own = nullable.filter((name) => !others.some((other) => other.columns.includes(name)));
  const { key } = tableOf(plan, table);
  return (own.length > 0 ? own : nullable).filter((name) => !key.includes(name));
}
