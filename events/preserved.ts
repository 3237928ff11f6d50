// Staging's own rows stand in the masked copy.
import { z } from "zod";
import { Count } from "./common.ts";
import { defineEvent, type EventOf } from "./define-event.ts";
import { RunId } from "./run-id.ts";

export const Preserved = defineEvent({
  name: "preserved",
  version: 1,
  schema: z.strictObject({
    runId: RunId,
    tables: Count,
    rows: Count,
    /** Rows that got a new id because production had taken theirs. */
    remapped: Count,
  }),
  run: ({ runId }) => runId,
  key: () => "",
});
export type Preserved = EventOf<typeof Preserved>;
