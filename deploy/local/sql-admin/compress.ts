// A dump as a gzip file, several parts of it compressed at a time.
import { promisify } from "node:util";
import { constants, gzip } from "node:zlib";

/** Large enough that starting anew costs no room, and small enough that all threads have one soon. */
const PART_BYTES = 1024 * 1024;
/** As many threads as Node has for this. https://nodejs.org/api/cli.html#uv_threadpool_sizesize */
const AT_A_TIME = 4;

const compress = promisify(gzip);

/**
 * Compresses faster than one thread could: the parts are gzip members of their own, which one after the other are a gzip
 * file (https://datatracker.ietf.org/doc/html/rfc1952#section-2.2).
 */
export async function* compressed(input: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer, void, undefined> {
  const waiting: Promise<Buffer>[] = [];
  for await (const part of partsOf(input)) {
    const begun = compress(part, { level: constants.Z_BEST_SPEED });
    begun.catch(() => undefined); // whoever awaits it is told; nobody does when `input` fails before
    waiting.push(begun);
    if (waiting.length === AT_A_TIME) yield (await waiting.shift())!;
  }
  for (const part of waiting) yield await part;
}

/** Parts of about one size; one at least, as nothing is no gzip file. */
async function* partsOf(input: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer, void, undefined> {
  let chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of input) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes < PART_BYTES) continue;
    yield Buffer.concat(chunks);
    chunks = [];
    bytes = 0;
  }
  yield Buffer.concat(chunks);
}
