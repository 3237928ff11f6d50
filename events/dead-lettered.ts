// The dead letter's record: which stage gave up on which event, and why. It carries the original event, so that a
// replay can publish it again, or only the original's digest where the message was no event at all.
import { z } from "zod";
import { Count } from "./common.ts";
import { defineEvent, type EventOf } from "./define-event.ts";
import { RunId } from "./run-id.ts";

export const DeadLettered = defineEvent({
  name: "dead-letter",
  version: 1,
  schema: z.strictObject({
    /** The subscription that could not deliver: a stage's name. */
    stage: z.string().min(1),
    runId: RunId.optional(),
    /** The key of the stage's claim, and the claim's epoch: a later claim of the same stage is not failed by it. */
    key: z.string().optional(),
    epoch: Count.optional(),
    source: z.strictObject({ topic: z.string(), messageId: z.string(), attempts: Count }),
    event: z.strictObject({ name: z.string(), version: Count, data: z.record(z.string(), z.unknown()) }).optional(),
    /** SHA-256 of a message that is no event. Its bytes are not kept: nobody knows what they say. */
    digest: z.string().optional(),
    reason: z.strictObject({ code: z.string(), message: z.string() }),
    failedAt: z.iso.datetime(),
  }),
  run: ({ runId }) => runId,
  key: ({ stage, key, epoch, source }) => `${stage}/${key ?? source.messageId}/${epoch ?? 0}`,
});
export type DeadLettered = EventOf<typeof DeadLettered>;
