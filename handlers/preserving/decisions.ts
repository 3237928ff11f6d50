// In which order it is decided what rows become: a column that follows another waits for it, a match for the columns that
// it compares, an id for the match and for the rest of its key.
import { FatalError } from "../../contracts/errors.ts";
import { tableOf, type FollowingColumn, type PreservePlan } from "./preserve-plan.ts";

export type Decision =
  | { readonly kind: "follow"; readonly table: string; readonly column: FollowingColumn }
  | { readonly kind: "match" | "renumber"; readonly table: string };

/**
 * Every decision of a plan, each after those that it waits for. In a circle of foreign keys somebody waits in vain: what
 * is decided too early is found by the check.
 *
 * @throws FatalError `PRESERVE_MATCH_UNFIT` for a match that waits for itself
 */
export function decisionsOf(plan: PreservePlan): Decision[] {
  const all: Decision[] = [
    ...plan.tables.filter(({ id }) => id !== null).map(({ name: table }) => ({ kind: "renumber", table }) as const),
    ...plan.tables.filter(({ match }) => match !== null).map(({ name: table }) => ({ kind: "match", table }) as const),
    ...plan.following.map((column) => ({ kind: "follow", table: column.table, column }) as const),
  ];
  const ordered = new Set<Decision>();
  const waiting: Decision[] = [];
  const visit = (decision: Decision): void => {
    if (ordered.has(decision)) return;
    const circle = waiting.includes(decision) ? waiting.slice(waiting.indexOf(decision)) : [];
    const match = circle.find(({ kind }) => kind === "match");
    if (match) refuseCircle(match.table);
    if (circle.length > 0) return;
    waiting.push(decision);
    for (const other of all) if (waitsFor(plan, decision, other)) visit(other);
    waiting.pop();
    ordered.add(decision);
  };
  for (const decision of all) visit(decision);
  return [...ordered];
}

function waitsFor(plan: PreservePlan, decision: Decision, other: Decision): boolean {
  if (decision.kind === "follow") return waitsForParent(plan, decision.column, other);
  const table = tableOf(plan, decision.table);
  const isFollowing = (columns: readonly string[]) =>
    other.kind === "follow" && other.table === table.name && columns.includes(other.column.column);
  if (decision.kind === "match") return isFollowing(table.match?.columns ?? []);
  return isFollowing(table.key) || (other.kind === "match" && other.table === table.name);
}

function waitsForParent(plan: PreservePlan, { column, references }: FollowingColumn, other: Decision): boolean {
  return references.some((i) => {
    const reference = plan.references[i];
    const parent = reference?.parentColumns[reference.columns.indexOf(column)];
    return reference?.parentTable === other.table && parent !== undefined && decides(plan, other, parent);
  });
}

/** Whether the decision changes the column of its table. */
function decides(plan: PreservePlan, decision: Decision, column: string): boolean {
  const { id, match } = tableOf(plan, decision.table);
  if (decision.kind === "follow") return decision.column.column === column;
  if (decision.kind === "renumber") return id?.column === column;
  return match !== null && [...match.adopted, match.renamed?.column].includes(column);
}

function refuseCircle(table: string): never {
  throw new FatalError(
    "PRESERVE_MATCH_UNFIT",
    `\`match\` of \`${table}\`: a column in it refers, by itself or by way of other tables, to rows that are only known when this table's are. Match by columns that refer to nothing.`,
  );
}
