// The command line: what is understood, and how what is not is told.
import assert from "node:assert/strict";
import { test } from "node:test";
import { parseCommandLine, UsageError } from "../../cli/arguments.ts";
import { commands } from "../../cli/commands/index.ts";

const RUN = "20261122-021500-000-4f9a2c";

for (const [words, name, parameters, options] of [
  ["sync", "sync", {}, {}],
  ["sync --json", "sync", {}, { json: true }],
  ["check --contract my.yaml", "check", {}, { contract: "my.yaml" }],
  ["check --contract=my.yaml --log=-odd-name", "check", {}, { contract: "my.yaml", log: "-odd-name" }],
  [`show ${RUN}`, "show", { RUN }, {}],
  [`show --follow ${RUN} --json`, "show", { RUN }, { follow: true, json: true }],
  [`replay ${RUN}`, "replay", { RUN }, {}],
  [`replay ${RUN} mask --follow`, "replay", { RUN, STAGE: "mask" }, { follow: true }],
  [`abandon ${RUN} --reason x`, "abandon", { RUN }, { reason: "x" }],
  ["runs --limit 5", "runs", {}, { limit: "5" }],
] as const) {
  test(`\`understudy ${words}\` is understood`, () => {
    const line = parseCommandLine(words.split(" "), commands);
    assert.ok(line.kind === "command");
    assert.deepEqual(
      { name: line.command.name, parameters: line.parameters, options: line.options },
      { name, parameters, options },
    );
  });
}

for (const [words, kind, about] of [
  ["--help", "help", undefined],
  ["-h", "help", undefined],
  ["help", "help", undefined],
  ["help show", "help", "show"],
  ["show --help", "help", "show"], // also where RUN is missing
  ["show -h", "help", "show"],
  ["--version", "version", undefined],
] as const) {
  test(`\`understudy ${words}\` asks for ${kind}${about ? ` about ${about}` : ""}`, () => {
    const line = parseCommandLine(words.split(" "), commands);
    assert.equal(line.kind, kind);
    assert.equal(line.kind === "help" ? line.command?.name : undefined, about);
  });
}

for (const [words, message, command] of [
  ["", "No command is given.", undefined],
  ["snyc", "There is no command `snyc`. Did you mean `sync`?", undefined],
  ["frobnicate", "There is no command `frobnicate`.", undefined],
  ["constructor", "There is no command `constructor`.", undefined],
  ["help shwo", "There is no command `shwo`. Did you mean `show`?", undefined],
  ["--verison", "There is no option `--verison`. Did you mean `--version`?", undefined],
  ["sync --jsn", "There is no option `--jsn`. Did you mean `--json`?", "sync"],
  ["sync --follow", "There is no option `--follow`.", "sync"],
  ["sync --constructor", "There is no option `--constructor`. Did you mean `--contract`?", "sync"],
  ["sync -x", "There is no option `-x`.", "sync"],
  ["sync --contract", "`--contract` needs a value: `--contract FILE`.", "sync"],
  ["sync --contract --json", "`--contract` needs a value: `--contract FILE`.", "sync"],
  ["sync --contract=", "`--contract` needs a value: `--contract FILE`.", "sync"],
  ["sync --json=yes", "`--json` takes no value.", "sync"],
  ["sync now", "`now` is one argument too many.", "sync"],
  ["show", "RUN is missing.", "show"],
  [`show ${RUN} more`, "`more` is one argument too many.", "show"],
] as const) {
  test(`\`understudy ${words}\` is refused: ${message}`, () => {
    assert.throws(
      () => parseCommandLine(words.split(" ").filter(Boolean), commands),
      (error) => {
        assert.ok(error instanceof UsageError);
        assert.deepEqual({ message: error.message, command: error.command }, { message, command });
        return true;
      },
    );
  });
}
