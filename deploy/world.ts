// Which world a contract is for. Everything else of the code gets a World and does not ask.
import type { Platform } from "../contracts/platform.ts";
import type { Logger } from "../contracts/stage.ts";
import type { SyncContract } from "../contracts/sync-contract.ts";
import type { StageSettings } from "../handlers/stage.ts";
import { openLocalWorld } from "./local/world.ts";

export interface World {
  readonly platform: Platform;
  /** Delivers events in this process, in a world that has no functions of its own to do it. */
  readonly work?: {
    start(): void;
    /** Resolves when the stages at work have saved how far they are. */
    stop(): Promise<void>;
  };
  close(): Promise<void>;
}

export interface WorldOptions {
  /** The contract's own directory: relative paths start from it. */
  readonly baseDirectory: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly log: Logger;
  readonly settings?: Partial<StageSettings>;
}

/** Opens the world that a contract's instances are in. */
export function openWorld(contract: SyncContract, options: WorldOptions): Promise<World> {
  return openLocalWorld(contract, options);
}
