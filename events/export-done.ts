// A dump is complete in the bucket: production's raw one, or the replica's masked one.
import { z } from "zod";
import { Count, Generation, ObjectName, Origin } from "./common.ts";
import { defineEvent, type EventOf } from "./define-event.ts";
import { RunId } from "./run-id.ts";

export const ExportDone = defineEvent({
  name: "export-done",
  version: 1,
  schema: z.strictObject({
    runId: RunId,
    origin: Origin,
    dump: ObjectName,
    /** The import reads exactly the bytes that the export wrote. */
    generation: Generation,
    bytes: Count,
  }),
  run: ({ runId }) => runId,
  key: ({ origin }) => origin,
  attributes: ({ origin }) => ({ origin }),
});
export type ExportDone = EventOf<typeof ExportDone>;
