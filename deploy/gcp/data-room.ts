// How much room an instance's disk has for data: its size, as Cloud SQL tells, without what SQL tells to be on it.
import type { ReadSession, WritableRole } from "../../contracts/platform.ts";
import type { InstanceDescription } from "./instances.ts";

const BYTES_OF_GB = 1024 ** 3;

/**
 * Bytes that may be free at most; undefined for a disk that grows as it must. Logs, temporary tables and databases that the
 * session's account does not see are on it too, which nobody tells: so it is never less than what is free.
 *
 * @param describe what `instances.get` answers for a role
 */
export async function diskRoom(
  session: ReadSession,
  describe: (role: WritableRole) => Promise<InstanceDescription>,
): Promise<number | undefined> {
  if (session.role === "production") return undefined; // nobody asks about it
  const bytes = largestSize(await describe(session.role));
  if (bytes === undefined) return undefined;
  const [tables] = await session.query<{ bytes: string | number | null }>(
    "SELECT SUM(data_length + index_length) AS bytes FROM information_schema.tables",
  );
  return Math.max(0, bytes - Number(tables?.bytes ?? 0));
}

/**
 * The bytes to which the disk may grow. A limit of 0 is none; one below the disk's size stops it from growing.
 *
 * https://cloud.google.com/sql/docs/mysql/admin-api/rest/v1/instances#Settings
 */
function largestSize({ settings }: InstanceDescription): number | undefined {
  const [size, limit] = [Number(settings?.dataDiskSizeGb ?? 0), Number(settings?.storageAutoResizeLimit ?? 0)];
  if (size === 0 || (settings?.storageAutoResize && limit === 0)) return undefined;
  return Math.max(size, settings?.storageAutoResize ? limit : 0) * BYTES_OF_GB;
}
