// What a stage is: a value with a name, the event that it consumes, and the work. Delivery is handlers/stage.ts's.
import type { DefinedEvent, Event } from "../events/define-event.ts";
import type { RunId } from "../events/run-id.ts";
import type { ObjectStore, Platform } from "./platform.ts";
import type { Progress } from "./run.ts";
import type { SyncContract } from "./sync-contract.ts";

/** Structured logging, as pino has it: names and counts first, then a sentence. */
export interface Logger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
  child(fields: Record<string, unknown>): Logger;
}

/** The stage's note of how far it is. It outlives the claim: the next one starts from it. */
export interface Checkpoint {
  /** What was saved last, by this claim or one before; undefined at first. */
  readonly value: unknown;
  /** Stores it at once. Throws LeaseLost when the claim is no longer ours. */
  save(value: object): Promise<void>;
}

export interface StageContext {
  readonly runId: RunId;
  readonly contract: SyncContract;
  /** Everything but the bus: a stage returns what to publish. */
  readonly platform: Omit<Platform, "bus">;
  readonly epoch: number;
  readonly checkpoint: Checkpoint;
  /** Renews the lease at once. Throws LeaseLost when the claim is no longer ours: asked before anything is destroyed. */
  readonly confirm: () => Promise<void>;
  /** Cheap to call often: it is stored with the next lease renewal. */
  readonly progress: (progress: Progress) => void;
  /** Aborts when the time budget is spent, or the lease is lost: save a checkpoint and return `waiting()`. */
  readonly signal: AbortSignal;
  /** After so long the delivery is cut off, done or not: for work that no continuation can go on with. Absent: never. */
  readonly cutOffMs?: number;
  readonly log: Logger;
}

export type StageResult =
  | { readonly status: "done"; readonly outputs: readonly Event[]; readonly summary: Readonly<Record<string, unknown>> }
  | { readonly status: "waiting" };

export interface RunOpening {
  /** The pipeline that was asked for, where the event names one. */
  readonly pipeline?: string;
  readonly trigger: "request" | "inbox";
  readonly requestedBy?: string;
}

export interface Stage<Data = unknown> {
  readonly name: string;
  readonly on: DefinedEvent<string, Data>;
  /** False for an event of this kind that is another stage's, or nobody's: filters of a broker are not relied on. */
  accepts?(data: Data, objects: ObjectStore): boolean;
  /** How the run came to be, where this event may open one. */
  opens?(data: Data): RunOpening | undefined;
  /** The stage state (see stageId) that published this event. Without that, the event is not believed. */
  requires?(data: Data): string;
  /** What is left to do for an event that comes when its run is over and needs it no more. */
  afterwards?(data: Data, platform: Pick<Platform, "objects">): Promise<void>;
  /** True for the last stage: with it the run ends as synced. */
  readonly closesRun?: boolean;
  run(event: Event<Data>, context: StageContext): Promise<StageResult>;
}

/** The stage is finished: publish `outputs`; `summary` holds counts for the report. */
export function done(outputs: readonly Event[], summary: Readonly<Record<string, unknown>> = {}): StageResult {
  return { status: "done", outputs, summary };
}

/** Out of time, or waiting for an operation: deliver the event again. */
export function waiting(): StageResult {
  return { status: "waiting" };
}
