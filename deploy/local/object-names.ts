// Objects' names as paths below the bucket's directory. A segment that begins with a dot is the store's own, or a tool's
// unfinished file (rsync's, an editor's): never an object.
import { lstat, readdir } from "node:fs/promises";
import { join } from "node:path";
import { FatalError } from "../../contracts/errors.ts";

/** Where files stand while they are written. */
export const INCOMING = ".incoming";

/**
 * The file of an object.
 *
 * @throws FatalError OBJECT_NAME_INVALID for a name that could leave the directory or meet the store's own files.
 */
export function objectPath(directory: string, name: string): string {
  const segments = name.split("/");
  if (/[\0\\]/.test(name) || segments.some((segment) => segment === "" || segment.startsWith("."))) {
    throw new FatalError(
      "OBJECT_NAME_INVALID",
      `An object's name is a relative path whose parts do not begin with a dot; \`${JSON.stringify(name).slice(1, -1)}\` is not. Rename the object.`,
    );
  }
  return join(directory, ...segments);
}

/** The files that may be objects, by name, in order: regular, and with no dot at the beginning of any part. */
export async function listFiles(directory: string, prefix = ""): Promise<string[]> {
  const entries = await readdir(join(directory, prefix), { withFileTypes: true }).catch(ignoreMissing([]));
  const names: string[] = [];
  for (const entry of entries) {
    if (entry.name.startsWith(".")) continue;
    if (entry.isFile()) names.push(prefix + entry.name);
    if (entry.isDirectory()) names.push(...(await listFiles(directory, `${prefix}${entry.name}/`)));
  }
  return names.toSorted();
}

/** Which file this is and in which state: another after every write, the same after a rename. */
export interface FileState {
  readonly file: string;
  readonly bytes: number;
}

export async function fileState(path: string): Promise<FileState | undefined> {
  const stats = await lstat(path, { bigint: true }).catch(ignoreMissing(undefined));
  return stats?.isFile() ? stateOf(stats) : undefined;
}

export function stateOf(stats: { readonly ino: bigint; readonly size: bigint; readonly mtimeNs: bigint }): FileState {
  return { file: `${stats.ino}:${stats.size}:${stats.mtimeNs}`, bytes: Number(stats.size) };
}

/** For `catch`: `value` where there is no such file; any other error is thrown on. */
export function ignoreMissing<Value>(value: Value): (error: unknown) => Value {
  return (error) => {
    if (error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR"))
      return value;
    throw error;
  };
}
