// The swap: one RENAME TABLE puts the next data where the live data stands, and that where it waits for a rollback.
import { performance } from "node:perf_hooks";
import { isMySqlError, RetryAfter } from "../../contracts/errors.ts";
import type { ReadSession, WriteSession } from "../../contracts/platform.ts";
import { quoteTable } from "../mysql/identifiers.ts";
import { recreateDatabase } from "../mysql/recreate-database.ts";

/** How long the rename may wait for staging's own long transactions, in seconds; all that time it blocks new ones. */
const LOCK_WAIT_SECONDS = 20;
const RETRY_MS = 10_000;
const LOCK_WAIT_TIMEOUT = 1205;

export interface Swapped {
  /** How long the statement took, in milliseconds: the longest that a reader was held. */
  readonly outageMs: number;
  /** Tables of the live database that the new data does not have. They are with the previous data now. */
  readonly setAside: readonly string[];
}

export interface Swap {
  readonly live: string;
  readonly next: string;
  readonly previous: string;
  /** Tables of the live database that are left where they are. */
  readonly stays: (table: string) => boolean;
}

/** The tables of a database, without its views, in name order. */
export async function listTables(session: ReadSession, database: string): Promise<string[]> {
  const rows = await session.query<{ name: string }>(
    `SELECT table_name AS name FROM information_schema.tables
     WHERE table_schema = ? AND table_type IN ('BASE TABLE', 'SYSTEM VERSIONED') ORDER BY table_name`,
    [database],
  );
  return rows.map(({ name }) => name);
}

/**
 * Swaps all tables in one statement; foreign keys follow their tables. Readers see the old data, then the new.
 *
 * RENAME TABLE is atomic, so that after a crash either `next` has all of the new tables or none: called again, this does
 * nothing where the swap has happened. https://dev.mysql.com/doc/refman/8.4/en/rename-table.html
 *
 * @returns what it did; 0 ms and no table where the swap had happened
 * @throws RetryAfter `SWAP_BLOCKED` when transactions on staging held the tables too long
 */
export async function swapTables(session: WriteSession, { live, next, previous, stays }: Swap): Promise<Swapped> {
  const arriving = await listTables(session, next);
  if (arriving.length === 0) return { outageMs: 0, setAside: [] };
  const leaving = (await listTables(session, live)).filter((table) => !stays(table));
  await recreateDatabase(session, previous, live);
  const outageMs = await renameTables(session, [
    ...leaving.map((table) => [quoteTable(live, table), quoteTable(previous, table)] as const),
    ...arriving.map((table) => [quoteTable(next, table), quoteTable(live, table)] as const),
  ]);
  return { outageMs, setAside: leaving.filter((table) => !arriving.includes(table)) };
}

/**
 * Renames tables, from and to in quotes and qualified, in one statement; one after the other, so that a name can be used
 * again.
 *
 * @returns how long the statement took, in milliseconds
 * @throws RetryAfter `SWAP_BLOCKED`
 */
export async function renameTables(
  session: WriteSession,
  renames: readonly (readonly [from: string, to: string])[],
): Promise<number> {
  await session.run(`SET SESSION lock_wait_timeout = ${LOCK_WAIT_SECONDS}`);
  const started = performance.now();
  try {
    await session.run(`RENAME TABLE ${renames.map(([from, to]) => `${from} TO ${to}`).join(", ")}`);
    return performance.now() - started;
  } catch (error) {
    if (!isMySqlError(error) || error.errno !== LOCK_WAIT_TIMEOUT) throw error;
    throw new RetryAfter(
      "SWAP_BLOCKED",
      RETRY_MS,
      `Transactions on staging held its tables for ${LOCK_WAIT_SECONDS} s; the swap is tried again.`,
      { cause: error },
    );
  }
}
