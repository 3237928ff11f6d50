// An operator does not want what a run brought to staging: back to the data of before.
import { z } from "zod";
import { defineEvent, type EventOf } from "./define-event.ts";
import { RunId } from "./run-id.ts";

export const RollbackRequested = defineEvent({
  name: "rollback-requested",
  version: 1,
  schema: z.strictObject({
    /** The run that synced last. */
    runId: RunId,
    /** previous: the tables that the swap put aside. backup: staging as it was backed up before the load. */
    to: z.enum(["previous", "backup"]),
    /** Tells one request from the next, which may want the opposite: a redelivery is the same one. */
    request: z.uuid(),
  }),
  run: ({ runId }) => runId,
  key: ({ request }) => request,
});
export type RollbackRequested = EventOf<typeof RollbackRequested>;
