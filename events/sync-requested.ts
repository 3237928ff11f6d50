// Somebody wants staging to be made anew: an operator, or Cloud Scheduler.
import { z } from "zod";
import { PipelineName } from "./common.ts";
import { defineEvent, type EventOf } from "./define-event.ts";
import { RunId, runIdFor } from "./run-id.ts";

export const SyncRequested = defineEvent({
  name: "sync-requested",
  version: 1,
  schema: z.strictObject({
    pipeline: PipelineName,
    /** Whoever can make one does; where it is empty the run gets its id from the message's own and its publish time. */
    runId: z.union([RunId, z.literal("")]),
    /** A role or a program ("operator", "scheduler"), shown in `understudy runs`. */
    requestedBy: z.string().max(100),
  }),
  run: ({ runId }) => (runId === "" ? undefined : runId),
  key: () => "",
  complete: (data, origin) => ({
    ...data,
    runId: data.runId === "" ? runIdFor(origin.publishedAt, origin.id) : data.runId,
  }),
});
export type SyncRequested = EventOf<typeof SyncRequested>;
