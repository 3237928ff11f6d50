// What a delivery needs beside the stage and the message; a world puts it together.
import type { Platform } from "../contracts/platform.ts";
import type { Logger } from "../contracts/stage.ts";
import type { SyncContract } from "../contracts/sync-contract.ts";

export interface StageDeps {
  readonly contract: SyncContract;
  readonly platform: Platform;
  readonly settings: StageSettings;
  readonly log: Logger;
  /** This function instance or process; told in a lease for the operator who wonders. */
  readonly owner: string;
  /** Aborts when the process has to end: the stage stops as if its time were up. */
  readonly signal?: AbortSignal;
}

export interface StageSettings {
  /** How long a delivery may take. A push request ends at 600 s: what is not done by then goes on in a continuation. */
  readonly budgetMs: number;
  /** How long it takes until nobody waits for the delivery any more; absent where somebody always does. */
  readonly cutOffMs?: number;
  /** How long a claim is believed without a sign of life; too short and a busy stage is taken for dead. */
  readonly leaseMs: number;
  /** How often the lease is renewed and progress stored; each is a write to the run store. */
  readonly heartbeatMs: number;
}
