// An object as it is stored, and as the JSON API shows it: https://cloud.google.com/storage/docs/json_api/v1/objects
import { z } from "zod";

/** What a client may say about an object. */
export const ObjectFields = z.object({
  contentType: z.string().optional(),
  contentEncoding: z.string().optional(),
  contentDisposition: z.string().optional(),
  contentLanguage: z.string().optional(),
  cacheControl: z.string().optional(),
  metadata: z.record(z.string(), z.string()).optional(),
});
export type ObjectFields = z.infer<typeof ObjectFields>;

/** One generation of an object. Its bytes never change: another write is another generation, in a file of its own. */
export interface StoredObject {
  readonly bucket: string;
  readonly name: string;
  /** Microseconds since 1970; another, greater one with every write. */
  readonly generation: number;
  /** 1, and one more with every change of the fields. */
  readonly metageneration: number;
  readonly fields: ObjectFields;
  readonly bytes: number;
  readonly crc32c: string;
  /** A composed object has none. */
  readonly md5Hash?: string;
  /** Only a composed object has one: how many components it was made of. */
  readonly componentCount?: number;
  readonly timeCreated: Date;
  readonly updated: Date;
  /** Where its bytes are. */
  readonly path: string;
}

/** @param origin of the server, for the links. */
export function toResource(object: StoredObject, origin: string): Record<string, unknown> {
  const { bucket, name, generation, metageneration, fields, timeCreated, updated } = object;
  const path = `b/${bucket}/o/${encodeURIComponent(name)}`;
  return {
    kind: "storage#object",
    id: `${bucket}/${name}/${generation}`,
    selfLink: `${origin}/storage/v1/${path}`,
    mediaLink: `${origin}/download/storage/v1/${path}?generation=${generation}&alt=media`,
    name,
    bucket,
    generation: String(generation),
    metageneration: String(metageneration),
    ...fields,
    storageClass: "STANDARD",
    size: String(object.bytes),
    md5Hash: object.md5Hash,
    crc32c: object.crc32c,
    componentCount: object.componentCount,
    etag: etagOf(object),
    timeCreated: timeCreated.toISOString(),
    updated: updated.toISOString(),
    timeStorageClassUpdated: timeCreated.toISOString(),
    timeFinalized: timeCreated.toISOString(),
  };
}

export function etagOf({ generation, metageneration }: StoredObject): string {
  return Buffer.from(`${generation}/${metageneration}`).toString("base64");
}
