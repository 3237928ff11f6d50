// A JSON document with every value replaced as its path says. Numbers stay as they are written, however long.
import type { MaskingTransform } from "../transforms/transform.ts";
import { below, parsePath, pathTree, type PathTree } from "./paths.ts";

/** What holds at a path. */
export type PathTransform = MaskingTransform | { readonly name: "keep" };
export type DocumentPaths = PathTree<PathTransform>;

/** A text or number that the server masks. */
export interface Leaf {
  readonly transform: MaskingTransform;
  readonly kind: "text" | "integer" | "number";
  /** As it is written: a number's digits, a text without its quotes. */
  readonly original: string;
  /** Puts the masked value in its place; null for NULL. */
  put(masked: string | null): void;
}

/** Numbers as they are written: https://github.com/tc39/proposal-json-parse-with-source */
interface ExactJson {
  parse(
    text: string,
    reviver: (key: string, value: unknown, context: { readonly source?: string }) => unknown,
  ): unknown;
  rawJSON(text: string): object;
  isRawJSON(value: unknown): value is { readonly rawJSON: string };
}
const exact = JSON as unknown as ExactJson;

export function documentPaths(paths: Readonly<Record<string, PathTransform>>): DocumentPaths {
  return pathTree(Object.entries(paths).map(([path, transform]) => [parsePath(path) ?? [], transform] as const));
}

export interface OpenDocument {
  /** To be masked by the server; others are done. */
  readonly leaves: readonly Leaf[];
  /** The document after all leaves have been put. */
  write(): string;
}

/**
 * Takes a document apart. What no path names is redacted: texts to asterisks, numbers to 0, true to false. Keys are kept;
 * of two equal keys the last one, as the server reads them. A text that is no JSON becomes `{}`.
 */
export function openDocument(text: string, paths: DocumentPaths): OpenDocument {
  const leaves: Leaf[] = [];
  const root: Record<string, unknown> = {};
  try {
    root["value"] = exact.parse(text, (_key, value, { source }) =>
      typeof value === "number" && source !== undefined ? exact.rawJSON(source) : value,
    );
  } catch {
    return { leaves, write: () => "{}" };
  }
  mask(root, "value", [paths], paths.value, leaves);
  return { leaves, write: () => JSON.stringify(root["value"]) };
}

function mask(
  parent: object,
  key: string | number,
  trees: readonly DocumentPaths[],
  inherited: PathTransform | undefined,
  leaves: Leaf[],
): void {
  const value: unknown = Reflect.get(parent, key);
  const transform = trees.find((tree) => tree.value !== undefined)?.value ?? inherited;
  // Not by assignment: a key may be `__proto__`.
  const put = (next: unknown) =>
    void Object.defineProperty(parent, key, { value: next, enumerable: true, writable: true, configurable: true });
  if (transform?.name === "null") return put(null);
  if (Array.isArray(value)) {
    for (const index of value.keys()) mask(value, index, below(trees, index), transform, leaves);
    return;
  }
  if (value !== null && typeof value === "object" && !exact.isRawJSON(value)) {
    for (const name of Object.keys(value)) mask(value, name, below(trees, name), transform, leaves);
    return;
  }
  if (transform?.name === "keep" || value === null) return;
  maskScalar(value, transform ?? { name: "redact" }, put, leaves);
}

function maskScalar(value: unknown, transform: MaskingTransform, put: (next: unknown) => void, leaves: Leaf[]): void {
  if (typeof value === "string") {
    if (transform.name === "redact" || transform.name === "noise") return put("*".repeat(Array.from(value).length));
    leaves.push({ transform, kind: "text", original: value, put });
    return;
  }
  if (!exact.isRawJSON(value)) return put(false);
  const original = value.rawJSON;
  if (transform.name === "redact" || transform.name === "empty") return put(0);
  const isInteger = /^-?\d{1,18}$/.test(original);
  const kind = transform.name === "noise" ? (isInteger ? "integer" : "number") : "text";
  // A number stays one where its new value reads as one.
  leaves.push({ transform, kind, original, put: (masked) => put(isNumber(masked) ? exact.rawJSON(masked) : masked) });
}

/** By JSON's grammar: https://www.rfc-editor.org/rfc/rfc8259#section-6 */
function isNumber(text: string | null): text is string {
  return text !== null && /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:e[+-]?\d+)?$/i.test(text);
}
