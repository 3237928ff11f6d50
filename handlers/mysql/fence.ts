// The fence on an instance: one claim's sessions work there at a time, whatever the run store believes.
import { RetryAfter } from "../../contracts/errors.ts";
import type { WriteSession } from "../../contracts/platform.ts";

/** How long to wait for a claim that is going away, in seconds; longer than a chunk, shorter than a delivery. */
const WAIT_SECONDS = 10;
const RETRY_MS = 1_000;

/**
 * Takes the named lock on the session's server; it is given back when the session ends, also by a crash.
 *
 * A function instance that was given up for dead still holds it while it lives, so nobody works beside it.
 * https://dev.mysql.com/doc/refman/8.4/en/locking-functions.html (names are global to the server, 64 characters)
 *
 * @throws RetryAfter `INSTANCE_FENCED` while another session holds it.
 */
export async function takeFence(session: WriteSession, pipeline: string): Promise<void> {
  const name = `understudy/${pipeline}`.slice(0, 64);
  const rows = await session.query<{ taken: unknown }>("SELECT GET_LOCK(?, ?) AS taken", [name, WAIT_SECONDS]);
  if (Number(rows[0]?.taken) === 1) return; // an INT on MariaDB, a BIGINT on MySQL, which sessions read as text
  throw new RetryAfter(
    "INSTANCE_FENCED",
    RETRY_MS,
    `Another session still works on the ${session.role} instance for pipeline \`${pipeline}\`. It is waited for.`,
    { busy: true },
  );
}
