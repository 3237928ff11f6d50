// Empties the replica: between runs there is nothing on it that could leak.
import { FatalError } from "../contracts/errors.ts";
import type { ReadSession, WriteSession } from "../contracts/platform.ts";
import { quoteName } from "./mysql/identifiers.ts";
import { recreateDatabase } from "./mysql/recreate-database.ts";

/**
 * The database on the replica that holds our own tables: chunk progress, id maps, digests, keys that wait. It is never
 * exported. As long as there is a copy it is there too, and says that the copy is ours.
 */
export const WORK_DATABASE = "_understudy";

/**
 * Drops the copy and our own tables beside it. The session must hold the fence.
 *
 * @param session on the replica, for which the caller has checked that it is not production
 * @throws FatalError `REPLICA_NOT_OURS`
 */
export async function wipeReplica(session: WriteSession, database: string): Promise<void> {
  await checkReplicaIsOurs(session, database);
  // Two databases' foreign keys may point at each other's tables in a copy that was half loaded.
  await session.run("SET SESSION foreign_key_checks = 0");
  await session.run(`DROP DATABASE IF EXISTS ${quoteName(database)}`);
  // Last: killed in between, what is left of the copy is still ours to wipe.
  await session.run(`DROP DATABASE IF EXISTS ${quoteName(WORK_DATABASE)}`);
  await session.run("SET SESSION foreign_key_checks = 1");
}

/**
 * Leaves an empty database to load into. The session must hold the fence. Throws as wipeReplica does.
 *
 * @param collation production's default one, where the dump tells it
 */
export async function emptyReplica(session: WriteSession, database: string, collation?: string): Promise<void> {
  await wipeReplica(session, database);
  await session.run(`CREATE DATABASE ${quoteName(WORK_DATABASE)}`);
  await recreateDatabase(session, database, database, collation);
}

/** False where the database has tables that no run of ours put there. */
export async function isOurs(session: ReadSession, database: string): Promise<boolean> {
  const [found] = await session.query<{ tables: number | string; marks: number | string }>(
    `SELECT (SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = ?) AS tables,
       (SELECT COUNT(*) FROM information_schema.schemata WHERE schema_name = ?) AS marks`,
    [database, WORK_DATABASE],
  );
  return Number(found?.tables) === 0 || Number(found?.marks) > 0;
}

/**
 * Refuses a replica whose tables nobody of ours put there: somebody has taken it for a read replica of production's.
 *
 * @throws FatalError `REPLICA_NOT_OURS`
 */
export async function checkReplicaIsOurs(session: ReadSession, database: string): Promise<void> {
  if (await isOurs(session, database)) return;
  throw new FatalError(
    "REPLICA_NOT_OURS",
    `The replica's database \`${database}\` has tables that Understudy did not put there. A replica is a scratch server, wiped in every run: give it a server or a database of its own, or drop \`${database}\` there yourself. Nothing was changed.`,
  );
}
