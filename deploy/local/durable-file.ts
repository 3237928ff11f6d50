// Files that are on the disk, not only in the system's memory, when we say so.
import { open } from "node:fs/promises";
import { type FileState, ignoreMissing, stateOf } from "./object-names.ts";

/** Writes a new file (0600) that is on the disk when this resolves. */
export async function writeDurably(path: string, source: AsyncIterable<Uint8Array>): Promise<FileState> {
  const file = await open(path, "wx", 0o600);
  try {
    for await (const chunk of source) await file.writeFile(chunk); // goes on where the last one ended
  } finally {
    await file.close();
  }
  return syncFile(path);
}

/** Brings a file's bytes to the disk; by whichever handle they were written. */
export async function syncFile(path: string): Promise<FileState> {
  const file = await open(path);
  try {
    await file.sync();
    return stateOf(await file.stat({ bigint: true }));
  } finally {
    await file.close();
  }
}

/** The rename itself is on the disk only when the folder is. */
export async function syncDirectory(path: string): Promise<void> {
  const folder = await open(path).catch(ignoreMissing(undefined)); // removed again already
  try {
    await folder?.sync();
  } finally {
    await folder?.close();
  }
}

/** No space, or none for this user. */
export function isDiskFull(error: unknown): boolean {
  return hasCode(error, ["ENOSPC", "EDQUOT"]);
}

/** No hard links at all, no more to this file, or none to another user's. */
export function isNoLinks(error: unknown): boolean {
  return hasCode(error, ["EPERM", "EACCES", "EMLINK", "ENOTSUP", "EXDEV"]);
}

function hasCode(error: unknown, codes: readonly string[]): boolean {
  return error instanceof Error && "code" in error && codes.includes(String(error.code));
}
