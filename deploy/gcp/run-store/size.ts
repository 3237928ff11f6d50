// How much of Firestore's 1 MiB a document takes: https://cloud.google.com/firestore/docs/storage-size
import { FatalError } from "../../../contracts/errors.ts";
import type { Fields } from "./documents.ts";

const MAX_BYTES = 1_048_576;
/** The document's own name, `projects/…/databases/…/documents/runs/…`, and what the store adds. */
const RESERVED_BYTES = 4_096;

/**
 * Refuses a document that Firestore would refuse.
 *
 * @throws FatalError RUN_STATE_TOO_LARGE; it names the largest part.
 */
export function checkSize(name: string, fields: Fields): void {
  const bytes = sizeOf(fields);
  if (bytes <= MAX_BYTES - RESERVED_BYTES) return;
  const [path, partBytes] = largestPart(fields);
  throw new FatalError(
    "RUN_STATE_TOO_LARGE",
    `The document \`${name}\` would take ${kib(bytes)} of the 1,024 KiB that Firestore allows; \`${path}\` alone takes ${kib(partBytes)}. Report it: a stage keeps more in its state than it should. Abandon the run to free the pipeline.`,
  );
}

/** In bytes, as Firestore counts; a map's own 32 are counted for inner ones too, to be on the safe side. */
export function sizeOf(value: unknown): number {
  if (typeof value === "string") return Buffer.byteLength(value) + 1;
  if (typeof value === "number" || value instanceof Date) return 8;
  if (Array.isArray(value)) return value.reduce<number>((sum, item) => sum + sizeOf(item), 0);
  if (typeof value !== "object" || value === null) return 1;
  return Object.entries(value).reduce((sum, [key, item]) => sum + sizeOf(key) + sizeOf(item), 32);
}

/** The way down to the part that holds most: `stages.mask.checkpoint`. */
function largestPart(fields: Fields): [path: string, bytes: number] {
  const path: string[] = [];
  let part: unknown = fields;
  while (path.length < 3 && typeof part === "object" && part !== null && !Array.isArray(part)) {
    const sizes = Object.entries(part).map(([key, item]) => ({ key, item, bytes: sizeOf(item) }));
    const [largest] = sizes.toSorted((a, b) => b.bytes - a.bytes);
    if (!largest) break;
    path.push(largest.key);
    part = largest.item;
  }
  return [path.join("."), sizeOf(part)];
}

function kib(bytes: number): string {
  return `${Math.ceil(bytes / 1024).toLocaleString("en")} KiB`;
}
