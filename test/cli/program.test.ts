// The program without servers: help, wrong command lines, contracts, and the commands that only need the run store.
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { property } from "../../contracts/plain-data.ts";
import { RunId } from "../../events/run-id.ts";
import manifest from "../../package.json" with { type: "json" };
import { GOOD, SECRET } from "../contracts/sync-contract-text.ts";
import { afterTest } from "../support/cleanup.ts";
import { start, understudy } from "./understudy.ts";

const UNKNOWN = "20261122-021500-000-4f9a2c";

/** A directory with a contract whose servers nobody runs. */
async function openDirectory(t: TestContext, contract = GOOD): Promise<{ directory: string }> {
  const directory = await mkdtemp(join(tmpdir(), "understudy-cli-"));
  afterTest(t, () => rm(directory, { recursive: true, force: true }));
  await writeFile(join(directory, "sync.yaml"), contract);
  return { directory };
}

test("package.json's bin is a program that can be started", async () => {
  const program = new URL(`../../${manifest.bin.understudy}`, import.meta.url);
  assert.match(await readFile(program, "utf8"), /^#!\/usr\/bin\/env -S node /);
  assert.ok(((await stat(program)).mode & 0o111) > 0, "not executable");
});

test("--version prints the package's version", async (t) => {
  const outcome = await understudy(t, "--version", { directory: tmpdir() });
  assert.deepEqual(outcome, { code: 0, stdout: `${manifest.version}\n`, stderr: "" });
});

test("the program's help is printed by the program", async (t) => {
  const { code, stdout, stderr } = await understudy(t, "show --help", { directory: tmpdir() });
  assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
  assert.match(stdout, /^Usage: understudy show RUN \[options\]\n/);
});

test("a wrong command line ends with exit code 2 and prints nothing on standard output", async (t) => {
  assert.deepEqual(await understudy(t, "snyc", { directory: tmpdir() }), {
    code: 2,
    stdout: "",
    stderr: "There is no command `snyc`. Did you mean `sync`?\n`understudy --help` tells what there is.\n",
  });
});

test("a contract that is not there is named, with what to do", async (t) => {
  const place = await openDirectory(t);
  const { code, stderr } = await understudy(t, "check --contract other.yaml", place);
  assert.equal(code, 1);
  assert.equal(
    stderr,
    "CONTRACT_NOT_FOUND: No sync contract can be read at `other.yaml`. Name it with `--contract FILE`, or have `npx understudy classify` write a first one.\nSee docs/errors.md#contract_not_found\n",
  );
});

test("a contract's mistakes are all told with their places; with --json as JSON too", async (t) => {
  const place = await openDirectory(
    t,
    GOOD.replace("masking:", "maskng:").replace("dumps: .understudy/dumps", "dumps: 7"),
  );
  const { code, stdout, stderr } = await understudy(t, "check --json", place);
  assert.equal(code, 1);
  const message =
    "sync.yaml:5:8: `dumps` is not a directory: a path is expected.\nsync.yaml:7:1: Unknown key `maskng`. Did you mean `masking`?";
  assert.deepEqual(JSON.parse(stdout), { error: { code: "CONTRACT_INVALID", message } });
  assert.equal(stderr, `CONTRACT_INVALID:\n${message}\nSee docs/errors.md#contract_invalid\n`);
});

test("a secret in the contract is refused and printed nowhere", async (t) => {
  const place = await openDirectory(t, GOOD.replace("env:STAGING_PASSWORD", SECRET));
  const { code, stdout, stderr } = await understudy(t, "check --json", place);
  assert.equal(code, 1);
  assert.match(stdout, /staging\.password/);
  assert.ok(!`${stdout}${stderr}`.includes(SECRET));
});

test("a secret that is missing from the environment is named", async (t) => {
  const { code, stderr } = await understudy(t, "check", await openDirectory(t));
  assert.equal(code, 1);
  assert.match(stderr, /^SECRET_MISSING: The environment variable `PRODUCTION_PASSWORD`/);
});

test("a server that does not answer is named", async (t) => {
  const place = await openDirectory(t, GOOD.replace("port: 3401", "port: 1"));
  const { code, stderr } = await understudy(t, "check", { ...place, environment: { PRODUCTION_PASSWORD: "x" } });
  assert.equal(code, 1);
  assert.match(stderr, /^MYSQL_UNREACHABLE: The production server at `127\.0\.0\.1:1` cannot be reached/);
});

test("a request is published and waits for somebody to work; nobody has opened its run yet", async (t) => {
  const place = await openDirectory(t);
  const empty = await understudy(t, "runs", place);
  assert.deepEqual(empty, { code: 0, stdout: "No runs of `shop` yet.\n", stderr: "" });
  assert.deepEqual(JSON.parse((await understudy(t, "runs --json", place)).stdout), []);
  const { code, stdout, stderr } = await understudy(t, "request --json", place);
  assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
  const run = RunId.parse(property(JSON.parse(stdout), "run"));
  const shown = await understudy(t, `show ${run}`, place);
  assert.equal(shown.code, 1);
  assert.match(shown.stderr, /^RUN_UNKNOWN: /);

  const following = start(t, `show ${run} --follow`, place);
  await following.stderr("Waiting for the run to be opened");
  following.child.kill("SIGINT");
  const { code: interrupted, stdout: said } = await following.ended;
  assert.equal(interrupted, 130);
  assert.match(said, /is not opened yet\. Look for it later with `npx understudy show /);
});

test("what to type next names the contract that was named", async (t) => {
  const { directory } = await openDirectory(t);
  await writeFile(join(directory, "my.yaml"), GOOD);
  const { stdout } = await understudy(t, "request --contract=my.yaml", { directory });
  assert.match(stdout, /Carry it out with `npx understudy work --contract my\.yaml`\./);
});

for (const words of [`show ${UNKNOWN}`, `replay ${UNKNOWN}`, `abandon ${UNKNOWN}`]) {
  test(`\`understudy ${words}\` says that there is no such run`, async (t) => {
    const { code, stdout, stderr } = await understudy(t, words, await openDirectory(t));
    assert.equal(code, 1);
    assert.equal(stdout, "");
    assert.match(
      stderr,
      /^RUN_UNKNOWN: Pipeline `shop` has no run `.*`\. `npx understudy runs` lists them\.\nSee docs/,
    );
  });
}

test("a log file that cannot be written is named", async (t) => {
  const place = await openDirectory(t);
  const { code, stderr } = await understudy(t, "runs --log sync.yaml/log", place);
  assert.equal(code, 1);
  assert.match(stderr, /^LOG_UNWRITABLE: The log file `.*sync\.yaml\/log` cannot be written/);
});
