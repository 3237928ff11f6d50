// A small document in the bucket.
import { json } from "node:stream/consumers";
import type { ObjectStore } from "../contracts/platform.ts";

export async function writeJson(objects: Pick<ObjectStore, "write">, name: string, value: unknown): Promise<void> {
  await objects.write(name, single(Buffer.from(JSON.stringify(value))));
}

/** Throws where there is no such object, or it is no JSON. */
export function readJson(objects: Pick<ObjectStore, "read">, name: string): Promise<unknown> {
  return json(objects.read(name));
}

async function* single(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes;
}
