// Writing an object: all of a source or nothing, in a resumable session that is ended when the source fails.
// https://cloud.google.com/storage/docs/performing-resumable-uploads
import type { File } from "@google-cloud/storage";
import { pipeline } from "node:stream/promises";

/** What is kept in memory to be sent again: a multiple of 256 KiB, and at least 8 MiB by Google's advice. */
const CHUNK_BYTES = 8 * 1024 * 1024;

/**
 * Uploads `source` in place of the generation that was seen, "0" for none.
 *
 * @returns the object as Cloud Storage describes it, its checksum compared with that of the bytes that were sent
 */
export async function upload(
  file: File,
  source: AsyncIterable<Uint8Array>,
  options: { readonly contentType: string; readonly ifGenerationMatch: string },
): Promise<File["metadata"]> {
  const settings = {
    metadata: { contentType: options.contentType },
    preconditionOpts: { ifGenerationMatch: options.ifGenerationMatch },
  };
  // Begun by itself, so that its address is known and it can be ended. The address is also what authorizes the rest.
  const [session] = await file.createResumableUpload(settings);
  try {
    await pipeline(
      source,
      file.createWriteStream({ ...settings, uri: session, chunkSize: CHUNK_BYTES, validation: "crc32c" }),
    );
  } catch (error) {
    await endSession(file, session);
    throw error;
  }
  return file.metadata;
}

/** Best effort: a session that is left alone ends after a week, and shows nothing meanwhile. Answered by 499. */
async function endSession(file: File, session: string): Promise<void> {
  await file.storage.authClient
    .request({ method: "DELETE", url: session, validateStatus: () => true, retry: false })
    .catch(() => undefined);
}
