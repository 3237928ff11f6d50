// Resumable uploads: sessions, and what of their bytes is kept: https://cloud.google.com/storage/docs/resumable-uploads
import { randomUUID } from "node:crypto";
import { type FileHandle, open, rm } from "node:fs/promises";
import type { IncomingMessage } from "node:http";
import { invalid } from "./errors.ts";
import type { StoredObject } from "./object.ts";

/** Of a chunk that is not the last one, only whole multiples are kept. */
export const CHUNK_BYTES = 256 * 1024;

/** What a PUT says about its body: `bytes 0-262143/*`. */
export type ContentRange =
  | { readonly type: "query"; readonly total: number | undefined }
  /** `end` is the last byte's place; undefined where the body's own end tells. */
  | { readonly type: "bytes"; readonly start: number; readonly end?: number; readonly total: number | undefined };

export interface Session {
  readonly id: string;
  /** How many bytes are kept. */
  readonly received: number;
  /**
   * Keeps a body's bytes; a body that breaks off keeps its whole multiples, too. When all bytes of the object are
   * there, `finish` makes it of them.
   *
   * @returns the object, also where an earlier request made it; undefined while bytes are missing.
   */
  receive(
    body: IncomingMessage,
    range: ContentRange,
    finish: (path: string) => Promise<StoredObject>,
  ): Promise<StoredObject | undefined>;
  /** Leaves nothing. */
  cancel(): Promise<void>;
}

/** @throws ApiError 400 for one that cannot be read. No header means that the body is the whole object. */
export function parseContentRange(header: string | undefined): ContentRange {
  if (header === undefined) return { type: "bytes", start: 0, total: undefined };
  const [, start, end, size] = /^bytes (?:(\d+)-(\d+|\*)|\*)\/(\d+|\*)$/.exec(header) ?? [];
  if (size === undefined) throw invalid(`Failed to parse Content-Range header: ${header}`);
  const total = size === "*" ? undefined : Number(size);
  if (start === undefined) return { type: "query", total };
  return { type: "bytes", start: Number(start), ...(end !== "*" && { end: Number(end) }), total };
}

/** @param path of a file that is not there yet. */
export function openSession(path: string): Session {
  let received = 0;
  let object: StoredObject | undefined;
  let latest: { readonly body: IncomingMessage; readonly ended: Promise<void> } | undefined;

  /** One request at a time. A client that begins again has given its earlier request up, even if that still hangs. */
  async function takeOver<Result>(body: IncomingMessage, work: () => Promise<Result>): Promise<Result> {
    const earlier = latest;
    const { promise: ended, resolve } = Promise.withResolvers<void>();
    latest = { body, ended };
    try {
      earlier?.body.destroy();
      await earlier?.ended;
      return await work();
    } finally {
      if (latest.body === body) latest = undefined;
      resolve();
    }
  }

  async function receiveBytes(body: IncomingMessage, range: ContentRange): Promise<boolean> {
    if (range.type === "query") return range.total === received;
    if (range.start > received) throw offsetTooGreat(range.start, received);
    const file = await open(path, received === 0 ? "w" : "r+");
    let at = received;
    try {
      at = await writeFrom(file, body, received - range.start, received);
      const complete = isComplete(at, range);
      if (!complete) at = wholeMultiples(at, received);
      return complete;
    } catch (error) {
      at = wholeMultiples((await file.stat()).size, received);
      throw error;
    } finally {
      await file.truncate(at);
      await file.close();
      received = at;
    }
  }

  return {
    id: randomUUID(),
    get received() {
      return received;
    },
    receive: (body, range, finish) =>
      takeOver(body, async () => {
        if (object || !(await receiveBytes(body, range))) return object;
        if (received === 0) await (await open(path, "w")).close(); // an empty object's
        return (object = await finish(path));
      }),
    async cancel() {
      latest?.body.destroy();
      await latest?.ended;
      await rm(path, { force: true });
    },
  };
}

/**
 * Writes a body from `position` on.
 *
 * @param known how many bytes at its beginning are kept already.
 * @returns where it ended.
 */
async function writeFrom(file: FileHandle, body: IncomingMessage, known: number, position: number): Promise<number> {
  let skip = known;
  let at = position;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    const fresh = chunk.subarray(skip);
    skip -= chunk.length - fresh.length;
    await file.write(fresh, 0, fresh.length, at);
    at += fresh.length;
  }
  return at;
}

/** @throws ApiError 400 for a body that is not what its range says. */
function isComplete(at: number, range: ContentRange & { type: "bytes" }): boolean {
  const { end, total } = range;
  if (end !== undefined && at !== end + 1) {
    throw invalid(
      `Invalid request. There were ${at - range.start} byte(s) in the request body. There should have been ` +
        `${end + 1 - range.start} byte(s) (starting at offset ${range.start} and ending at offset ${end}) according to the Content-Range header.`,
    );
  }
  return total === undefined ? end === undefined : at === total;
}

function wholeMultiples(at: number, received: number): number {
  return Math.max(received, at - (at % CHUNK_BYTES));
}

function offsetTooGreat(start: number, received: number): Error {
  return invalid(
    `Invalid request. According to the Content-Range header, the upload offset is ${start} byte(s), ` +
      `which exceeds already uploaded size of ${received} byte(s).`,
  );
}
