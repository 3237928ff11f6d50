// The swap undone, in one statement: yesterday's tables where the live ones stand, and these where they waited.
import { FatalError } from "../../contracts/errors.ts";
import type { ReadSession, WriteSession } from "../../contracts/platform.ts";
import { quoteName, quoteTable } from "../mysql/identifiers.ts";
import { recreateDatabase } from "../mysql/recreate-database.ts";
import { listTables, renameTables, type Swap } from "./swap.ts";

/** A table of ours that the same statement moves along: where it stands tells whether the statement has happened. */
const MARK = "_understudy_swap";

/**
 * Swaps the live and the previous data. Done twice, the first is there again.
 *
 * @throws FatalError `ROLLBACK_NOTHING` where no previous data waits; RetryAfter `SWAP_BLOCKED`
 */
export async function swapBack(session: WriteSession, { live, next, previous, stays }: Swap): Promise<void> {
  const returning = await listWithoutMark(session, previous);
  if (returning.length === 0) throw nothing(previous);
  const leaving = (await listTables(session, live)).filter((table) => !stays(table));
  await session.run(`DROP TABLE IF EXISTS ${quoteTable(previous, MARK)}`);
  await recreateDatabase(session, next, live);
  await session.run(`CREATE TABLE ${quoteTable(next, MARK)} (id INT)`);
  await renameTables(session, [
    ...leaving.map((table) => [quoteTable(live, table), quoteTable(next, table)] as const),
    ...returning.map((table) => [quoteTable(previous, table), quoteTable(live, table)] as const),
    ...[...leaving, MARK].map((table) => [quoteTable(next, table), quoteTable(previous, table)] as const),
  ]);
  await session.run(`DROP DATABASE IF EXISTS ${quoteName(next)}`);
}

/** Whether the last swapBack has happened, and nobody has forgotten it since. */
export async function isSwappedBack(session: ReadSession, previous: string): Promise<boolean> {
  return (await listTables(session, previous)).includes(MARK);
}

/** From here on the next swapBack is another one. */
export async function forgetSwapBack(session: WriteSession, previous: string): Promise<void> {
  await session.run(`DROP TABLE IF EXISTS ${quoteTable(previous, MARK)}`);
}

async function listWithoutMark(session: ReadSession, previous: string): Promise<string[]> {
  return (await listTables(session, previous)).filter((table) => table !== MARK);
}

function nothing(previous: string): FatalError {
  return new FatalError(
    "ROLLBACK_NOTHING",
    `There is no \`${previous}\` on staging with the data of before: no run has swapped it, or staging is loaded in place. \`understudy rollback --backup\` restores the backup that the run made.`,
  );
}
