// A YAML text with places: its value as plain data, and the line and column of anything in it.
import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument, type Document, type Node, type Pair } from "yaml";

export interface Place {
  /** As it was named to readYaml. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** In UTF-16 units, from 1. */
  readonly column: number;
}

/** `sync.yaml:3:14`, as editors follow it. */
export function tellPlace({ file, line, column }: Place): string {
  return `${file}:${line}:${column}`;
}

/** For sorting: files in the alphabet's order, places in the file's. */
export function comparePlaces(a: Place, b: Place): number {
  return a.file.localeCompare(b.file) || a.line - b.line || a.column - b.column;
}

/** `line 3`, or the whole place where that is another file than `here`. */
export function tellLine(place: Place, here: Place): string {
  return place.file === here.file ? `line ${place.line}` : tellPlace(place);
}

export type Path = readonly PropertyKey[];

export interface SyntaxProblem {
  readonly place: Place;
  readonly message: string;
}

export interface YamlSource {
  /** What is wrong with it as YAML; where there is something, `value` is not to be trusted. */
  readonly problems: readonly SyntaxProblem[];
  readonly value: unknown;
  /** Where the value at `path` begins, or the nearest ancestor's that there is. */
  placeOfValue(path: Path): Place;
  /** Where the key at `path` begins; 1:1 for the document itself. */
  placeOfKey(path: Path): Place;
  /** A scalar as it is written, without quotes resolved into another type; undefined for anything else. */
  plainText(path: Path): string | undefined;
}

/**
 * Reads YAML 1.2 with anchors, aliases and `<<` merges. Keys are strings: `null:` and `1:` name columns too.
 *
 * @param file how places name it; nothing is read from it
 */
export function readYaml(text: string, file: string): YamlSource {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, merge: true, stringKeys: true });
  const placeAt = (offset: number | undefined): Place => {
    if (offset === undefined) return { file, line: 1, column: 1 };
    const { line, col } = lines.linePos(offset);
    return { file, line, column: col };
  };
  const problems = [...document.errors, ...document.warnings].map(({ code, pos }) => ({
    place: placeAt(pos[0]),
    message: SENTENCES[code] ?? "This is not YAML.",
  }));
  return {
    ...valueOf(document, problems, placeAt),
    placeOfValue: (path) => {
      const { value, key } = find(document, path);
      return placeAt(offsetOf(value) ?? offsetOf(key));
    },
    placeOfKey: (path) => placeAt(offsetOf(find(document, path).key)),
    plainText: (path) => {
      const { value } = find(document, path);
      return isScalar(value) && value.type === "PLAIN" ? value.source : undefined;
    },
  };
}

/** The library's own sentences quote the text that they are about, and that may be a secret. */
const SENTENCES: Readonly<Record<string, string>> = {
  BAD_INDENT: "The indentation does not fit the lines above.",
  BAD_SCALAR_START: "A value that begins with this character must stand in quotes.",
  BLOCK_AS_IMPLICIT_KEY: "A map cannot begin within this line: is a quote or a line break missing?",
  DUPLICATE_KEY: "This key stands twice in its map.",
  MISSING_CHAR: "A closing quote or bracket, a colon or a space is missing.",
  MULTIPLE_DOCS: "A second document begins here; a contract is one document.",
  NON_STRING_KEY: "A key must be text.",
  TAB_AS_INDENT: "Indentation is by spaces; here is a tab.",
  TAG_RESOLVE_FAILED: "Tags such as `!name` have no meaning here.",
};

/** Plain data, or the problem that keeps an alias from having any. */
function valueOf(
  document: Document,
  problems: readonly SyntaxProblem[],
  placeAt: (offset?: number) => Place,
): Pick<YamlSource, "value" | "problems"> {
  if (problems.length > 0) return { value: undefined, problems };
  try {
    return { value: document.toJS(), problems };
  } catch {
    const message = "An alias refers to an anchor that is not set before it, or the aliases expand too far.";
    return { value: undefined, problems: [{ place: placeAt(offsetOf(firstBadAlias(document))), message }] };
  }
}

function firstBadAlias(document: Document): Node | undefined {
  let bad: Node | undefined;
  walk(document.contents, (node) => {
    if (bad === undefined && isAlias(node) && node.resolve(document) === undefined) bad = node;
  });
  return bad;
}

function walk(node: unknown, visit: (node: Node) => void): void {
  if (isAlias(node) || isScalar(node)) visit(node);
  else if (isSeq(node)) for (const item of node.items) walk(item, visit);
  else if (isMap(node)) for (const { value } of node.items) walk(value, visit);
}

interface Found {
  readonly key?: unknown;
  readonly value: unknown;
}

/** Follows `path` through maps, lists, aliases and merges, as far as it exists. */
function find(document: Document, path: Path): Found {
  let found: Found = { value: document.contents };
  for (const step of path) {
    const parent = resolve(document, found.value);
    const next = isMap(parent)
      ? findPair(document, parent.items, String(step))
      : isSeq(parent)
        ? { key: parent.items[Number(step)], value: parent.items[Number(step)] }
        : undefined;
    if (next === undefined) return found;
    found = next;
  }
  return found;
}

function findPair(document: Document, pairs: readonly Pair[], name: string): Found | undefined {
  const own = pairs.find(({ key }) => isScalar(key) && key.value === name);
  if (own) return own;
  for (const { key, value } of pairs) {
    if (!isScalar(key) || key.value !== "<<") continue;
    const merged = resolve(document, value);
    for (const source of isSeq(merged) ? merged.items : [merged]) {
      const map = resolve(document, source);
      const pair = isMap(map) ? findPair(document, map.items, name) : undefined;
      if (pair) return pair;
    }
  }
  return undefined;
}

function resolve(document: Document, node: unknown): unknown {
  return isAlias(node) ? node.resolve(document) : node;
}

function offsetOf(node: unknown): number | undefined {
  if (!isAlias(node) && !isScalar(node) && !isMap(node) && !isSeq(node)) return undefined;
  return node.range?.[0];
}
