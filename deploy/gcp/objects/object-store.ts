// A bucket of Cloud Storage, and in it the contract's prefix, as the object store.
import type { Bucket, File, FileMetadata, Storage } from "@google-cloud/storage";
import type { Readable } from "node:stream";
import type { ObjectStore, StoredObject } from "../../../contracts/platform.ts";
import type { CloudContract } from "../../../contracts/sync-contract.ts";
import { FatalError } from "../../../contracts/errors.ts";
import type { CloudAuth } from "../auth.ts";
import type { Endpoints } from "../endpoints.ts";
import { bucketOf } from "../names.ts";
import { compose } from "./compose.ts";
import { download } from "./download.ts";
import { isNotFound, objectError, objectGone } from "./object-error.ts";
import { findRetention } from "./retention.ts";
import { upload } from "./upload.ts";

export interface CloudObjectStore extends ObjectStore {
  /**
   * Refuses a bucket that keeps what is deleted from it: raw dumps are to be gone when they are loaded.
   *
   * @throws FatalError BUCKET_REMEMBERS; needs `storage.buckets.get`
   */
  checkForgets(): Promise<void>;
}

/** What is asked of an object: enough to read it whole and to know that it was. */
const FIELDS = "name,generation,size,crc32c";

/** Opens the contract's bucket. The library is loaded, and credentials are looked for, with the first request. */
export function openCloudObjects(
  contract: Pick<CloudContract, "dumps">,
  { auth, endpoints }: { readonly auth: CloudAuth; readonly endpoints: Pick<Endpoints, "storage"> },
): CloudObjectStore {
  const { bucket: bucketName, prefix } = bucketOf(contract);
  let opening: Promise<Bucket> | undefined;

  function open(): Promise<Bucket> {
    opening ??= openStorage(auth, endpoints.storage).then((storage) => storage.bucket(bucketName));
    return opening;
  }

  /** Runs requests about an object, or about the bucket, and tells their failures. */
  async function ask<Result>(name: string | undefined, requests: (bucket: Bucket) => Promise<Result>): Promise<Result> {
    try {
      return await requests(await open());
    } catch (error) {
      throw await told(error, name);
    }
  }

  async function told(error: unknown, name: string | undefined): Promise<unknown> {
    const caller = await auth.callerInWords();
    return objectError(error, { bucket: bucketName, caller, ...(name === undefined ? {} : { object: prefix + name }) });
  }

  const toStored = ({ name = "", generation, size }: FileMetadata): StoredObject => ({
    name: name.slice(prefix.length),
    generation: String(generation),
    bytes: Number(size),
  });

  /** "0" where nothing is there: what a write replaces is exactly what was seen. */
  async function seen(file: File): Promise<string> {
    return String((await describe(file))?.generation ?? "0");
  }

  return {
    isNear: false,
    locate({ bucket, name }) {
      // A name with a slash at its end is a folder that somebody made in the console.
      if (bucket !== bucketName || !name.startsWith(prefix) || name.endsWith("/")) return undefined;
      return name.slice(prefix.length);
    },

    stat: (name) =>
      ask(name, async (bucket) => {
        const found = await describe(bucket.file(prefix + name));
        return found && toStored(found);
      }),

    async *read(name, generation) {
      const place = `gs://${bucketName}/${prefix}${name}`;
      const found = await ask(name, (bucket) => describe(bucket.file(prefix + name, generation ? { generation } : {})));
      if (!found || (generation !== undefined && String(found.generation) !== generation)) {
        throw objectGone(generation === undefined ? place : `${place}#${generation}`);
      }
      const bucket = await open();
      const file = bucket.file(prefix + name, { generation: String(found.generation) });
      const bytes = download({
        ...{ place, bytes: Number(found.size), checksum: String(found.crc32c) },
        open: (start) => openStream(file, start),
      });
      try {
        yield* bytes;
      } catch (error) {
        throw await told(error, name);
      }
    },

    async write(name, source) {
      let broken: { readonly error: unknown } | undefined;
      async function* watched() {
        try {
          yield* source;
        } catch (error) {
          broken = { error };
          throw error;
        }
      }
      try {
        return await ask(name, async (bucket) => {
          const file = bucket.file(prefix + name);
          const options = { contentType: typeOf(name), ifGenerationMatch: await seen(file) };
          return toStored(await upload(file, watched(), options));
        });
      } catch (error) {
        throw broken ? broken.error : error; // a source's error is its own, and says nothing of Cloud Storage
      }
    },

    compose: (name, parts) =>
      ask(name, async (bucket) => {
        const replaced = await seen(bucket.file(prefix + name));
        const sources = parts.map((part) => prefix + part);
        const options = { contentType: typeOf(name), ifGenerationMatch: replaced };
        try {
          return toStored(await compose(bucket, prefix + name, sources, options));
        } catch (error) {
          throw (isNotFound(error) && (await firstMissing(bucket, sources))) || error;
        }
      }),

    remove: (name) =>
      ask(name, async (bucket) => void (await bucket.file(prefix + name).delete({ ignoreNotFound: true }))),

    list: (below) =>
      ask(undefined, async (bucket) => {
        const [files] = await bucket.getFiles({ prefix: prefix + below });
        const objects = files.map(({ metadata }) => toStored(metadata)).filter(({ name }) => !name.endsWith("/"));
        return objects.toSorted((one, other) => (one.name < other.name ? -1 : 1));
      }),

    checkForgets: () =>
      ask(undefined, async (bucket) => {
        const kept = await findRetention(bucket);
        if (kept.length > 0)
          throw new FatalError("BUCKET_REMEMBERS", `Raw dumps would outlive their run. ${kept.join(" ")}`);
      }),
  };
}

async function openStorage(auth: CloudAuth, apiEndpoint: string): Promise<Storage> {
  const { IdempotencyStrategy, Storage } = await import("@google-cloud/storage");
  return new Storage({
    authClient: auth.google,
    apiEndpoint,
    useAuthWithCustomEndpoint: true,
    // Every request of ours reads, or names the generation that it replaces, or deletes: all may be repeated.
    retryOptions: { idempotencyStrategy: IdempotencyStrategy.RetryAlways },
  });
}

/** The bytes from `start` on, as they are stored. */
function openStream(file: File, start: number): Readable {
  const stream = file.createReadStream({ decompress: false, validation: false, ...(start > 0 ? { start } : {}) });
  // The library pipes an answer to many places, which Node takes for a leak and warns of.
  return stream.once("response", (answer: Readable) => answer.setMaxListeners(0));
}

async function describe(file: File): Promise<FileMetadata | undefined> {
  try {
    const [metadata] = await file.getMetadata({ fields: FIELDS } as object);
    return metadata;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

/** Cloud Storage does not always say which part it did not find. */
async function firstMissing(bucket: Bucket, parts: readonly string[]): Promise<FatalError | undefined> {
  for (const part of parts) {
    if (!(await describe(bucket.file(part)))) return objectGone(`gs://${bucket.name}/${part}`);
  }
  return undefined;
}

function typeOf(name: string): string {
  return name.endsWith(".gz") ? "application/gzip" : "application/octet-stream";
}
