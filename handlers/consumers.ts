// Who consumes which event, without the code that does the work: what a world subscribes, and a function loads one of.
import type { DefinedEvent } from "../events/define-event.ts";
import {
  AbandonRequested,
  DeadLettered,
  DumpFinalized,
  ExportDone,
  Masked,
  Preserved,
  ReplicaLoaded,
  RollbackRequested,
  SyncRequested,
} from "../events/index.ts";

export interface Consumer {
  /** Its subscription's name: a stage's, `abandon`, `rollback` or `dead-letter`. */
  readonly name: string;
  readonly on: DefinedEvent<string, unknown>;
}

/** Not a stage: it works on runs that are closed to these. */
export const ABANDON = "abandon";
/** Not a stage: it undoes what a run that is over has done. */
export const ROLLBACK = "rollback";
/** Not a stage either: it takes what these could not, so nothing takes what it cannot. */
export const DEAD_LETTER = "dead-letter";

/** All of them, the stages in the order in which a run meets them. */
export const consumers = [
  { name: "export-production", on: SyncRequested },
  { name: "dump-finalized", on: DumpFinalized },
  { name: "load-replica", on: ExportDone },
  { name: "mask", on: ReplicaLoaded },
  { name: "preserve", on: Masked },
  { name: "export-replica", on: Preserved },
  { name: "load-staging", on: ExportDone },
  { name: ABANDON, on: AbandonRequested },
  { name: ROLLBACK, on: RollbackRequested },
  { name: DEAD_LETTER, on: DeadLettered },
] as unknown as readonly Consumer[];
