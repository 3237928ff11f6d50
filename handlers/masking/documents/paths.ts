// Paths into a JSON document: `$.contact.email`, `$.items[*].name`, `$."odd key"`, `$.tags[0]`, `$.*.mail`.

/** A key, a place in an array, or any of either. */
export type PathStep = { readonly key: string } | { readonly index: number } | "any-key" | "any-index";

const STEP =
  /\.(?:(?<key>[\p{L}_$][\p{L}\p{N}_$-]*)|"(?<quoted>(?:[^"\\]|\\.)*)"|(?<star>\*))|\[(?:(?<index>\d{1,9})|(?<every>\*))\]/uy;

/** @returns undefined for what is no path. */
export function parsePath(path: string): PathStep[] | undefined {
  if (!path.startsWith("$")) return undefined;
  const steps: PathStep[] = [];
  STEP.lastIndex = 1;
  while (STEP.lastIndex < path.length) {
    const { key, quoted, star, index } = STEP.exec(path)?.groups ?? {};
    if (key !== undefined) steps.push({ key });
    else if (quoted !== undefined) steps.push({ key: JSON.parse(`"${quoted}"`) as string });
    else if (star !== undefined) steps.push("any-key");
    else if (index !== undefined) steps.push({ index: Number(index) });
    else if (STEP.lastIndex > 0) steps.push("any-index");
    else return undefined;
  }
  return steps;
}

/** Paths as a tree, walked together with a document. */
export interface PathTree<Value> {
  /** What holds at this path, and below it where no longer path says otherwise. */
  value?: Value;
  readonly keys: Map<string, PathTree<Value>>;
  readonly indexes: Map<number, PathTree<Value>>;
  anyKey?: PathTree<Value>;
  anyIndex?: PathTree<Value>;
}

/** @param paths those that parsePath took */
export function pathTree<Value>(paths: Iterable<readonly [readonly PathStep[], Value]>): PathTree<Value> {
  const root = emptyTree<Value>();
  for (const [steps, value] of paths) {
    const node = steps.reduce((parent, step) => grow(parent, step), root);
    node.value = value;
  }
  return root;
}

/** The trees that hold for a child: of its own name first, then of any. */
export function below<Value>(trees: readonly PathTree<Value>[], step: string | number): PathTree<Value>[] {
  const own = trees.flatMap((tree) => (typeof step === "string" ? tree.keys.get(step) : tree.indexes.get(step)) ?? []);
  const any = trees.flatMap((tree) => (typeof step === "string" ? tree.anyKey : tree.anyIndex) ?? []);
  return [...own, ...any];
}

function emptyTree<Value>(): PathTree<Value> {
  return { keys: new Map(), indexes: new Map() };
}

function grow<Value>(parent: PathTree<Value>, step: PathStep): PathTree<Value> {
  if (step === "any-key") return (parent.anyKey ??= emptyTree());
  if (step === "any-index") return (parent.anyIndex ??= emptyTree());
  const [children, name] = "key" in step ? [parent.keys, step.key] : [parent.indexes, step.index];
  const known = (children as Map<string | number, PathTree<Value>>).get(name) ?? emptyTree<Value>();
  (children as Map<string | number, PathTree<Value>>).set(name, known);
  return known;
}
