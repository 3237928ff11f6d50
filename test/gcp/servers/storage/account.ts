// Cloud Storage as one account sees it: every operation checks what this account may do, then does it.
import { createReadStream, openSync, rmSync } from "node:fs";
import type { Readable } from "node:stream";
import type { Bucket, Staged } from "./bucket.ts";
import { type Checksums, verifyChecksums } from "./checksums.ts";
import { invalid, noSuchBucket, noSuchObject, rangeNotSatisfiable } from "./errors.ts";
import { type Grant, isGranted, type Permission, requireGrant } from "./grants.ts";
import { listObjects, type ListQuery, type Page } from "./listing.ts";
import type { ObjectFields, StoredObject } from "./object.ts";
import { checkPreconditions, type Preconditions } from "./preconditions.ts";

/** https://cloud.google.com/storage/quotas#objects */
const MAX_COMPONENTS = 32;

/** What all accounts share. The caller of startStorageServer may change its grants at any time. */
export interface Shared {
  readonly buckets: ReadonlyMap<string, Bucket>;
  readonly grants: readonly Grant[];
  readonly maxPage: number;
}

/** Which generation is meant, and on what condition. */
export interface Where extends Preconditions {
  readonly generation?: number | undefined;
}

export interface Source extends Where {
  readonly name: string;
}

/** What goes with the bytes of an upload. */
export interface Upload {
  readonly fields?: ObjectFields;
  readonly preconditions?: Preconditions;
  readonly claimed?: Partial<Checksums>;
}

export type Account = ReturnType<typeof openAccount>;

/** Each operation throws an ApiError, 403 where `email` lacks the permission. */
export function openAccount({ buckets, grants, maxPage }: Shared, email: string) {
  function bucketOf(name: string): Bucket {
    const bucket = buckets.get(name);
    if (!bucket) throw noSuchBucket();
    return bucket;
  }

  function requireOn(permission: Permission, bucket: string, object?: string): Bucket {
    const found = bucketOf(bucket);
    requireGrant(grants, email, permission, bucket, object);
    return found;
  }

  /** The live generation, if it is the one that is meant. */
  function live(bucket: string, name: string, { generation, ...preconditions }: Where, use: "read" | "write") {
    const object = bucketOf(bucket).get(name);
    checkPreconditions(preconditions, object, use);
    if (object && (generation ?? object.generation) === object.generation) return object;
    throw noSuchObject(bucket, name);
  }

  function get(bucket: string, name: string, where: Where = {}): StoredObject {
    requireOn("storage.objects.get", bucket, name);
    // Whether an object exists is told only to who may list.
    if (!bucketOf(bucket).get(name)) requireOn("storage.objects.list", bucket);
    return live(bucket, name, where, "read");
  }

  /** @throws ApiError 412, or 403: to overwrite is to delete as well. */
  function checkDestination(bucket: string, name: string, preconditions: Preconditions): Bucket {
    const found = requireOn("storage.objects.create", bucket, name);
    const current = found.get(name);
    checkPreconditions(preconditions, current, "write");
    if (current) requireOn("storage.objects.delete", bucket, name);
    return found;
  }

  /** Makes an object of staged bytes; checks again what was checked when they began to come. Leaves nothing otherwise. */
  function commit(bucket: string, name: string, staged: Staged, upload: Upload, componentCount?: number): StoredObject {
    try {
      verifyChecksums(staged, upload.claimed ?? {});
      const found = checkDestination(bucket, name, upload.preconditions ?? {});
      return found.put({
        ...{ name, staged, fields: upload.fields ?? {} },
        ...(componentCount !== undefined && { componentCount }),
      });
    } catch (error) {
      rmSync(staged.path, { force: true });
      throw error;
    }
  }

  async function write(
    bucket: string,
    name: string,
    source: AsyncIterable<Uint8Array>,
    upload: Upload = {},
  ): Promise<StoredObject> {
    const found = checkDestination(bucket, name, upload.preconditions ?? {});
    return commit(bucket, name, await found.stage(source), upload);
  }

  return {
    email,
    bucketOf,
    requireOn,
    checkDestination,
    commit,
    get,
    /** All bytes of the live generation. */
    read: (bucket: string, name: string, where?: Where): Readable => open(get(bucket, name, where)),
    write,
    /** Needs the permission to get; without the one to list, an object that is not there is a 403, too. */
    exists(bucket: string, name: string): boolean {
      requireOn("storage.objects.get", bucket, name);
      if (bucketOf(bucket).get(name)) return true;
      requireOn("storage.objects.list", bucket);
      return false;
    },
    update(bucket: string, name: string, fields: ObjectFields, where: Where = {}): StoredObject {
      const found = requireOn("storage.objects.update", bucket, name);
      return found.update(live(bucket, name, where, "write"), fields);
    },
    remove(bucket: string, name: string, where: Where = {}): void {
      const found = requireOn("storage.objects.delete", bucket, name);
      found.remove(live(bucket, name, where, "write"));
    },
    list(bucket: string, query: ListQuery = {}): Page {
      return listObjects(requireOn("storage.objects.list", bucket).all(), query, maxPage);
    },
    async compose(bucket: string, name: string, sources: readonly Source[], upload: Upload): Promise<StoredObject> {
      if (sources.length === 0) throw invalid("You must provide at least one source component.");
      if (sources.length > MAX_COMPONENTS) {
        throw invalid(
          `The number of source components provided (${sources.length}) exceeds the maximum (${MAX_COMPONENTS})`,
        );
      }
      const found = checkDestination(bucket, name, upload.preconditions ?? {});
      const parts = sources.map(({ name: source, ...where }) => {
        requireOn("storage.objects.get", bucket, source);
        return live(bucket, source, where, "write");
      });
      const staged = await found.stage(concatenate(parts.map((part) => open(part))));
      const components = parts.reduce((sum, part) => sum + (part.componentCount ?? 1), 0);
      return commit(bucket, name, staged, upload, components);
    },
    /** @param from an object in any bucket that the account may read. */
    async copy(from: Source & { readonly bucket: string }, bucket: string, name: string, upload: Upload) {
      const { bucket: sourceBucket, name: sourceName, ...where } = from;
      requireOn("storage.objects.get", sourceBucket, sourceName);
      const object = live(sourceBucket, sourceName, where, "write");
      return write(bucket, name, open(object), { ...upload, fields: { ...object.fields, ...upload.fields } });
    },
    isGranted: (permission: string, bucket: string) => isGranted(grants, email, permission as Permission, bucket),
  };
}

/**
 * Opens at once: what is read stays this generation's, whatever happens to the name.
 *
 * @param range both ends included, as HTTP has them.
 */
export function open(
  { path, bytes }: StoredObject,
  range?: { readonly start: number; readonly end: number },
): Readable {
  if (range && range.start >= bytes) throw rangeNotSatisfiable(bytes);
  return createReadStream(path, { fd: openSync(path, "r"), highWaterMark: 256 * 1024, ...range });
}

async function* concatenate(sources: readonly Readable[]): AsyncGenerator<Uint8Array> {
  try {
    for (const source of sources) yield* source;
  } finally {
    for (const source of sources) source.destroy();
  }
}
