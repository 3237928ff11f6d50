// In which order one UPDATE sets a table's columns: it goes from left to right, and later expressions see new values.
// https://dev.mysql.com/doc/refman/8.4/en/update.html
import { columnId } from "./column-kind.ts";
import type { ColumnPlan } from "./plan.ts";

/**
 * The columns that are set, each before those that its SQL reads, else in the table's order.
 *
 * @returns the names on a circle where columns read each other, so that no order is right.
 */
export function assignmentOrder(
  columns: readonly ColumnPlan[],
): { readonly columns: readonly ColumnPlan[] } | { readonly circle: readonly string[] } {
  const left = new Map(
    columns.filter(({ sql }) => sql !== undefined).map((column) => [columnId(column.column), column]),
  );
  const ordered: ColumnPlan[] = [];
  while (left.size > 0) {
    const awaited = new Set([...left.values()].flatMap((column) => readOf(column)));
    const next = [...left].find(([id]) => !awaited.has(id));
    if (!next) return { circle: circleIn(left) };
    left.delete(next[0]);
    ordered.push(next[1]);
  }
  return { columns: ordered };
}

/** The same, for columns of which it is known that they do not read each other in a circle. */
export function inAssignmentOrder(columns: readonly ColumnPlan[]): readonly ColumnPlan[] {
  const order = assignmentOrder(columns);
  if ("circle" in order) throw new TypeError("The plan's columns read each other in a circle.");
  return order.columns;
}

function readOf({ column, reads }: ColumnPlan): string[] {
  return (reads ?? []).map(columnId).filter((id) => id !== columnId(column));
}

/** Follows who reads whom until a name comes again. */
function circleIn(left: ReadonlyMap<string, ColumnPlan>): string[] {
  const path: string[] = [];
  let at = [...left.keys()][0];
  // Every column that is left is read by another one, so the way back never ends.
  while (at !== undefined && !path.includes(at)) {
    path.unshift(at);
    at = [...left].find(([, column]) => readOf(column).includes(path[0] ?? ""))?.[0];
  }
  const circle = path.slice(0, path.indexOf(at ?? "") + 1);
  return circle.map((id) => left.get(id)?.column ?? id);
}
