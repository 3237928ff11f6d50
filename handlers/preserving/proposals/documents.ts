// The values inside a JSON document that have a name, each with its path: some of them may be ids. Pure.
import { isMap } from "../../../contracts/plain-data.ts";
import { wordsOf } from "./words.ts";

export interface NamedValue {
  /** `$.company_id`, `$.items[*].user.id`. */
  readonly path: string;
  /** Of its name; an `id` is called after what it is in: `user`, `id`. */
  readonly words: readonly string[];
  readonly value: string | number;
}

/** Deeper is a tree of the application's own, not a row's settings. */
const MOST_STEPS = 8;

/** Nothing for a text that is no document. */
export function valuesInDocument(text: string): NamedValue[] {
  try {
    return valuesIn(JSON.parse(text) as unknown, "$", [], MOST_STEPS);
  } catch {
    return [];
  }
}

function valuesIn(value: unknown, path: string, words: readonly string[], steps: number): NamedValue[] {
  if (steps === 0) return [];
  if (Array.isArray(value)) return value.flatMap((item) => valuesIn(item, `${path}[*]`, singular(words), steps - 1));
  if (isMap(value)) {
    return Object.entries(value).flatMap(([name, inner]) => {
      const step = stepTo(name);
      const own = wordsOf(name);
      const called = own.join() === "id" || own.length === 0 ? [...words, ...own] : own;
      return step === undefined ? [] : valuesIn(inner, path + step, called, steps - 1);
    });
  }
  const isValue = (typeof value === "number" && Number.isSafeInteger(value)) || typeof value === "string";
  return isValue && words.length > 1 ? [{ path, words, value }] : [];
}

/** `user_ids` is a list of `user_id`. */
function singular(words: readonly string[]): readonly string[] {
  return words.at(-1) === "ids" ? [...words.slice(0, -1), "id"] : words;
}

/** As `references` writes it; undefined for a name that it cannot write, and for a number: a map by id has no path. */
function stepTo(name: string): string | undefined {
  if (/^[\p{L}\p{N}_-]+$/u.test(name)) return /^\d+$/.test(name) ? undefined : `.${name}`;
  return name === "" || /["\\]/.test(name) ? undefined : `."${name}"`;
}
