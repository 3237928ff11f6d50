// The bucket reports a finished object. The data is Cloud Storage's own notification (payload format JSON_API_V1),
// of which we read four fields: https://cloud.google.com/storage/docs/pubsub-notifications
import { z } from "zod";
import { Generation } from "./common.ts";
import { defineEvent, type EventOf } from "./define-event.ts";
import { RunId, runIdFor } from "./run-id.ts";

export const DumpFinalized = defineEvent({
  name: "dump-finalized",
  version: 1,
  schema: z.looseObject({
    bucket: z.string().min(1),
    /** The object's full name in the bucket, prefix included. */
    name: z.string().min(1).max(1024),
    generation: Generation,
    /** Bytes, as a decimal string: the JSON API writes 64-bit numbers so. */
    size: z.string().regex(/^\d+$/, "is not a size in bytes: digits only"),
  }),
  run: (object) => {
    const inRuns = /(?:^|\/)runs\/([^/]+)\/[^/]+$/.exec(object.name)?.[1];
    if (inRuns !== undefined) return RunId.safeParse(inRuns).data;
    return isInInbox(object.name) ? inboxRun(object) : undefined;
  },
  key: ({ name, generation }) => `${name.slice(name.lastIndexOf("/") + 1)}#${generation}`,
});
export type DumpFinalized = EventOf<typeof DumpFinalized>;

/** True for an object that somebody else put there to be synced: `inbox/<name>`. */
export function isInInbox(name: string): boolean {
  return /(?:^|\/)inbox\/[^/]+$/.test(name);
}

/** A run id's year has four digits. Nobody promises that a generation is a time: a larger one must not break it. */
const LATEST_MS = Date.UTC(9999, 11, 31);

/** One object makes one run however often it is reported. A generation is the write's time in microseconds. */
function inboxRun({ name, generation }: { name: string; generation: string }): RunId {
  const writtenMs = Math.min(Number(BigInt(generation) / 1000n), LATEST_MS);
  return runIdFor(new Date(writtenMs), `${name}#${generation}`);
}
