// All events, in the order in which a run meets them.
import { AbandonRequested } from "./abandon-requested.ts";
import { DeadLettered } from "./dead-lettered.ts";
import type { DefinedEvent } from "./define-event.ts";
import { DumpFinalized } from "./dump-finalized.ts";
import { ExportDone } from "./export-done.ts";
import { Masked } from "./masked.ts";
import { Preserved } from "./preserved.ts";
import { ReplicaLoaded } from "./replica-loaded.ts";
import { RollbackRequested } from "./rollback-requested.ts";
import { SyncRequested } from "./sync-requested.ts";
import { Synced } from "./synced.ts";

export {
  AbandonRequested,
  DeadLettered,
  DumpFinalized,
  ExportDone,
  Masked,
  Preserved,
  ReplicaLoaded,
  RollbackRequested,
  SyncRequested,
  Synced,
};

/** Every event by its name, which is its topic too. */
export const eventsByName: ReadonlyMap<string, DefinedEvent<string, unknown>> = new Map<
  string,
  DefinedEvent<string, unknown>
>(
  [
    SyncRequested,
    DumpFinalized,
    ExportDone,
    ReplicaLoaded,
    Masked,
    Preserved,
    Synced,
    AbandonRequested,
    RollbackRequested,
    DeadLettered,
  ].map((event) => [event.name, event]),
);
