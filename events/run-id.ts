// A run's id: sorts by time, and can be a path, a label or a document's name anywhere.
import { createHash, randomBytes } from "node:crypto";
import { z } from "zod";

const PATTERN = /^\d{8}-\d{6}-\d{3}-[0-9a-f]{6}$/;

/** For example `20261122-021500-000-4f9a2c`: UTC date, time, milliseconds, and six hex digits. */
export const RunId = z.string().regex(PATTERN, "is not a run id such as 20261122-021500-000-4f9a2c");
export type RunId = z.infer<typeof RunId>;

/** A new run's id. Two in the same millisecond differ, but sort by chance. */
export function newRunId(now: Date): RunId {
  return format(now, randomBytes(3).toString("hex"));
}

/** The one run id that belongs to `identity` (a message's id, an object's name and generation) at that time. */
export function runIdFor(time: Date, identity: string): RunId {
  return format(time, createHash("sha256").update(identity).digest("hex").slice(0, 6));
}

function format(time: Date, suffix: string): RunId {
  // 2026-11-22T02:15:00.000Z → 20261122-021500-000
  const digits = time.toISOString().replaceAll(/\D/g, "");
  return `${digits.slice(0, 8)}-${digits.slice(8, 14)}-${digits.slice(14, 17)}-${suffix}`;
}
