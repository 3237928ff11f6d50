// The operator's program: reads the command line, opens the contract's world, runs the command, prints its result.
import { resolve } from "node:path";
import type { Writable } from "node:stream";
import manifest from "../package.json" with { type: "json" };
import type { openWorld } from "../deploy/world.ts";
import { parseCommandLine, type CommandLine } from "./arguments.ts";
import type { CommandResult } from "./command.ts";
import { commands } from "./commands/index.ts";
import { isContractThere, readContract } from "./contract-file.ts";
import { failureOf, failureText } from "./failure.ts";
import { commandHelp, generalHelp } from "./help.ts";
import { openLog } from "./log.ts";
import type { Screen } from "./render/view.ts";

/** What the program has from the process that it runs in. */
export interface Shell {
  readonly stdout: Writable;
  readonly stderr: Screen;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly workingDirectory: string;
  /** Aborts on Ctrl-C. */
  readonly signal: AbortSignal;
  readonly openWorld: typeof openWorld;
}

/** Runs the command that `words` (after `understudy`) ask for. Resolves with the exit code; never throws. */
export async function main(words: readonly string[], shell: Shell): Promise<number> {
  const json = words.includes("--json");
  try {
    const line = parseCommandLine(words, commands);
    if (line.kind !== "command") {
      shell.stdout.write(`${textFor(line)}\n`);
      return 0;
    }
    const result = await runCommand(line, shell);
    const text = json ? JSON.stringify(result.json, null, 2) : result.text;
    if (text !== "") shell.stdout.write(`${text}\n`);
    return result.exitCode;
  } catch (error) {
    const { exitCode, ...told } = failureOf(error);
    if (json) shell.stdout.write(`${JSON.stringify({ error: told }, null, 2)}\n`);
    shell.stderr.write(`${failureText(error)}\n`);
    return exitCode;
  }
}

async function runCommand(line: Extract<CommandLine, { kind: "command" }>, shell: Shell): Promise<CommandResult> {
  const { command, parameters, options } = line;
  const { environment, workingDirectory, signal, stderr: screen } = shell;
  const contractFile = wordOf(options["contract"]) ?? "sync.yaml";
  const contractPath = resolve(workingDirectory, contractFile);
  const given = { contractFile, contractPath, parameters, options, screen, environment, signal };
  if (command.runFirst && !(await isContractThere(contractPath))) return command.runFirst(given);
  const { contract, places, directory } = await readContract(contractFile, workingDirectory);
  const file = wordOf(options["log"]);
  const { pipeline } = contract;
  const log = openLog({ destination: command.log, file, workingDirectory, baseDirectory: directory, pipeline });
  const context = { ...given, contract, places };
  const apart = command.runApart?.(context);
  if (apart) return apart;
  const world = await shell.openWorld(contract, { baseDirectory: directory, environment, log });
  try {
    return await command.run({ ...context, world });
  } finally {
    await world.close();
  }
}

function textFor(line: Exclude<CommandLine, { kind: "command" }>): string {
  if (line.kind === "help") return line.command ? commandHelp(line.command) : generalHelp(commands);
  return manifest.version;
}

function wordOf(option: string | boolean | undefined): string | undefined {
  return typeof option === "string" ? option : undefined;
}
