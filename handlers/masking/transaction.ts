// Work that happens once: committed together with the row that says that it is done.
import { setTimeout as sleep } from "node:timers/promises";
import type { WriteSession } from "../../contracts/platform.ts";
import { isLockConflict } from "./mysql-errors.ts";

const ATTEMPTS = 8;
/** Doubled with each attempt: six seconds in all, longer than the chunk that may be in the way. */
const BACKOFF_MS = 50;

/** Runs `work`; again, a few times, when other transactions' locks stopped it. */
export async function despiteLocks<Result>(work: () => Promise<Result>): Promise<Result> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (!isLockConflict(error) || attempt === ATTEMPTS) throw error;
      await sleep(BACKOFF_MS * 2 ** (attempt - 1));
    }
  }
}

/** Runs `work` in a transaction; again from its start, a few times, when other transactions' locks stopped it. */
export async function inTransaction<Result>(session: WriteSession, work: () => Promise<Result>): Promise<Result> {
  return despiteLocks(async () => {
    try {
      await session.run("START TRANSACTION");
      const result = await work();
      await session.run("COMMIT");
      return result;
    } catch (error) {
      // A lock wait that timed out leaves the transaction open. Where the session is gone, so is the transaction.
      await session.run("ROLLBACK").catch(() => undefined);
      throw error;
    }
  });
}

/**
 * Runs `work` unless somebody has, now or in another process.
 *
 * @param claim an UPDATE that changes one row of the ledger from undone to done. Its row lock makes another claimer wait
 * until this transaction ends, and then find nothing to change.
 * @returns what `work` did, or undefined when it was done already.
 */
export async function once<Result>(
  session: WriteSession,
  claim: string,
  work: () => Promise<Result>,
): Promise<Result | undefined> {
  return inTransaction(session, async () => {
    const { affectedRows } = await session.run(claim);
    if (affectedRows === 0) return undefined;
    return work();
  });
}
