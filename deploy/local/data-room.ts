// How much room a server has for data, where it is on this machine: no SQL tells.
import { statfs } from "node:fs/promises";
import { hostname } from "node:os";
import type { ReadSession } from "../../contracts/platform.ts";

/** Bytes that are free on the file system of the server's data directory; undefined where that cannot be looked at. */
export async function dataRoom(session: ReadSession): Promise<number | undefined> {
  const [server] = await session.query<{ host: string; directory: string }>(
    "SELECT @@hostname AS host, @@datadir AS directory",
  );
  if (server?.host !== hostname()) return undefined; // behind a tunnel, or in a container
  try {
    const { bavail, bsize } = await statfs(server.directory);
    return bavail * bsize;
  } catch {
    return undefined;
  }
}
