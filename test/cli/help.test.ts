// Help and usage, as `main` prints them without opening anything.
import assert from "node:assert/strict";
import { tmpdir } from "node:os";
import { test } from "node:test";
import { commands } from "../../cli/commands/index.ts";
import { main } from "../../cli/main.ts";
import { openPipe } from "./screen.ts";

async function run(words: string): Promise<{ code: number; stdout: string; stderr: string }> {
  const [stdout, stderr] = [openPipe(), openPipe()];
  const code = await main(words.split(" ").filter(Boolean), {
    stdout,
    stderr,
    environment: {},
    workingDirectory: tmpdir(),
    signal: new AbortController().signal,
    openWorld: () => Promise.reject(new Error("No world is needed for this.")),
  });
  return { code, stdout: stdout.text(), stderr: stderr.text() };
}

test("--help lists every command with its parameters and its summary", async () => {
  const { code, stdout } = await run("--help");
  assert.equal(code, 0);
  for (const { name, parameters, summary } of commands) {
    const line = stdout.split("\n").find((candidate) => candidate.startsWith(`  ${[name, ...parameters].join(" ")} `));
    assert.ok(line?.endsWith(`  ${summary}`), name);
  }
});

for (const { name, options } of commands) {
  test(`${name} has a help of its own with its options and the exit codes`, async () => {
    const { code, stdout, stderr } = await run(`${name} --help`);
    assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
    assert.match(stdout, new RegExp(`^Usage: understudy ${name}\\b`));
    for (const option of [...Object.keys(options), "contract", "log", "json", "help"]) {
      assert.match(stdout, new RegExp(`^  (-h, )?--${option}\\b.*\\.$`, "m"));
    }
    assert.match(stdout, /Exit codes:\n {2}0 /);
  });
}

test("help fits a terminal of 120 columns", async () => {
  for (const words of ["--help", ...commands.map(({ name }) => `${name} --help`)]) {
    for (const line of (await run(words)).stdout.split("\n")) assert.ok(line.length <= 120, line);
  }
});

for (const [words, stderr] of [
  ["", "No command is given.\n`understudy --help` tells what there is.\n"],
  ["show", "RUN is missing.\n`understudy show --help` tells what there is.\n"],
  ["sync --jsn", "There is no option `--jsn`. Did you mean `--json`?\n`understudy sync --help` tells what there is.\n"],
] as const) {
  test(`\`understudy ${words}\` is a wrong command line: exit code 2, and where to read more`, async () => {
    assert.deepEqual(await run(words), { code: 2, stdout: "", stderr });
  });
}

test("with --json a wrong command line is told as JSON too", async () => {
  const { code, stdout } = await run("show --json");
  assert.equal(code, 2);
  assert.deepEqual(JSON.parse(stdout), { error: { code: "USAGE", message: "RUN is missing." } });
});
