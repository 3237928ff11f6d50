// In which order it is decided what rows become: a column that follows another waits for it, a match for the columns that
// it compares and for those that it then sets, an id for the match and for the rest of its key.
import { FatalError } from "../../contracts/errors.ts";
import { onlyFollows } from "./follow.ts";
import { tableOf, type FollowingColumn, type PlannedTable, type PreservePlan } from "./preserve-plan.ts";

export type Decision =
  | { readonly kind: "follow"; readonly table: string; readonly column: FollowingColumn }
  | { readonly kind: "match" | "renumber"; readonly table: string };

/** Decisions about the rows of one table that one statement can take; most often all of them. */
export type Decided = readonly [Decision, ...Decision[]];

/** Decisions that one statement takes: the table whose work rows they write, and the tables whose rows they read. */
interface Placed {
  readonly table: string;
  readonly decisions: [Decision, ...Decision[]];
  readonly reads: Set<string>;
  round: number;
}

/**
 * Decisions in rounds, in their order: those of one round write to tables that no other of that round reads or writes.
 *
 * @throws FatalError `PRESERVE_MATCH_UNFIT` for a match that waits for itself
 */
export function decisionRounds(plan: PreservePlan): Decided[][] {
  const all = decisionsOf(plan);
  const byTable = Map.groupBy(all, ({ table }) => table);
  const placed: Placed[] = [];
  for (const decision of all) {
    const { table } = decision;
    const reads = readBy(plan, decision);
    const fellows = placed.findLast((other) => other.table === table);
    const meeting = (read: ReadonlySet<string>) =>
      placed.filter(
        (other) => other !== fellows && (other.table === table || read.has(other.table) || other.reads.has(table)),
      );
    const round = 1 + Math.max(-1, ...meeting(reads).map((other) => other.round));
    const joins = fellows && canJoin(plan, decision, fellows.decisions, byTable);
    // They go to a later round with it, where nobody who comes after them looks at what they decide.
    if (joins && meeting(fellows.reads).every((other) => other.round < fellows.round)) {
      fellows.decisions.push(decision);
      for (const read of reads) fellows.reads.add(read);
      fellows.round = Math.max(fellows.round, round);
    } else {
      placed.push({ table, decisions: [decision], reads, round: Math.max(round, 1 + (fellows?.round ?? -1)) });
    }
  }
  const rounds = [...Map.groupBy(placed, (each) => each.round)].toSorted(([a], [b]) => a - b);
  return rounds.map(([, each]) => each.map(({ decisions }) => decisions));
}

/** Whether one statement can take it along with others of the table. */
function canJoin(
  plan: PreservePlan,
  decision: Decision,
  fellows: readonly Decision[],
  byTable: ReadonlyMap<string, Decision[]>,
): boolean {
  if (![decision, ...fellows].every((each) => isSimple(plan, each))) return false;
  return !awaitedBy(plan, decision, byTable).some((other) => fellows.includes(other));
}

/** Whether it is an assignment, of a value that a statement can have along with others. */
function isSimple(plan: PreservePlan, decision: Decision): boolean {
  if (decision.kind === "follow") return onlyFollows(plan, decision.column);
  const { columns, id } = tableOf(plan, decision.table);
  return decision.kind === "renumber" && columns.some(({ name, integer }) => name === id?.column && integer);
}

/** The tables whose work rows a decision reads beside those that it writes. */
function readBy(plan: PreservePlan, decision: Decision): Set<string> {
  return new Set(decision.kind === "follow" ? parentsOf(plan, decision.column).map(({ table }) => table) : []);
}

/**
 * Every decision of a plan, each after those that it waits for. In a circle of foreign keys somebody waits in vain: what
 * is decided too early is found by the check.
 *
 * @throws FatalError `PRESERVE_MATCH_UNFIT` for a match that waits for itself
 */
export function decisionsOf(plan: PreservePlan): Decision[] {
  // A table's ids last, beside what the same rows follow.
  const all = parentsFirst(plan).flatMap(({ name: table, match, id }): Decision[] => [
    ...(match ? [{ kind: "match", table } as const] : []),
    ...followingOf(plan, table).map((column) => ({ kind: "follow", table, column }) as const),
    ...(id ? [{ kind: "renumber", table } as const] : []),
  ]);
  const byTable = Map.groupBy(all, ({ table }) => table);
  const ordered = new Set<Decision>();
  const waiting: Decision[] = [];
  const visit = (decision: Decision): void => {
    if (ordered.has(decision)) return;
    if (waiting.includes(decision)) return refuseCircle(waiting.slice(waiting.indexOf(decision)));
    waiting.push(decision);
    for (const other of awaitedBy(plan, decision, byTable)) visit(other);
    waiting.pop();
    ordered.add(decision);
  };
  for (const decision of all) visit(decision);
  return [...ordered];
}

/** The plan's tables, each after those that its columns follow, but for circles of them. */
function parentsFirst(plan: PreservePlan): PlannedTable[] {
  const ordered: PlannedTable[] = [];
  const visited = new Set<string>();
  const visit = (table: PlannedTable): void => {
    if (visited.has(table.name)) return;
    visited.add(table.name);
    for (const column of followingOf(plan, table.name))
      for (const parent of parentsOf(plan, column)) visit(tableOf(plan, parent.table));
    ordered.push(table);
  };
  for (const table of plan.tables) visit(table);
  return ordered;
}

function followingOf({ following }: PreservePlan, table: string): FollowingColumn[] {
  return following.filter((column) => column.table === table);
}

function awaitedBy(plan: PreservePlan, decision: Decision, byTable: ReadonlyMap<string, Decision[]>): Decision[] {
  if (decision.kind === "follow") {
    return parentsOf(plan, decision.column).flatMap(({ table, column }) =>
      (byTable.get(table) ?? []).filter((other) => decides(plan, other, column)),
    );
  }
  const { key, match } = tableOf(plan, decision.table);
  const awaited = decision.kind === "match" ? [...(match?.columns ?? []), ...(match?.adopted ?? [])] : key;
  return (byTable.get(decision.table) ?? []).filter((other) =>
    other.kind === "follow" ? awaited.includes(other.column.column) : other.kind === "match" && other !== decision,
  );
}

/** The columns that a column follows. */
function parentsOf(plan: PreservePlan, { column, references }: FollowingColumn) {
  return references.flatMap((i) => {
    const reference = plan.references[i];
    const parent = reference?.parentColumns[reference.columns.indexOf(column)];
    return reference && parent !== undefined ? [{ table: reference.parentTable, column: parent }] : [];
  });
}

/** Whether the decision changes the column of its table. */
function decides(plan: PreservePlan, decision: Decision, column: string): boolean {
  const { id, match } = tableOf(plan, decision.table);
  if (decision.kind === "follow") return decision.column.column === column;
  if (decision.kind === "renumber") return id?.column === column;
  return match !== null && [...match.adopted, match.renamed?.column].includes(column);
}

/** A circle of foreign keys alone is none of a match's. */
function refuseCircle(circle: readonly Decision[]): void {
  const match = circle.find(({ kind }) => kind === "match");
  if (!match) return;
  throw new FatalError(
    "PRESERVE_MATCH_UNFIT",
    `\`match\` of \`${match.table}\`: a column in it, or in a key that production's row keeps, refers, by itself or by way of other tables, to rows that are only known when this table's are. Match by columns that refer to nothing, or use another \`on_match\`.`,
  );
}
