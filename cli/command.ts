// What a command is: a value with its words, and the work.
import type { SyncContract } from "../contracts/sync-contract.ts";
import type { World } from "../deploy/world.ts";
import type { ContractFile } from "./contract-file.ts";
import type { Screen } from "./render/view.ts";

export interface OptionSpec {
  readonly type: "string" | "boolean";
  /** How the value is called in help: `FILE`. */
  readonly value?: string;
  readonly description: string;
}

export interface Command {
  readonly name: string;
  /** One line for the list of commands; no full stop. */
  readonly summary: string;
  /** What it does, for its own help. */
  readonly description: string;
  /** Positional arguments, the required ones first: `RUN`, `[STAGE]`. */
  readonly parameters: readonly string[];
  readonly options: Readonly<Record<string, OptionSpec>>;
  /**
   * Where log lines go when `--log` does not say. `file`: beside the state, for commands that draw while stages work.
   * `stderr`: for one that does nothing but work. `warnings`: on standard error, and only from warnings up.
   */
  readonly log: "file" | "stderr" | "warnings";
  run(context: CommandContext): Promise<CommandResult>;
  /** The same without the pipeline's world, where the options ask for that: else undefined. Throws UsageError. */
  runApart?(context: Omit<CommandContext, "world">): Promise<CommandResult> | undefined;
  /** Where there is no contract yet; without this, that is an error. Throws UsageError. */
  runFirst?(context: FirstContext): Promise<CommandResult>;
}

/** What there is without a contract. */
export type FirstContext = Omit<CommandContext, "world" | "contract" | "places">;

export interface CommandContext {
  readonly contract: SyncContract;
  /** As the operator named it, for messages. */
  readonly contractFile: string;
  /** The same, absolute. */
  readonly contractPath: string;
  /** Where each part of the contract stands, for messages. */
  readonly places: ContractFile["places"];
  readonly world: World;
  /** By parameter name: `RUN`. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly options: Readonly<Record<string, string | boolean>>;
  /** Where progress is shown while the command works; its result goes elsewhere. */
  readonly screen: Screen;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Aborts on Ctrl-C. */
  readonly signal: AbortSignal;
}

export interface CommandResult {
  readonly exitCode: 0 | 1 | 130;
  /** What `--json` prints, on one document. */
  readonly json: unknown;
  /** What is printed without it; nothing where it is empty. */
  readonly text: string;
}

/** Shown in every command's help. */
export const EXIT_CODES = [
  ["0", "it is done"],
  ["1", "it failed, or the run did, or there is drift"],
  ["2", "the command line is wrong"],
  ["130", "interrupted by Ctrl-C"],
] as const;
