// Writing an object: all of a source or nothing, in a resumable session that is ended when the source fails.
// https://cloud.google.com/storage/docs/performing-resumable-uploads
import type { File, FileMetadata } from "@google-cloud/storage";
import { pipeline } from "node:stream/promises";
import { RetryAfter } from "../../../contracts/errors.ts";
import { BUSY_RETRY_MS } from "../api-error.ts";
import { crc32c, crc32cText } from "../crc32c.ts";

/** What is kept in memory to be sent again: a multiple of 256 KiB, and at least 8 MiB by Google's advice. */
const CHUNK_BYTES = 8 * 1024 * 1024;

/**
 * Uploads `source` in place of the generation that was seen, "0" for none.
 *
 * @returns the object as Cloud Storage describes it
 * @throws RetryAfter OBJECT_DAMAGED; what the source throws, and what the library does
 */
export async function upload(
  file: File,
  source: AsyncIterable<Uint8Array>,
  options: { readonly contentType: string; readonly ifGenerationMatch: string },
): Promise<FileMetadata> {
  const settings = {
    metadata: { contentType: options.contentType },
    preconditionOpts: { ifGenerationMatch: options.ifGenerationMatch },
  };
  let [bytes, checksum, complete] = [0, 0, false];
  async function* measured() {
    for await (const chunk of source) {
      bytes += chunk.byteLength;
      checksum = crc32c(chunk, checksum);
      yield chunk;
    }
    complete = true;
  }
  // Begun by itself, so that its address is known: it can be asked, and ended. The address also authorizes the rest.
  const [session] = await file.createResumableUpload(settings);
  try {
    await pipeline(
      measured,
      file.createWriteStream({ ...settings, uri: session, chunkSize: CHUNK_BYTES, validation: false }),
    );
  } catch (error) {
    // The library takes an upload whose last answer was lost for one that has failed, and cannot end one of no bytes.
    const stored = complete && (await finish(file, session, bytes));
    if (!stored) {
      await end(file, session);
      throw error;
    }
    file.metadata = stored;
  }
  await check(file, crc32cText(checksum));
  return file.metadata;
}

/** The object, where the session has all of its bytes. */
async function finish(file: File, session: string, bytes: number): Promise<FileMetadata | undefined> {
  const { status, data } = await file.storage.authClient.request<FileMetadata>({
    ...{ method: "PUT", url: session, headers: { "content-range": `bytes */${bytes}` } },
    validateStatus: () => true,
  });
  return status === 200 || status === 201 ? data : undefined;
}

/** Best effort: a session that is left alone ends after a week, and shows nothing meanwhile. Answered by 499. */
async function end(file: File, session: string): Promise<void> {
  try {
    await file.storage.authClient.request({ method: "DELETE", url: session, validateStatus: () => true });
  } catch {
    // the error that led here is the one to tell
  }
}

async function check(file: File, checksum: string): Promise<void> {
  const { name, generation, crc32c: stored } = file.metadata;
  if (stored === checksum) return;
  await file.delete({ ignoreNotFound: true, ifGenerationMatch: String(generation) });
  const message = `The bytes of \`gs://${file.bucket.name}/${name}\` arrived damaged and were removed. They are sent again.`;
  throw new RetryAfter("OBJECT_DAMAGED", BUSY_RETRY_MS, message);
}
