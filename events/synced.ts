// Staging holds the masked copy. The run's report is in the run store.
import { z } from "zod";
import { Count } from "./common.ts";
import { defineEvent, type EventOf } from "./define-event.ts";
import { RunId } from "./run-id.ts";

export const Synced = defineEvent({
  name: "synced",
  version: 1,
  schema: z.strictObject({
    runId: RunId,
    tables: Count,
    /** From the run's opening to the swap. */
    seconds: z.number().nonnegative(),
  }),
  run: ({ runId }) => runId,
  key: () => "",
});
export type Synced = EventOf<typeof Synced>;
