// One example of every event, for tests that hold for all of them.
import type { Event } from "../../events/define-event.ts";
import {
  AbandonRequested,
  DeadLettered,
  DumpFinalized,
  ExportDone,
  Masked,
  Preserved,
  ReplicaLoaded,
  RollbackRequested,
  Synced,
  SyncRequested,
} from "../../events/index.ts";
import { encode, type IncomingMessage } from "../../events/message.ts";

export const RUN_ID = "20261122-021500-000-4f9a2c";
export const PUBLISHED_AT = new Date("2026-11-22T02:15:00.000Z");

export const samples: readonly Event[] = [
  SyncRequested.create({ pipeline: "shop", runId: RUN_ID, requestedBy: "operator" }),
  DumpFinalized.create({
    bucket: "dumps",
    name: `shop/runs/${RUN_ID}/production.sql.gz`,
    generation: "1763777700000000",
    size: "9007199254740993",
  }),
  ExportDone.create({
    runId: RUN_ID,
    origin: "production",
    dump: `runs/${RUN_ID}/production.sql.gz`,
    generation: "1763777700000000",
    bytes: 4096,
  }),
  ReplicaLoaded.create({ runId: RUN_ID, tables: 15, bytes: 65_536 }),
  Masked.create({ runId: RUN_ID, tables: 9, columns: 20, rows: 1000 }),
  Preserved.create({ runId: RUN_ID, tables: 3, rows: 40, remapped: 7 }),
  Synced.create({ runId: RUN_ID, tables: 15, seconds: 41.5 }),
  AbandonRequested.create({ runId: RUN_ID, reason: "Abandoned by the operator.", onlyIfFailed: false }),
  RollbackRequested.create({ runId: RUN_ID, to: "previous", request: "0f8fad5b-d9cb-469f-a165-70867728950e" }),
  DeadLettered.create({
    stage: "mask",
    runId: RUN_ID,
    key: "",
    epoch: 2,
    source: { topic: "replica-loaded", messageId: "7", attempts: 1 },
    event: { name: "replica-loaded", version: 1, data: { runId: RUN_ID, tables: 15, bytes: 65_536 } },
    reason: { code: "UNLISTED_COLUMN", message: "No transform for `users.phone`." },
    failedAt: PUBLISHED_AT.toISOString(),
  }),
];

/** The message as a bus would bring it. */
export function incoming(event: Event, change: Partial<IncomingMessage> = {}): IncomingMessage {
  return { ...encode(event), id: "message-1", publishedAt: PUBLISHED_AT, attempt: 1, ...change };
}
