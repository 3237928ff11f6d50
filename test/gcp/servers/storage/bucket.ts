// A bucket: the live generation of each object, and the files with their bytes. Knows nothing of accounts or HTTP.
import { randomUUID } from "node:crypto";
import { createWriteStream, mkdirSync, renameSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { type Checksums, checksumsOf } from "./checksums.ts";
import type { Change, NotificationConfig } from "./notifications.ts";
import type { ObjectFields, StoredObject } from "./object.ts";

export interface BucketConfig {
  readonly name: string;
  readonly notifications?: readonly NotificationConfig[];
  /** What buckets.get shows besides, for example `location` or `lifecycle`. */
  readonly resource?: Readonly<Record<string, unknown>>;
}

/** Bytes that are all there and no object yet. */
export interface Staged extends Checksums {
  readonly path: string;
  readonly bytes: number;
}

export interface NewObject {
  readonly name: string;
  readonly fields: ObjectFields;
  readonly staged: Staged;
  readonly componentCount?: number;
}

export interface Bucket {
  readonly config: BucketConfig;
  get(name: string): StoredObject | undefined;
  /** In the order of their names' UTF-8 bytes, as Cloud Storage lists them. */
  all(): StoredObject[];
  /** A new file's path, for bytes that are to become an object. */
  newPath(): string;
  /** Stores bytes and measures them. Leaves nothing where the source fails. */
  stage(source: AsyncIterable<Uint8Array>): Promise<Staged>;
  /** Makes staged bytes the live generation. Not a moment passes between the caller's checks and this: it is synchronous. */
  put(object: NewObject): StoredObject;
  update(object: StoredObject, fields: ObjectFields): StoredObject;
  remove(object: StoredObject): void;
}

let lastGeneration = 0;

/** Opens a bucket, empty, in `directory`, and says to `onChange` what happens to its objects. */
export function openBucket(config: BucketConfig, directory: string, onChange: (change: Change) => void): Bucket {
  const objects = new Map<string, StoredObject>();
  const incoming = join(directory, "incoming");
  mkdirSync(incoming, { recursive: true });

  /** Who reads a file that is removed here still reads it to its end. */
  function forget(object: StoredObject): void {
    objects.delete(object.name);
    rmSync(object.path);
  }

  const newPath = () => join(incoming, randomUUID());

  return {
    config,
    get: (name) => objects.get(name),
    all: () => [...objects.values()].toSorted((a, b) => Buffer.compare(Buffer.from(a.name), Buffer.from(b.name))),
    newPath,
    async stage(source) {
      const path = newPath();
      try {
        await pipeline(source, createWriteStream(path));
        return await measure(path);
      } catch (error) {
        rmSync(path, { force: true });
        throw error;
      }
    },
    put({ name, fields, staged, componentCount }) {
      const overwrote = objects.get(name);
      const generation = (lastGeneration = Math.max(lastGeneration + 1, Date.now() * 1000));
      const { crc32c, md5Hash, bytes } = staged;
      const path = join(directory, String(generation));
      renameSync(staged.path, path);
      const timeCreated = new Date();
      const object: StoredObject = {
        bucket: config.name,
        ...{ name, generation, metageneration: 1, fields, bytes, crc32c },
        ...(componentCount === undefined ? { md5Hash } : { componentCount }),
        ...{ timeCreated, updated: timeCreated, path },
      };
      if (overwrote) forget(overwrote);
      objects.set(name, object);
      if (overwrote) onChange({ type: "OBJECT_DELETE", object: overwrote, overwrittenBy: object });
      onChange({ type: "OBJECT_FINALIZE", object, overwrote });
      return object;
    },
    update(object, fields) {
      const metageneration = object.metageneration + 1;
      const updated = { ...object, metageneration, fields: { ...object.fields, ...fields }, updated: new Date() };
      objects.set(object.name, updated);
      onChange({ type: "OBJECT_METADATA_UPDATE", object: updated });
      return updated;
    },
    remove(object) {
      forget(object);
      onChange({ type: "OBJECT_DELETE", object });
    },
  };
}

/** A file that will not change any more. */
export async function measure(path: string): Promise<Staged> {
  return { path, bytes: statSync(path).size, ...(await checksumsOf(path)) };
}
