// Which columns change on the way into the copy: ids that are given anew, what a match or a mask changes, and through
// foreign keys whatever refers to them.
import type { ForeignKey, Schema } from "../mysql/schema.ts";
import { highestInteger } from "./plan-columns.ts";
import { idOf } from "./plan-ids.ts";
import type { FollowingColumn, PlannedId } from "./preserve-plan.ts";

export interface Moves {
  /** By table. */
  readonly ids: ReadonlyMap<string, PlannedId>;
  readonly following: readonly FollowingColumn[];
  movingOf(table: string): string[];
}

/** A column, and the columns that it refers to by one foreign key each. */
interface Node {
  readonly table: string;
  readonly column: string;
  readonly follows: { readonly parent: Node; readonly reference: number }[];
}

/**
 * @param foreignKeys those that `tables` hold; `following` refers to them by index
 * @param changing columns of a table that change for another reason than their id
 */
export function planMoves(
  tables: ReadonlySet<string>,
  foreignKeys: readonly ForeignKey[],
  staging: Schema,
  copy: Schema,
  changing: (table: string) => readonly string[] = () => [],
): Moves {
  const graph = graphOf(tables, foreignKeys);
  const ids = [...tables].flatMap((table) => {
    const id = idOf(table, foreignKeys, staging, copy);
    return id === undefined ? [] : [graph.node(table, id)];
  });
  const others = [...tables].flatMap((table) => changing(table).map((column) => graph.node(table, column)));
  const roots = new Set([...ids, ...others]);
  const moving = new Set(graph.nodes().filter((node) => leadsTo(node, roots)));
  const order = new Map(parentsFirst([...moving]).map((node, i) => [node, i]));
  const place = (node: Node) => order.get(node) ?? Infinity;
  const following = [...moving]
    .toSorted((a, b) => place(a) - place(b))
    .map((node) => ({
      table: node.table,
      column: node.column,
      // In a circle of foreign keys one leads back to a column whose value is not known yet. It is checked, not followed.
      references: node.follows
        .filter(({ parent }) => moving.has(parent) && place(parent) < place(node))
        .map(({ reference }) => reference),
    }))
    .filter(({ references }) => references.length > 0);
  return {
    ids: new Map(ids.map((root) => [root.table, plannedId(root, moving, copy)])),
    following,
    movingOf: (table) => [...moving].filter((node) => node.table === table).map((node) => node.column),
  };
}

function graphOf(tables: ReadonlySet<string>, foreignKeys: readonly ForeignKey[]) {
  const nodes = new Map<string, Node>();
  const node = (table: string, column: string): Node => {
    const name = JSON.stringify([table, column]);
    const found = nodes.get(name) ?? { table, column, follows: [] };
    nodes.set(name, found);
    return found;
  };
  for (const [reference, key] of foreignKeys.entries()) {
    if (!tables.has(key.parentTable)) continue;
    for (const [i, column] of key.columns.entries()) {
      node(key.table, column).follows.push({ parent: node(key.parentTable, key.parentColumns[i] ?? ""), reference });
    }
  }
  return { node, nodes: () => [...nodes.values()] };
}

/** Depth first; a column stands after those that it follows, but for the one that closes a circle. */
function parentsFirst(nodes: readonly Node[]): Node[] {
  const order = new Set<Node>();
  const entered = new Set<Node>();
  const visit = (node: Node): void => {
    if (entered.has(node)) return;
    entered.add(node);
    for (const { parent } of node.follows) visit(parent);
    order.add(node);
  };
  for (const node of nodes) visit(node);
  return [...order];
}

function leadsTo(start: Node, targets: ReadonlySet<Node>): boolean {
  const seen = new Set([start]);
  for (const node of seen) {
    if (targets.has(node)) return true;
    for (const { parent } of node.follows) seen.add(parent);
  }
  return false;
}

/** The id may grow as far as the narrowest integer column that follows it. */
function plannedId(root: Node, moving: ReadonlySet<Node>, copy: Schema): PlannedId {
  const followers = [...moving].filter((node) => leadsTo(node, new Set([root])));
  const limits = followers.flatMap(({ table, column: name }) => {
    const column = copy.tables.get(table)?.columns.find((candidate) => candidate.name === name);
    const limit = column ? highestInteger(column) : 0n;
    // A text or a document holds any.
    return limit > 0n ? [limit] : [];
  });
  const [first = 0n, ...rest] = limits;
  return { column: root.column, max: String(rest.reduce((least, limit) => (limit < least ? limit : least), first)) };
}
