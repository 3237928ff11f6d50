// MySQL errors of the engine's statements, told by table and number: their own text may quote a row.
import { FatalError, isFatal, isMySqlError, isRetryAfter, RetryAfter } from "../../contracts/errors.ts";
import type { TablePlan } from "./plan.ts";
import { maskedColumns } from "./plan.ts";

const DEADLOCK = 1213;
const LOCK_WAIT_TIMEOUT = 1205;
const DUPLICATE_ENTRY = 1062;
/** The server refuses what a statement would store: again tomorrow, so no retry helps. */
const REFUSED: Readonly<Record<number, string>> = {
  1048: "a column that must not be NULL would become NULL",
  1264: "a number is out of its column's range",
  1265: "a value would be cut",
  1292: "a value is wrong for its type",
  1366: "a value is wrong for its column",
  1406: "a value is too long for its column",
  1451: "a foreign key forbids it",
  1452: "a foreign key forbids it",
  3140: "a value is no JSON",
  3819: "a CHECK constraint forbids it",
  3988: "a value does not fit the column's character set",
  4025: "a CHECK constraint forbids it",
};
/** The server goes down, is full of sessions, or ended ours. */
const UNREACHABLE = new Set([
  1040, 1053, 1077, 1079, 1152, 1158, 1159, 1160, 1161, 1203, 1317, 1927, 2002, 2003, 2006, 2013, 4031,
]);
const UNREACHABLE_RETRY_MS = 1_000;

/** True where the transaction was the victim of another one's locks, and may be tried again at once. */
export function isLockConflict(error: unknown): boolean {
  return isMySqlError(error) && (error.errno === DEADLOCK || error.errno === LOCK_WAIT_TIMEOUT);
}

/**
 * The error to throw in place of one that a statement on `table` met. Without `cause`: that might quote a value.
 *
 * @returns FatalError `MASK_NOT_UNIQUE` or `MASK_REFUSED_BY_SERVER`, RetryAfter `MYSQL_UNREACHABLE` or `MASK_LOCKED`;
 * our own errors and unknown ones as they are.
 */
export function explain(error: unknown, table?: TablePlan): unknown {
  if (!(error instanceof Error) || isFatal(error) || isRetryAfter(error)) return error;
  if (isConnectionError(error)) {
    return new RetryAfter(
      "MYSQL_UNREACHABLE",
      UNREACHABLE_RETRY_MS,
      "The replica's server cannot be reached, or ended the session. Masking goes on where it stopped.",
    );
  }
  if (!isMySqlError(error)) return error;
  if (isLockConflict(error)) {
    return new RetryAfter(
      "MASK_LOCKED",
      UNREACHABLE_RETRY_MS,
      `Rows of ${table ? `\`${table.table}\`` : "the ledger"} are locked by another session. Masking goes on where it stopped.`,
    );
  }
  if (!table) return error;
  if (error.errno === DUPLICATE_ENTRY) {
    return new FatalError(
      "MASK_NOT_UNIQUE",
      `Masked values of \`${table.table}\` collide under the unique key ${quotedKey(error.message)}. Give the key's column among ${columnNames(table)} the transform \`hash\`, \`email\` or \`null\`, then request a new run.`,
    );
  }
  const reason = REFUSED[error.errno];
  if (reason === undefined) return error;
  return new FatalError(
    "MASK_REFUSED_BY_SERVER",
    `The server refused to mask \`${table.table}\` (error ${error.errno}): ${reason}. Change the transforms of ${columnNames(table)}, then request a new run.`,
  );
}

/** The key's name stands last, behind the value; MySQL 8 puts the table before it. */
function quotedKey(message: string): string {
  const name = /for key '(?:[^'.]*\.)?([^'.]+)'$/.exec(message)?.[1];
  return name === undefined ? "of the table" : `\`${name}\``;
}

function columnNames(table: TablePlan): string {
  return maskedColumns(table)
    .map(({ column }) => `\`${column}\``)
    .join(", ");
}

/** mysql2 marks as `fatal` what ends a connection; Node gives sockets' errors a code. */
function isConnectionError(error: Error): boolean {
  if (isMySqlError(error) && UNREACHABLE.has(error.errno)) return true;
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  const isSocket = /^(?:E(?:CONN|PIPE|TIMEDOUT|HOST|NET)|PROTOCOL_)/.test(code);
  return isSocket || ("fatal" in error && error.fatal === true && !isMySqlError(error));
}
