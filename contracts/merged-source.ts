// A contract and the files that it extends, as one: the merged value, and each thing's place in the file that says it.
import { isMap, property, recordOf } from "./plain-data.ts";
import type { Path, YamlSource } from "./yaml-source.ts";

/** These are maps that are put together by their keys. Anything else is one file's whole: a table's rule, a server. */
const MERGED: readonly Path[] = [[], ["masking"], ["masking", "tables"]];

/** @param sources the contract first, then what it extends, each after the one that names it */
export function mergeSources(sources: readonly [YamlSource, ...YamlSource[]]): YamlSource {
  const [own, ...bases] = sources;
  if (bases.length === 0) return own;
  const owner = (path: Path) => ownerOf(sources, path);
  return {
    problems: sources.flatMap(({ problems }) => problems),
    value: mergeAt(
      [],
      sources.map(({ value }) => value),
    ),
    placeOfValue: (path) => owner(path).placeOfValue(path),
    placeOfKey: (path) => owner(path).placeOfKey(path),
    plainText: (path) => owner(path).plainText(path),
  };
}

/** The first of `values` that is there, with the maps among the others filling in what it lacks. */
function mergeAt(path: Path, values: readonly unknown[]): unknown {
  const there = values.filter((value) => value !== undefined);
  const [first] = there;
  if (!isMerged(path) || !isMap(first)) return first;
  const maps = there.filter(isMap);
  const keys = new Set(maps.flatMap((map) => Object.keys(map)));
  return recordOf(
    [...keys].map((key) => {
      const at = [...path, key];
      return [
        key,
        mergeAt(
          at,
          maps.map((map) => property(map, key)),
        ),
      ] as const;
    }),
  );
}

/** The first file that has what stands at `path`, or the nearest thing above it that one has. */
function ownerOf(sources: readonly [YamlSource, ...YamlSource[]], path: Path): YamlSource {
  // Below a whole that one file says, another file's is not meant.
  const end = path.findIndex((_, i) => !isMerged(path.slice(0, i)));
  for (let length = end === -1 ? path.length : end; length > 0; length--) {
    const at = path.slice(0, length);
    const found = sources.find(({ value }) => at.reduce(property, value) !== undefined);
    if (found) return found;
  }
  return sources[0];
}

function isMerged(path: Path): boolean {
  return MERGED.some((merged) => merged.length === path.length && merged.every((step, i) => step === path[i]));
}
