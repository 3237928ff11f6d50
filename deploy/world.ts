// Which world a contract is for. Everything else of the code gets a World and does not ask.
import type { Finding } from "../contracts/examination.ts";
import type { Platform } from "../contracts/platform.ts";
import type { Logger } from "../contracts/stage.ts";
import type { SyncContract } from "../contracts/sync-contract.ts";
import type { RollbackRequested } from "../events/index.ts";
import type { RunId } from "../events/run-id.ts";
import type { StageSettings } from "../handlers/stage.ts";

export interface World {
  readonly platform: Platform;
  /** How often to look at a run that is followed, where each look costs something. */
  readonly lookEveryMs?: number;
  /** Delivers events in this process, in a world that has no functions of its own to do it. */
  readonly work?: {
    start(): void;
    /** Resolves when the stages at work have saved how far they are. */
    stop(): Promise<void>;
  };
  /**
   * Gives a run up, or asks for it and waits until it is: see handlers/abandon.ts.
   *
   * @throws FatalError `RUN_UNKNOWN`, `RUN_CLOSED`
   */
  abandon(runId: RunId, reason: string): Promise<void>;
  /**
   * Rolls staging back, or asks for it and waits until it is: see handlers/rollback.ts.
   *
   * @throws FatalError `ROLLBACK_NOTHING`, `ROLLBACK_RUN_ACTIVE`
   */
  rollBack(request: RollbackRequested["data"]): Promise<void>;
  /** Checks everything that a run needs, before the first one, and changes nothing. Errors are findings. */
  examine(): AsyncIterable<Finding>;
  close(): Promise<void>;
}

export interface WorldOptions {
  /** The contract's own directory: relative paths start from it. */
  readonly baseDirectory: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly log: Logger;
  readonly settings?: Partial<StageSettings>;
}

/** Opens the world that a contract's instances are in. The other one's code, and its libraries, are not loaded. */
export async function openWorld(contract: SyncContract, options: WorldOptions): Promise<World> {
  if (contract.kind === "servers") return (await import("./local/world.ts")).openLocalWorld(contract, options);
  return (await import("./gcp/world.ts")).openGcpWorld(contract, options);
}
