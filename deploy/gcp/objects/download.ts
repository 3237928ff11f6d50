// Reading an object: its bytes as they are stored, of one generation, checked, whatever happens to the connection.
import type { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { RetryAfter } from "../../../contracts/errors.ts";
import { apiFailure, BUSY_RETRY_MS } from "../api-error.ts";
import { crc32c, crc32cText } from "../crc32c.ts";

/** What a download must know beforehand; `checksum` as Cloud Storage writes it. */
export interface Download {
  /** `gs://BUCKET/NAME`, for messages. */
  readonly place: string;
  readonly bytes: number;
  readonly checksum: string;
  /** Opens the bytes from `start` on. A stream that is destroyed closes its connection. */
  readonly open: (start: number) => Readable;
}

/** A connection that gives nothing for so long is given up. The consumer's own time does not count. */
const STALLED_MS = 30_000;

/** Connections in a row that brought no byte. */
const FRUITLESS_ATTEMPTS = 5;

/**
 * The bytes, with backpressure: a consumer may take minutes over one.
 *
 * The library retries until a stream has begun; from then on we ask for the rest, of the same generation. Its own check
 * ends with the first connection, so the checksum is ours; the last bytes are given only when it is right.
 *
 * @throws RetryAfter OBJECT_DAMAGED; what the library throws when no connection brings anything
 */
export async function* download(object: Download): AsyncGenerator<Uint8Array> {
  let read = 0;
  let checksum = 0;
  let fruitless = 0;
  while (read < object.bytes) {
    const before = read;
    try {
      for await (const chunk of unstalled(object.open(read))) {
        checksum = crc32c(chunk, checksum);
        read += chunk.byteLength;
        if (read >= object.bytes) check(object, read, checksum);
        yield chunk;
      }
    } catch (error) {
      if (!isPassing(error)) throw error;
      if (read === before && ++fruitless >= FRUITLESS_ATTEMPTS) throw error;
    }
    if (read > before) fruitless = 0;
    else await sleep(2 ** fruitless * 100);
  }
  if (object.bytes === 0) check(object, 0, 0);
}

async function* unstalled(stream: Readable): AsyncGenerator<Buffer> {
  const watch = () => setTimeout(() => stream.destroy(new StalledError()), STALLED_MS);
  let timer = watch();
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      clearTimeout(timer);
      yield chunk;
      timer = watch();
    }
  } finally {
    clearTimeout(timer);
    stream.destroy();
  }
}

class StalledError extends Error {
  readonly code = "ETIMEDOUT";
}

/** No answer, or one that a later request may not get. What the consumer throws does not come this way. */
function isPassing(error: unknown): boolean {
  const failure = apiFailure(error);
  return failure !== undefined && (failure.status === undefined || failure.status === 429 || failure.status >= 500);
}

function check({ place, bytes, checksum }: Download, read: number, computed: number): void {
  if (read === bytes && crc32cText(computed) === checksum) return;
  throw new RetryAfter(
    "OBJECT_DAMAGED",
    BUSY_RETRY_MS,
    `The bytes of \`${place}\` arrived damaged. They are read again.`,
  );
}
