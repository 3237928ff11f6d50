// Production's dump stands in the replica, unmasked.
import { z } from "zod";
import { Count } from "./common.ts";
import { defineEvent, type EventOf } from "./define-event.ts";
import { RunId } from "./run-id.ts";

export const ReplicaLoaded = defineEvent({
  name: "replica-loaded",
  version: 1,
  schema: z.strictObject({
    runId: RunId,
    tables: Count,
    /** Bytes of SQL that were imported, uncompressed. */
    bytes: Count,
  }),
  run: ({ runId }) => runId,
  key: () => "",
});
export type ReplicaLoaded = EventOf<typeof ReplicaLoaded>;
