// Which test files a run has, and which of them need Google's emulators.
import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { ROOT } from "./source-files.ts";

/** Who imports it, at whatever remove, talks to an emulator. */
const EMULATOR_HOST = join(ROOT, "test/gcp/emulator-host.ts");

/** The folders and files of the gcp world's tests, below test/. */
const GCP = /^(?:gcp\/|deploy\/gcp\/|pipeline-gcp\/|platform\/gcp-)/;

export interface TestFiles {
  /** Absolute paths, in the order of their names, which is the order in which node starts them. */
  readonly files: readonly string[];
  /** Whether arguments named them, rather than all being meant. */
  readonly named: boolean;
  /** The arguments that name no file: node's own options with their values. */
  readonly options: readonly string[];
}

/** Divides a command line into test files (by path, folder or pattern) and the rest; `--gcp` leaves the gcp world's. */
export function findTestFiles(args: readonly string[]): TestFiles {
  const gcp = args.includes("--gcp");
  const rest = args.filter((arg) => arg !== "--gcp" && arg !== "--require-emulators");
  const found = rest.map((arg) => (arg.startsWith("-") ? [] : match(arg)));
  const named = found.flat();
  const files = named.length > 0 ? named : match(join(ROOT, "test"));
  return {
    files: [...new Set(files)].filter((path) => !gcp || GCP.test(relative(join(ROOT, "test"), path))).toSorted(),
    named: named.length > 0,
    options: rest.filter((_arg, index) => found[index]?.length === 0),
  };
}

function match(pattern: string): string[] {
  return globSync([pattern, join(pattern, "**/*.test.ts")])
    .filter((path) => path.endsWith(".ts"))
    .map((path) => resolve(path));
}

/** Whether a file imports emulator-host.ts, itself or through other files. */
export function needsEmulators(path: string, seen = new Set<string>()): boolean {
  if (path === EMULATOR_HOST) return true;
  if (seen.has(path) || !existsSync(path)) return false; // some tests write down imports that lead nowhere
  seen.add(path);
  const imports = readFileSync(path, "utf8").matchAll(/(?:\bfrom|\bimport)\s*\(?\s*"(\.[^"\n]+\.ts)"/g);
  return [...imports].some(([, specifier = ""]) => needsEmulators(join(dirname(path), specifier), seen));
}
