// Somebody gives a run up: an operator, or a new request that finds a failed run in its way.
import { z } from "zod";
import { defineEvent, type EventOf } from "./define-event.ts";
import { RunId } from "./run-id.ts";

export const AbandonRequested = defineEvent({
  name: "abandon-requested",
  version: 1,
  schema: z.strictObject({
    runId: RunId,
    /** Kept with the run, shown in `understudy show`. */
    reason: z.string().max(500),
    /** True where only a failed run is meant: one that was replayed since goes on. */
    onlyIfFailed: z.boolean(),
  }),
  run: ({ runId }) => runId,
  key: () => "",
});
export type AbandonRequested = EventOf<typeof AbandonRequested>;
