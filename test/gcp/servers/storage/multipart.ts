// multipart/related with two parts, an object's fields and its bytes: https://cloud.google.com/storage/docs/uploading-objects
import type { IncomingMessage } from "node:http";
import { invalid } from "./errors.ts";

export interface Multipart {
  /** The first part. */
  readonly fields: unknown;
  /** The second part's own Content-Type. */
  readonly contentType: string | undefined;
  /** The second part, as it comes. */
  readonly media: AsyncIterable<Uint8Array>;
}

/** More than this before the bytes begin is no upload that anybody makes. */
const MAX_HEAD_BYTES = 1024 * 1024;

/** @throws ApiError 400 for a body of another form; `media` throws it where the closing boundary is missing. */
export async function readMultipart(request: IncomingMessage): Promise<Multipart> {
  const [, quoted, plain] =
    /^multipart\/related;.*boundary=(?:"([^"]+)"|([^;\s]+))/i.exec(request.headers["content-type"] ?? "") ?? [];
  const boundary = quoted ?? plain;
  if (boundary === undefined) throw invalid("Missing boundary in a multipart upload.");
  const chunks: AsyncIterator<Buffer> = request[Symbol.asyncIterator]();
  const { head, rest } = await readHead(chunks, `--${boundary}`);
  const [first = "", second = ""] = head.split(`--${boundary}`).slice(1);
  return {
    fields: parseFields(bodyOf(first)),
    contentType: /^content-type:\s*(.+?)\s*$/im.exec(second)?.[1],
    media: mediaOf(rest, chunks, Buffer.from(`\r\n--${boundary}--`)),
  };
}

/** All before the second part's bytes. */
async function readHead(chunks: AsyncIterator<Buffer>, delimiter: string): Promise<{ head: string; rest: Buffer }> {
  let read = Buffer.alloc(0);
  while (read.length < MAX_HEAD_BYTES) {
    const { value, done } = await chunks.next();
    if (done) break;
    read = Buffer.concat([read, value]);
    const second = read.indexOf(delimiter, read.indexOf(delimiter) + delimiter.length);
    const end = second < 0 ? -1 : read.indexOf("\r\n\r\n", second);
    if (end >= 0) return { head: read.toString("utf8", 0, end + 4), rest: read.subarray(end + 4) };
  }
  throw invalid("Malformed multipart body.");
}

/** Holds back what may be the closing boundary. */
async function* mediaOf(first: Buffer, chunks: AsyncIterator<Buffer>, closing: Buffer): AsyncGenerator<Uint8Array> {
  const held = closing.length + 4; // and a line break after it
  let read = first;
  for (let next = await chunks.next(); !next.done; next = await chunks.next()) {
    read = Buffer.concat([read, next.value]);
    if (read.length <= held) continue;
    yield read.subarray(0, read.length - held);
    read = read.subarray(read.length - held);
  }
  const end = read.lastIndexOf(closing);
  if (end < 0) throw invalid("Malformed multipart body.");
  yield read.subarray(0, end);
}

function bodyOf(part: string): string {
  return part.slice(part.indexOf("\r\n\r\n") + 4);
}

function parseFields(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw invalid("Malformed multipart body.");
  }
}
