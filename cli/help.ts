// Help texts, made from what commands say of themselves.
import { COMMON_OPTIONS } from "./arguments.ts";
import { EXIT_CODES, type Command, type OptionSpec } from "./command.ts";
import { formatTable } from "./render/format.ts";

/** `understudy --help`. */
export function generalHelp(commands: readonly Command[]): string {
  return [
    "Understudy keeps a staging database in production's part: the same schema, the same volume, none of its secrets.",
    "",
    "Usage: understudy COMMAND [options]",
    "",
    "Commands:",
    ...indent(commands.map((command) => [[command.name, ...command.parameters].join(" "), command.summary])),
    "",
    "Options:",
    ...indent([
      ["-h, --help", "Prints this text, or a command's."],
      ["--version", "Prints Understudy's version."],
    ]),
    "",
    ...exitCodes(),
    "",
    "`understudy COMMAND --help` tells more of one. Error codes are explained in docs/errors.md.",
  ].join("\n");
}

/** `understudy COMMAND --help`. */
export function commandHelp({ name, parameters, description, options }: Command): string {
  return [
    `Usage: understudy ${[name, ...parameters].join(" ")} [options]`,
    "",
    description,
    "",
    "Options:",
    ...indent(Object.entries({ ...options, ...COMMON_OPTIONS }).map(([option, spec]) => optionLine(option, spec))),
    "",
    ...exitCodes(),
  ].join("\n");
}

function optionLine(name: string, { value, description }: OptionSpec): [string, string] {
  return [`${name === "help" ? "-h, " : ""}--${name}${value === undefined ? "" : ` ${value}`}`, description];
}

function exitCodes(): string[] {
  return ["Exit codes:", ...indent(EXIT_CODES)];
}

function indent(rows: readonly (readonly string[])[]): string[] {
  return formatTable(rows).map((line) => `  ${line}`);
}
