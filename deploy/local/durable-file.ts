// Files that are on the disk, not only in the system's memory, when we say so.
import { type FileHandle, open } from "node:fs/promises";
import { type FileState, ignoreMissing, stateOf } from "./object-names.ts";

/** Makes a new file (0600), filled by `fill`, that is on the disk when this resolves. */
export async function writeDurably(path: string, fill: (file: FileHandle) => Promise<void>): Promise<FileState> {
  const file = await open(path, "wx", 0o600);
  try {
    await fill(file);
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
