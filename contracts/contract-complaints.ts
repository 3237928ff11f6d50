// Turns what the schema refuses into complaints: a path, a place in the file, a sentence. Never a value that may be a
// secret: values are quoted only where a known word was expected.
import type { z } from "zod";
import { nearest } from "./nearest.ts";
import { property } from "./plain-data.ts";
import type { Path, Place, YamlSource } from "./yaml-source.ts";

export interface Complaint {
  /** `masking.tables.users.email`; empty for the file as a whole. */
  readonly path: string;
  readonly place: Place;
  readonly message: string;
  /** CONTRACT_INVALID where it is left out. */
  readonly code?: string;
}

type Issue = z.core.$ZodIssue;

/** One complaint a path, for everything in `error`. */
export function complaintsOf(error: z.ZodError, schema: z.ZodType, source: YamlSource): Complaint[] {
  const issues = error.issues.flatMap((issue) => unfold(issue, []));
  const known = (path: Path) => knownKeys(schema, path);
  const unknown = issues.flatMap((issue) => unknownKeys(issue, known(issue.path), source));
  const suggested = new Set(unknown.map(({ suggestion }) => suggestion));
  const others = issues
    .filter(({ code, path }) => code !== "unrecognized_keys" && !suggested.has(pathText(path)))
    .map((issue) => describe(issue, source));
  return uniqueByPath([...unknown.map(({ complaint }) => complaint), ...others]);
}

/** `preserve[0].table` for `["preserve", 0, "table"]`. */
export function pathText(path: Path): string {
  return path
    .map((step, i) => (typeof step === "number" ? `[${step}]` : `${i > 0 ? "." : ""}${String(step)}`))
    .join("");
}

/** `` `preserve[0].table` ``, or the file where the path is empty: the beginning of a sentence. */
export function subject(path: Path): string {
  return path.length === 0 ? "The file" : `\`${pathText(path)}\``;
}

/** A union's issues as those of the one alternative whose kind of value it is, or the union's own where none is. */
function unfold(issue: Issue, above: Path): Issue[] {
  const path = [...above, ...issue.path];
  if (issue.code === "invalid_union") {
    const meant = issue.errors.find((branch) => branch.every(isWithin));
    if (meant) return meant.flatMap((inner) => unfold(inner, path));
  }
  return [{ ...issue, path: [...path] }];
}

/** The value was of the right kind, and something within it is wrong. */
function isWithin(issue: Issue): boolean {
  return issue.path.length > 0 || issue.code === "unrecognized_keys";
}

function describe(issue: Issue, source: YamlSource): Complaint {
  const path = pathText(issue.path);
  if (isMissing(issue, source)) {
    return { path, place: source.placeOfKey(issue.path), message: `${subject(issue.path)} is missing.` };
  }
  const message = issue.message.replace(/^Invalid input:/, "is refused:");
  return { path, place: source.placeOfValue(issue.path), message: `${subject(issue.path)} ${message}` };
}

function isMissing({ path }: Issue, { value }: YamlSource): boolean {
  const found = path.reduce(property, value);
  return found === undefined || (path.length === 0 && found === null);
}

/** Each unknown key, and the path of the known key that it was probably meant to be. */
function unknownKeys(issue: Issue, known: readonly string[], source: YamlSource) {
  if (issue.code !== "unrecognized_keys") return [];
  return issue.keys.map((key) => {
    const path = [...issue.path, key];
    const meant = nearest(key, known);
    return {
      suggestion: meant === undefined ? undefined : pathText([...issue.path, meant]),
      complaint: {
        path: pathText(path),
        place: source.placeOfKey(path),
        message: unknownKey(issue.path, key, meant, known),
      },
    };
  });
}

/**
 * In a map that holds a secret a key is quoted only when it is nearly a known one: the comma in
 * `{ password: s3cret,word }` makes a key of the password's end.
 */
function unknownKey(parent: Path, key: string, meant: string | undefined, known: readonly string[]): string {
  const where = parent.length === 0 ? "" : ` in \`${pathText(parent)}\``;
  if (meant !== undefined) return `Unknown key \`${key}\`${where}. Did you mean \`${meant}\`?`;
  const quoted = known.includes("password") || known.includes("key") ? "" : ` \`${key}\``;
  return `Unknown key${quoted}${where}. Known are ${known.map((name) => `\`${name}\``).join(", ")}.`;
}

/** The keys that the schema has at `path`. */
function knownKeys(schema: z.ZodType, path: Path): string[] {
  const at = path.reduce<JsonSchema | undefined>(
    (node, step) => child(node, step),
    schema.toJSONSchema({ io: "input" }),
  );
  return [...new Set(alternatives(at).flatMap(({ properties }) => Object.keys(properties ?? {})))];
}

type JsonSchema = z.core.JSONSchema.BaseSchema;

function child(node: JsonSchema | undefined, step: PropertyKey): JsonSchema | undefined {
  for (const { properties, additionalProperties, items } of alternatives(node)) {
    const found = typeof step === "number" ? items : (properties?.[String(step)] ?? additionalProperties);
    if (typeof found === "object" && !Array.isArray(found)) return found;
  }
  return undefined;
}

function alternatives(node: JsonSchema | undefined): JsonSchema[] {
  if (node === undefined) return [];
  return [node, ...(node.anyOf ?? []).flatMap((inner) => (typeof inner === "object" ? alternatives(inner) : []))];
}

function uniqueByPath(complaints: readonly Complaint[]): Complaint[] {
  return [...Map.groupBy(complaints, ({ path }) => path).values()].flatMap((same) => same.slice(0, 1));
}
