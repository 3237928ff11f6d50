// The import rule: events ← contracts ← handlers ← deploy, cli; cloud SDKs in deploy/gcp alone; engines without events.
// It is held twice: by reading every import here, and by the linter, which is shown to report each kind of violation.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { copyFile, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, normalize } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { afterTest } from "./support/cleanup.ts";
import { ROOT, sourceFiles } from "./support/source-files.ts";

const LAYERS = ["events", "contracts", "handlers", "deploy", "cli"];
const ENGINES = ["dump", "masking", "preserving", "swapping", "mysql"];
const VENDOR = /^(?:@google-cloud|@googleapis|googleapis|google-auth-library)(?:\/|$)/;

/** Why a file may not import that, or undefined where it may. `target` is a path in the repository or a package. */
function violation(path: string, target: string): string | undefined {
  if (VENDOR.test(target)) return path.startsWith("deploy/gcp/") ? undefined : "a cloud SDK outside deploy/gcp";
  const [layer = "", engine = ""] = path.split("/");
  const [targetLayer = ""] = target.split("/");
  if (layer === "contracts" && /^(?:mysql2|pino)(?:\/|$)/.test(target)) return "a driver in contracts";
  if (targetLayer === "test") return "a test";
  if (LAYERS.indexOf(targetLayer) > LAYERS.indexOf(layer)) return `${targetLayer} from ${layer}`;
  if (targetLayer === "events" && layer === "handlers" && ENGINES.includes(engine)) return "an event in an engine";
  return undefined;
}

/** What a file imports, also for types and at run time: paths in the repository, or packages. */
function importsOf(path: string, text: string): string[] {
  return [...text.matchAll(/(?:\bfrom|\bimport)\s*\(?\s*["']([^"'\n]+)["']/g)].map(([, specifier = ""]) =>
    specifier.startsWith(".") ? normalize(join(dirname(path), specifier)) : specifier,
  );
}

test("every import points to a layer below, and every engine folder is there", () => {
  const files = sourceFiles(...LAYERS);
  assert.ok(files.length > 100, `${files.length} files were read`);
  const imports = files.flatMap(({ path, text }) => importsOf(path, text).map((target) => ({ path, target })));
  assert.ok(imports.length > 300, `${imports.length} imports were found`);
  const violations = imports.filter(({ path, target }) => violation(path, target) !== undefined);
  assert.deepEqual(violations, []);
  for (const engine of ENGINES)
    assert.ok(
      files.some(({ path }) => path.startsWith(`handlers/${engine}/`)),
      engine,
    );
});

/** File, import, and whether it is allowed: what this test and the linter must agree on. */
const CASES: readonly (readonly [path: string, specifier: string, allowed: boolean])[] = [
  ["events/planted.ts", "./masked.ts", true],
  ["events/planted.ts", "../contracts/run.ts", false],
  ["events/planted.ts", "../handlers/stage.ts", false],
  ["events/planted.ts", "../deploy/local/bus.ts", false],
  ["events/planted.ts", "../cli/log.ts", false],
  ["contracts/planted.ts", "../events/masked.ts", true],
  ["contracts/planted.ts", "../handlers/stage.ts", false],
  ["contracts/planted.ts", "../deploy/local/bus.ts", false],
  ["contracts/planted.ts", "../cli/log.ts", false],
  ["contracts/planted.ts", "mysql2/promise", false],
  ["contracts/planted.ts", "pino", false],
  ["handlers/planted.ts", "../events/masked.ts", true],
  ["handlers/planted.ts", "../contracts/run.ts", true],
  ["handlers/planted.ts", "../deploy/local/bus.ts", false],
  ["handlers/planted.ts", "../cli/log.ts", false],
  ["handlers/planted.ts", "../test/support/cleanup.ts", false],
  ["handlers/state/planted.ts", "../../events/masked.ts", true],
  ["handlers/state/planted.ts", "../../deploy/local/bus.ts", false],
  ...ENGINES.map((engine) => [`handlers/${engine}/planted.ts`, "../../contracts/run.ts", true] as const),
  ...ENGINES.map((engine) => [`handlers/${engine}/planted.ts`, "../../events/masked.ts", false] as const),
  ...ENGINES.map((engine) => [`handlers/${engine}/planted.ts`, "../../deploy/local/bus.ts", false] as const),
  ["handlers/mysql/planted.ts", "mysql2/promise", true],
  ["deploy/local/planted.ts", "../../handlers/stage.ts", true],
  ["deploy/local/planted.ts", "../../cli/log.ts", false],
  ["deploy/gcp/planted.ts", "../../cli/log.ts", false],
  ["cli/planted.ts", "../deploy/local/bus.ts", true],
  ...["@google-cloud/pubsub", "@googleapis/sqladmin", "googleapis"].flatMap((sdk) => [
    ...LAYERS.map((layer) => [`${layer}/planted.ts`, sdk, false] as const),
    ["deploy/local/planted.ts", sdk, false] as const,
    ["deploy/gcp/planted.ts", sdk, true] as const,
  ]),
];

test("the rule as it is read here knows each kind of violation", () => {
  for (const [path, specifier, allowed] of CASES) {
    for (const line of [`import { a } from "${specifier}";`, `export { a } from "${specifier}";`]) {
      const [target = ""] = importsOf(path, line);
      assert.equal(violation(path, target) === undefined, allowed, `${path}: ${line}`);
    }
  }
  assert.deepEqual(importsOf("cli/a.ts", 'import "x"; await import("../b.ts"); import type { C } from "./c.ts"'), [
    ...["x", "b.ts", "cli/c.ts"],
  ]);
});

test("the linter reports each kind of violation, and nothing that is allowed", async (t) => {
  const directory = await mkdtemp(join(tmpdir(), "import-rule-"));
  afterTest(t, () => rm(directory, { recursive: true, force: true }));
  await copyFile(join(ROOT, ".oxlintrc.json"), join(directory, ".oxlintrc.json"));
  const planted = CASES.map(([path, specifier, allowed], index) => ({
    path: path.replace("planted", `planted-${index}`),
    text: `export { a } from "${specifier}";\n`,
    allowed,
  }));
  for (const { path, text } of planted) {
    await mkdir(dirname(join(directory, path)), { recursive: true });
    await writeFile(join(directory, path), text);
  }
  const reported = await lint(directory);
  for (const { path, text, allowed } of planted) {
    assert.equal(!reported.has(path), allowed, `${path}: ${text}`);
  }
});

/** The files in which the linter reports a restricted import. */
async function lint(directory: string): Promise<Set<string>> {
  const program = join(ROOT, "node_modules/oxlint/bin/oxlint");
  const run = promisify(execFile)(process.execPath, [program, "--format=json"], { cwd: directory });
  const { stdout } = await run.catch((error: { stdout: string }) => error); // it found something
  const { diagnostics } = JSON.parse(stdout) as { diagnostics: { code: string; filename: string }[] };
  const restricted = diagnostics.filter(({ code }) => code.includes("no-restricted-imports"));
  return new Set(restricted.map(({ filename }) => normalize(filename)));
}

/** Folders of tests that hold for several parts at once, or that tests share. */
const WITHOUT_A_FOLDER = /^test(?:\/(?:platform|pipeline|support|bench|gcp(?:\/.+)?))?$/;

test("every test stands in a folder that mirrors the code's", () => {
  const folders = new Set(sourceFiles("test").map(({ path }) => dirname(path)));
  const strays = [...folders].filter(
    (folder) => !WITHOUT_A_FOLDER.test(folder) && !existsSync(join(ROOT, folder.replace(/^test\//, ""))),
  );
  assert.deepEqual(strays, []);
});
