// The command line: which command, with which parameters and options. What is misspelt gets the nearest known word.
import { parseArgs } from "node:util";
import { didYouMean } from "../contracts/nearest.ts";
import type { Command, OptionSpec } from "./command.ts";

/** The command line is wrong: exit code 2. */
export class UsageError extends Error {
  readonly code = "USAGE";
  /** Whose help explains it. */
  readonly command: string | undefined;
  constructor(message: string, command?: string) {
    super(message);
    this.name = "UsageError";
    this.command = command;
  }
}

export const COMMON_OPTIONS: Readonly<Record<string, OptionSpec>> = {
  contract: { type: "string", value: "FILE", description: "The sync contract; sync.yaml where it is left out." },
  log: { type: "string", value: "FILE", description: "Appends log lines, as JSON, to this file." },
  json: { type: "boolean", description: "Prints the result as JSON." },
  help: { type: "boolean", description: "Prints this text." },
};

const GLOBAL_OPTIONS: Readonly<Record<string, OptionSpec>> = {
  help: { type: "boolean", description: "Prints this text, or a command's." },
  version: { type: "boolean", description: "Prints Understudy's version." },
};

export type CommandLine =
  | { readonly kind: "version" }
  | { readonly kind: "help"; readonly command?: Command }
  | {
      readonly kind: "command";
      readonly command: Command;
      readonly parameters: Readonly<Record<string, string>>;
      readonly options: Readonly<Record<string, string | boolean>>;
    };

/** Reads the words after `understudy`. Throws UsageError. */
export function parseCommandLine(words: readonly string[], commands: readonly Command[]): CommandLine {
  const [first, ...rest] = words;
  if (first === undefined || first.startsWith("-")) return parseGlobal(words);
  if (first === "help")
    return { kind: "help", ...(rest[0] !== undefined && { command: commandOf(rest[0], commands) }) };
  const command = commandOf(first, commands);
  const specs = { ...command.options, ...COMMON_OPTIONS };
  const { options, positionals } = parseWords(rest, specs, command.name);
  if (options["help"]) return { kind: "help", command };
  return { kind: "command", command, parameters: parametersOf(command, positionals), options };
}

function parseGlobal(words: readonly string[]): CommandLine {
  const { options } = parseWords(words, GLOBAL_OPTIONS);
  if (options["version"]) return { kind: "version" };
  if (options["help"]) return { kind: "help" };
  throw new UsageError("No command is given.");
}

function commandOf(name: string, commands: readonly Command[]): Command {
  const command = commands.find((known) => known.name === name);
  if (command) return command;
  const hint = didYouMean(name, [...commands.map((known) => known.name), "help"]);
  throw new UsageError(`There is no command \`${name}\`.${hint}`);
}

function parseWords(words: readonly string[], specs: Readonly<Record<string, OptionSpec>>, command?: string) {
  const options: Record<string, string | boolean> = {};
  const positionals: string[] = [];
  const types = Object.fromEntries(
    Object.entries(specs).map(([name, { type }]) => [name, { type, ...(name === "help" && { short: "h" }) }]),
  );
  // Not strict: its messages know no nearest word.
  const { tokens } = parseArgs({
    args: [...words],
    options: types,
    strict: false,
    tokens: true,
    allowPositionals: true,
  });
  for (const token of tokens) {
    if (token.kind === "positional") positionals.push(token.value);
    if (token.kind === "option") options[token.name] = valueOf(token, specs, command);
  }
  return { options, positionals };
}

type OptionToken = { name: string; rawName: string; value?: string | undefined; inlineValue?: boolean | undefined };

function valueOf(
  { name, rawName, value, inlineValue }: OptionToken,
  specs: Readonly<Record<string, OptionSpec>>,
  command: string | undefined,
): string | boolean {
  const spec = Object.hasOwn(specs, name) ? specs[name] : undefined;
  if (!spec) {
    const known = Object.keys(specs).map((option) => `--${option}`);
    throw new UsageError(`There is no option \`${rawName}\`.${didYouMean(rawName, known)}`, command);
  }
  if (spec.type === "boolean") {
    if (value === undefined) return true;
    throw new UsageError(`\`${rawName}\` takes no value.`, command);
  }
  // `--log --json` forgot the file's name; `--log=--json` means it.
  if (value !== undefined && value !== "" && (inlineValue || !value.startsWith("-"))) return value;
  throw new UsageError(`\`${rawName}\` needs a value: \`${rawName} ${spec.value ?? "VALUE"}\`.`, command);
}

function parametersOf({ name, parameters }: Command, given: readonly string[]): Record<string, string> {
  const extra = given[parameters.length];
  if (extra !== undefined) throw new UsageError(`\`${extra}\` is one argument too many.`, name);
  const missing = parameters[given.length];
  if (missing !== undefined && !missing.startsWith("[")) throw new UsageError(`${missing} is missing.`, name);
  return Object.fromEntries(given.map((value, i) => [(parameters[i] ?? "").replaceAll(/[[\]]/g, ""), value]));
}
