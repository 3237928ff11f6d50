// A contract's text with those of the files that it extends: found by name, and read by whoever has them.
import { posix } from "node:path";
import { FatalError } from "./errors.ts";
import { property } from "./plain-data.ts";
import { readYaml, tellPlace } from "./yaml-source.ts";

export interface ContractText {
  /** How complaints name the file, and how `read` finds it. */
  readonly name: string;
  readonly text: string;
}

/**
 * The contract, then the file that it extends, and so on: as parseSyncContract takes them.
 *
 * `extends: base.yaml` is relative to the file that says so. What is no relative path is left for the parser to refuse.
 *
 * @param read gives a file's text, or undefined where it cannot be read
 * @throws FatalError `CONTRACT_NOT_FOUND` for a file that is extended; `CONTRACT_EXTENDS_CYCLE`
 * @returns undefined where the contract itself cannot be read
 */
export async function readContractFiles(
  name: string,
  read: (name: string) => Promise<string | undefined>,
): Promise<readonly [ContractText, ...ContractText[]] | undefined> {
  const text = await read(name);
  if (text === undefined) return undefined;
  const bases: ContractText[] = [];
  let last: ContractText = { name, text };
  for (let base = baseOf(last); base !== undefined; base = baseOf(last)) {
    const { place, file } = base;
    const cycle = [name, ...bases.map((each) => each.name)].map((each) => posix.normalize(each));
    if (cycle.includes(file)) {
      throw new FatalError(
        "CONTRACT_EXTENDS_CYCLE",
        `${place}: \`${file}\` extends itself: ${[...cycle.slice(cycle.indexOf(file)), file].map((each) => `\`${each}\``).join(", then ")}. Remove one \`extends\`.`,
      );
    }
    const found = await read(file);
    if (found === undefined) {
      throw new FatalError(
        "CONTRACT_NOT_FOUND",
        `${place}: \`${file}\` cannot be read. \`extends\` names a file relative to the one that it stands in.`,
      );
    }
    last = { name: file, text: found };
    bases.push(last);
  }
  return [{ name, text }, ...bases];
}

/**
 * The SQL files of `after`, by the names that the contract gives them: each relative to the file that names it.
 *
 * @param files the contract and what it extends
 * @returns without those that cannot be read: the parser says which
 */
export async function readScripts(
  files: readonly ContractText[],
  read: (name: string) => Promise<string | undefined>,
): Promise<ReadonlyMap<string, string>> {
  for (const { name, text } of files) {
    const after = property(readYaml(text, name).value, "after");
    if (after === undefined) continue;
    const named = (Array.isArray(after) ? after : []).filter(
      (file) => typeof file === "string" && isRelativeFile(file),
    );
    const found = await Promise.all(
      named.map(async (file: string) => [file, await read(posix.join(posix.dirname(name), file))] as const),
    );
    return new Map(found.flatMap(([file, sql]) => (sql === undefined ? [] : [[file, sql] as const])));
  }
  return new Map();
}

/** What a file extends. A file that is no YAML extends nothing: the parser says why. */
function baseOf({ name, text }: ContractText): { readonly file: string; readonly place: string } | undefined {
  const source = readYaml(text, name);
  const base = property(source.value, "extends");
  if (typeof base !== "string" || !isRelativeFile(base)) return undefined;
  return { file: posix.join(posix.dirname(name), base), place: tellPlace(source.placeOfValue(["extends"])) };
}

/** `base.yaml` and `../base.yaml`: what goes along wherever the contract goes. */
export function isRelativeFile(path: string): boolean {
  return path !== "" && !/^[/~]|^[a-z][a-z0-9+.-]*:|\\/i.test(path);
}
