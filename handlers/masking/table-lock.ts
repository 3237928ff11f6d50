// One change of a table's definition at a time, whoever makes it.
import { createHash } from "node:crypto";
import { RetryAfter } from "../../contracts/errors.ts";
import type { WriteSession } from "../../contracts/platform.ts";
import { textLiteral } from "../mysql/literals.ts";
import type { MaskingJob } from "./job.ts";

/** How long one question for the lock waits. Between two, the job's signal is looked at. */
const SLICE_SECONDS = 5;
/** How long a statement in `work` waits for a table that another session reads; the proof's reads take a second or two. */
const TABLE_WAIT_SECONDS = 120;
const RETRY_MS = 5_000;

/**
 * Runs `work` while no other session does the same for this table: also none whose client was killed and whose statement
 * the server goes on with, since the lock is its session's until that statement ends.
 * https://dev.mysql.com/doc/refman/8.4/en/locking-functions.html
 *
 * An error leaves the lock to the session's end, which the workers bring about.
 *
 * @throws RetryAfter `MASK_LOCKED` when the job's time is over before the lock is free
 */
export async function withTableLock(
  session: WriteSession,
  { database, signal }: Pick<MaskingJob, "database" | "signal">,
  table: string,
  work: () => Promise<void>,
): Promise<void> {
  const digest = createHash("sha256").update(`${database}\0${table}`).digest("hex");
  const lock = textLiteral(`understudy/keys/${digest.slice(0, 40)}`); // 64 characters at most
  for (;;) {
    const [row] = await session.query<{ taken: unknown }>(`SELECT GET_LOCK(${lock}, ${SLICE_SECONDS}) AS taken`);
    if (Number(row?.taken) === 1) break;
    if (!signal.aborted) continue;
    throw new RetryAfter(
      "MASK_LOCKED",
      RETRY_MS,
      `Another session still changes the keys of \`${table}\`. Masking goes on where it stopped.`,
    );
  }
  await session.run(`SET SESSION lock_wait_timeout = ${TABLE_WAIT_SECONDS}`);
  await work();
  await session.query(`SELECT RELEASE_LOCK(${lock})`);
}
