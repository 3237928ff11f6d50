// Where in the text of a JSON document the values at a path stand, so that they alone can be replaced.
import type { PathStep } from "../../masking/documents/paths.ts";

/** A number or text in a document; `start` and `end` as indexes into its text, quotes included. */
export interface JsonPlace {
  readonly start: number;
  readonly end: number;
  /** A number as it is written; a text as it reads. */
  readonly value: string;
  readonly isText: boolean;
}

/**
 * The numbers and texts at the path, in the order of the document. Of a key that an object has twice all values count:
 * which of them a program reads is its own affair.
 *
 * @returns undefined for a text that is no JSON, or too deeply nested to search
 */
export function jsonPlaces(text: string, path: readonly PathStep[]): JsonPlace[] | undefined {
  const places: JsonPlace[] = [];
  try {
    JSON.parse(text);
    walk(text, skipSpace(text, 0), path, places);
  } catch {
    // No JSON, or nested so deep that walking it takes more stack than there is.
    return undefined;
  }
  return places;
}

const LITERAL = /-?\d[\d.eE+-]*|true|false|null/y;
const STRING = /"(?:[^"\\]|\\.)*"/y;

/** Walks one value that begins at `start`; the path's rest holds for it, or undefined where the path leads elsewhere. */
function walk(text: string, start: number, path: readonly PathStep[] | undefined, places: JsonPlace[]): number {
  const first = text[start];
  const end =
    first === "{"
      ? walkObject(text, start, path, places)
      : first === "["
        ? walkArray(text, start, path, places)
        : scalarEnd(text, start);
  const written = text.slice(start, end);
  const isText = first === '"';
  if (path?.length === 0 && (isText || /^[-\d]/.test(written))) {
    places.push({ start, end, isText, value: isText ? (JSON.parse(written) as string) : written });
  }
  return end;
}

function walkObject(text: string, start: number, path: readonly PathStep[] | undefined, places: JsonPlace[]): number {
  let at = skipSpace(text, start + 1);
  while (text[at] !== "}") {
    const keyEnd = scalarEnd(text, at);
    const key = path && path.length > 0 ? (JSON.parse(text.slice(at, keyEnd)) as string) : "";
    at = skipSpace(text, skipSpace(text, keyEnd) + 1);
    const inside = step(
      path,
      (next) => next === "any-key" || (typeof next === "object" && "key" in next && next.key === key),
    );
    at = skipComma(text, walk(text, at, inside, places));
  }
  return at + 1;
}

function walkArray(text: string, start: number, path: readonly PathStep[] | undefined, places: JsonPlace[]): number {
  let at = skipSpace(text, start + 1);
  for (let index = 0; text[at] !== "]"; index++) {
    const inside = step(
      path,
      (next) => next === "any-index" || (typeof next === "object" && "index" in next && next.index === index),
    );
    at = skipComma(text, walk(text, at, inside, places));
  }
  return at + 1;
}

/** The path below a member, or undefined where it does not lead there. */
function step(
  path: readonly PathStep[] | undefined,
  leads: (next: PathStep) => boolean,
): readonly PathStep[] | undefined {
  const next = path?.[0];
  return next !== undefined && leads(next) ? path?.slice(1) : undefined;
}

function scalarEnd(text: string, start: number): number {
  const pattern = text[start] === '"' ? STRING : LITERAL;
  pattern.lastIndex = start;
  return start + (pattern.exec(text)?.[0].length ?? 1);
}

function skipSpace(text: string, start: number): number {
  let at = start;
  while (/[ \t\r\n]/.test(text[at] ?? "")) at++;
  return at;
}

function skipComma(text: string, start: number): number {
  const at = skipSpace(text, start);
  return text[at] === "," ? skipSpace(text, at + 1) : at;
}
