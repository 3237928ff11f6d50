// The object resource that a client sends: its name, what it says of the object, and of the bytes that it will send.
import { z } from "zod";
import type { Checksums } from "./checksums.ts";
import { invalid } from "./errors.ts";
import { ObjectFields } from "./object.ts";

const SentResource = ObjectFields.extend({
  name: z.string().optional(),
  crc32c: z.string().optional(),
  md5Hash: z.string().optional(),
});

/** @throws ApiError 400 */
export function parseFields(json: unknown): {
  readonly name: string | undefined;
  readonly fields: ObjectFields;
  readonly claimed: Partial<Checksums>;
} {
  const { name, crc32c, md5Hash, ...fields } = parseBody(SentResource, json);
  return { name, fields, claimed: { ...(crc32c && { crc32c }), ...(md5Hash && { md5Hash }) } };
}

/** @throws ApiError 400 */
export function parseBody<Schema extends z.ZodType>(schema: Schema, json: unknown): z.output<Schema> {
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  throw invalid(`Invalid argument: ${parsed.error.issues.map(({ path }) => path.join(".")).join(", ")}`);
}
