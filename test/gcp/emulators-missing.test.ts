// Where Google's emulators are missing: what to install is said, and who asked for their tests sees a failure.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { type TestContext, test } from "node:test";
import { promisify } from "node:util";
import { afterTest } from "../support/cleanup.ts";
import { ROOT } from "../support/source-files.ts";
import { findTestFiles, needsEmulators } from "../support/test-files.ts";
import { startEmulators } from "./emulators.ts";

test("what is missing is said in words", async (t) => {
  const folder = await folderWith(t, []);
  await assert.rejects(startEmulators(folder, { PATH: folder }), /^Error: no java: install default-jre-headless$/);
  const java = await folderWith(t, ["java"]);
  await assert.rejects(startEmulators(folder, { PATH: java }), /^Error: no gcloud: install the gcloud SDK/);
  await assert.rejects(
    startEmulators(folder, { PATH: java, CLOUDSDK_ROOT_DIR: folder }),
    /^Error: no gcloud SDK with pubsub-emulator: `gcloud components install pubsub-emulator`/,
  );
  await assert.rejects(
    startEmulators(folder, { PATH: java, CLOUDSDK_ROOT_DIR: folder, PUBSUB_EMULATOR_HOST: "127.0.0.1:1" }),
    /^Error: no gcloud SDK with cloud-firestore-emulator: .* apt-get install google-cloud-cli-firestore-emulator$/,
  );
});

test("emulators whose addresses are given are used, and nothing is started or looked for", async (t) => {
  const given = { PUBSUB_EMULATOR_HOST: "127.0.0.1:1", FIRESTORE_EMULATOR_HOST: "127.0.0.1:2" };
  const folder = await folderWith(t, []);
  assert.deepEqual((await startEmulators(folder, { ...given, PATH: folder })).environment, given);
});

test("a run that asks for the gcp world's tests fails without them, in one line", async (t) => {
  const folder = await folderWith(t, []);
  const run = promisify(execFile)(process.execPath, [join(ROOT, "test/run.ts"), "--gcp"], {
    // No servers are started for it either.
    env: { PATH: folder, UNDERSTUDY_TEST_SERVERS: "[]", NODE_OPTIONS: "--disable-warning=ExperimentalWarning" },
  });
  await assert.rejects(run, ({ code, stdout, stderr }: { code: number; stdout: string; stderr: string }) => {
    assert.equal(code, 1);
    assert.equal(stdout, "");
    assert.match(stderr, /^Google's emulators: no java: [^\n]*\. Not tested: the \d+ test files that need them\.\n$/);
    return true;
  });
});

test("test files that talk to an emulator are known by their imports", () => {
  const all = findTestFiles([]).files.filter((path) => needsEmulators(path));
  const needing = all.map((path) => relative(join(ROOT, "test"), path));
  assert.ok(needing.includes("gcp/emulators.test.ts"));
  assert.ok(needing.includes("platform/gcp-run-store.test.ts")); // through another file
  assert.ok(!needing.includes("gcp/emulators-missing.test.ts"));
  assert.deepEqual(
    needing.filter((path) => !/gcp/.test(path)),
    [],
  );
});

test("a command line is divided into test files and node's own options", () => {
  const files = (...args: string[]) => findTestFiles(args).files.map((path) => path.slice(ROOT.length + 1));
  const file = join(ROOT, "test/gcp/emulators.test.ts");
  assert.deepEqual(findTestFiles(["--test-name-pattern", "twice", file]), {
    files: [file],
    named: true,
    options: ["--test-name-pattern", "twice"],
  });
  assert.deepEqual(files(join(ROOT, "test/events")), files(join(ROOT, "test/events/*.test.ts")));
  assert.ok(files().includes("test/events/run-id.test.ts"));
  assert.ok(files("--gcp").includes("test/gcp/emulators.test.ts"));
  assert.ok(!files("--gcp").includes("test/events/run-id.test.ts"));
});

/** A folder to search programs in, with empty ones of these names. */
async function folderWith(t: TestContext, programs: readonly string[]): Promise<string> {
  const folder = await mkdtemp(join(process.env["UNDERSTUDY_TEST_DIRECTORY"] ?? tmpdir(), "programs-"));
  afterTest(t, () => rm(folder, { recursive: true }));
  for (const name of programs) await writeFile(join(folder, name), "#!/bin/sh\n", { mode: 0o700 });
  return folder;
}
