// Joining objects without moving their bytes. One request joins 32: more are joined in a tree.
// https://cloud.google.com/storage/docs/composing-objects
import type { Bucket, File } from "@google-cloud/storage";
import { randomUUID } from "node:crypto";

const MOST_PARTS = 32;

/**
 * Joins objects in their order into one, in place of the generation that was seen, "0" for none. The parts stay.
 *
 * Gzip members that follow each other are one gzip file, so the joined object is what its parts are.
 *
 * @param name and `parts`: whole names in the bucket
 */
export async function compose(
  bucket: Bucket,
  name: string,
  parts: readonly string[],
  options: { readonly contentType: string; readonly ifGenerationMatch: string },
): Promise<File["metadata"]> {
  const { contentType, ifGenerationMatch } = options;
  // Names of their own below the object's: nobody takes them for dumps, and whoever clears the run's folder finds them.
  const between = `${name}.joining/${randomUUID()}`;
  const made: string[] = [];

  async function join(target: string, sources: readonly string[], generation: string): Promise<File["metadata"]> {
    const file = bucket.file(target);
    file.metadata = { contentType };
    const [, joined] = await bucket.combine([...sources], file, { ifGenerationMatch: generation });
    return joined as File["metadata"];
  }

  try {
    let sources = parts;
    while (sources.length > MOST_PARTS) {
      const groups: string[] = [];
      for (let i = 0; i < sources.length; i += MOST_PARTS) {
        const group = `${between}-${made.length}`;
        made.push(group);
        groups.push(group);
        await join(group, sources.slice(i, i + MOST_PARTS), "0");
      }
      sources = groups;
    }
    return await join(name, sources, ifGenerationMatch);
  } finally {
    for (const group of made) await bucket.file(group).delete({ ignoreNotFound: true });
  }
}
