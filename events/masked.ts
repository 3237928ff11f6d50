// No original of a masked column is left in the replica, and that was proven.
import { z } from "zod";
import { Count } from "./common.ts";
import { defineEvent, type EventOf } from "./define-event.ts";
import { RunId } from "./run-id.ts";

export const Masked = defineEvent({
  name: "masked",
  version: 1,
  schema: z.strictObject({
    runId: RunId,
    tables: Count,
    columns: Count,
    rows: Count,
  }),
  run: ({ runId }) => runId,
  key: () => "",
});
export type Masked = EventOf<typeof Masked>;
