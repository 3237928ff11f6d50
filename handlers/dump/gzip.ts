// Compressed dumps: gzip in, where it is gzip; gzip out.
import { Readable, type Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { constants, createGunzip, createGzip } from "node:zlib";
import { corruptGzip } from "./faults.ts";

/** Larger than zlib's 16 KiB: fewer trips through the event loop. */
const CHUNK_BYTES = 256 * 1024;

/**
 * Decompresses what is gzip, be it several members in a row, and passes on what is not.
 *
 * @throws FatalError `DUMP_GZIP_CORRUPT` for gzip data that is damaged or cut off; the input's own errors as they are.
 */
export async function* gunzipped(input: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  const source = input[Symbol.asyncIterator]();
  try {
    const head = await readAtLeast(source, 2);
    const whole = following(head, source);
    yield* head[0] === 0x1f && head[1] === 0x8b ? decompressed(whole) : whole;
  } finally {
    await source.return?.();
  }
}

/** Compresses at level 1: a dump lives for minutes, and the network is faster than level 6. */
export function gzipped(input: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer, void, undefined> {
  return through(input, createGzip({ level: constants.Z_BEST_SPEED, chunkSize: CHUNK_BYTES }));
}

async function* decompressed(input: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer, void, undefined> {
  const gunzip = createGunzip({ chunkSize: CHUNK_BYTES });
  let bytes = 0;
  try {
    for await (const chunk of through(input, gunzip)) {
      bytes += chunk.length;
      yield chunk;
    }
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    throw code.startsWith("Z_") ? corruptGzip(error, gunzip.bytesWritten, bytes) : error;
  }
}

/** What comes out of `transform`; leaving early closes the input. */
async function* through(
  input: AsyncIterable<Uint8Array>,
  transform: Transform,
): AsyncGenerator<Buffer, void, undefined> {
  const piped = pipeline(Readable.from(input, { objectMode: false }), transform).catch(() => {
    // pipeline has destroyed `transform` with the error, so reading it throws the same
  });
  try {
    yield* transform;
  } finally {
    await piped;
  }
}

async function readAtLeast(source: AsyncIterator<Uint8Array>, bytes: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for (let length = 0; length < bytes;) {
    const next = await source.next();
    if (next.done) break;
    chunks.push(next.value);
    length += next.value.length;
  }
  return Buffer.concat(chunks);
}

async function* following(
  head: Buffer,
  source: AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  if (head.length > 0) yield head;
  for (let next = await source.next(); !next.done; next = await source.next()) yield next.value;
}
