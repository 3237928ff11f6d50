// Room on disk before an import: one that cannot end well should not run for hours.
import { FatalError } from "../contracts/errors.ts";
import type { ReadSession } from "../contracts/platform.ts";
import type { StageContext } from "../contracts/stage.ts";
import type { DumpNeeds } from "./check-dump.ts";

/** What rows take at least of their text: binary in hexadecimal takes half of it, and a compressed table half of that. */
const LEAST_SHARE = 1 / 4;

/**
 * Compares a rewritten dump with the disk that is to hold it, where anybody can tell how much is free there.
 *
 * @param session on the server that is to load the dump
 * @param replaced the database that is dropped for it
 * @throws FatalError `SERVER_DISK_SMALL` where it surely does not fit; where it may not, the log has a warning
 */
export async function checkRoom(
  { platform, log }: Pick<StageContext, "platform" | "log">,
  session: ReadSession,
  { bytesOut }: Pick<DumpNeeds, "bytesOut">,
  replaced: string,
): Promise<void> {
  const free = await platform.databases.room(session);
  if (free === undefined || free >= bytesOut) return;
  const [there] = await session.query<{ bytes: string | number | null }>(
    "SELECT SUM(data_length + index_length) AS bytes FROM information_schema.tables WHERE table_schema = ?",
    [replaced],
  );
  const room = free + Number(there?.bytes ?? 0);
  if (room >= bytesOut) return;
  const sizes = { role: session.role, roomBytes: room, dumpBytes: bytesOut };
  if (room >= bytesOut * LEAST_SHARE) return log.warn(sizes, "The dump may not fit on the server's disk.");
  throw new FatalError(
    "SERVER_DISK_SMALL",
    `The dump has ${gigabytes(bytesOut)} of SQL, and the ${session.role} server has room for ${gigabytes(room)}: it cannot hold it. Nothing was imported. Free some room on that server's disk, or let it grow, then replay the run.`,
  );
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`;
}
