// What becomes of an error in the middle of the work: told by table, never in the server's words, which may quote a row.
import { FatalError, isFatal, isMySqlError, isRetryAfter, RetryAfter } from "../../contracts/errors.ts";

const RETRY_MS = 1_000;

/**
 * Errors that pass: too many connections, shutdown, lock wait, deadlock, killed query or session, lost packets.
 * https://dev.mysql.com/doc/mysql-errors/8.4/en/server-error-reference.html; 1927 is MariaDB's ER_CONNECTION_KILLED.
 */
const PASSING = new Set([1040, 1053, 1152, 1158, 1159, 1160, 1161, 1184, 1205, 1213, 1317, 1927, 3168, 4031]);

const DUPLICATE_ENTRY = new Set([1062, 1586]);

/**
 * Runs `work`; an error of the server or the connection becomes one that names `doing`.
 *
 * @param doing for a sentence: "reading `users` in staging"
 * @throws RetryAfter `PRESERVE_INTERRUPTED`; FatalError `PRESERVE_UNIQUE_CLASH`, `PRESERVE_REFUSED`; others as they are
 */
export async function telling<Result>(doing: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw tell(doing, error);
  }
}

function tell(doing: string, error: unknown): unknown {
  if (isFatal(error) || isRetryAfter(error) || !(error instanceof Error)) return error;
  if (!isMySqlError(error)) return isConnectionLoss(error) ? interrupted(doing) : error;
  if (PASSING.has(error.errno)) return interrupted(doing);
  if (DUPLICATE_ENTRY.has(error.errno)) {
    return new FatalError(
      "PRESERVE_UNIQUE_CLASH",
      `While ${doing}: a preserved row has a unique key that another row of the copy has too, though none had before. Something else wrote to the replica, or a default differs from one moment to the next: abandon the run and request a new one.`,
    );
  }
  return new FatalError(
    "PRESERVE_REFUSED",
    `While ${doing}, the MySQL server answered with error ${error.errno} (${error.code}). Its text is left out: it may quote a row. Mend the cause, then replay the run; if the same comes again while rows are inserted, abandon the run and request a new one, as staging's rows were read already.`,
  );
}

/** mysql2 marks what ends a connection as fatal; a socket's own errors have a system code. */
function isConnectionLoss(error: Error): boolean {
  if ("fatal" in error && error.fatal === true) return true;
  return "code" in error && typeof error.code === "string" && /^(E[A-Z]+|PROTOCOL_\w+)$/.test(error.code);
}

function interrupted(doing: string): RetryAfter {
  return new RetryAfter(
    "PRESERVE_INTERRUPTED",
    RETRY_MS,
    `The MySQL server broke off while ${doing}. It is tried again.`,
  );
}
