// Empties the replica: between runs there is nothing on it that could leak.
import type { WriteSession } from "../contracts/platform.ts";
import { quoteName } from "./mysql/identifiers.ts";

/** The database on the replica that holds our own tables: chunk progress, id maps, digests. It is never exported. */
export const WORK_DATABASE = "_understudy";

/**
 * Drops the copy and our own tables beside it. The session must hold the fence.
 *
 * @param session on the replica, for which the caller has checked that it is not production
 */
export async function wipeReplica(session: WriteSession, database: string): Promise<void> {
  // Two databases' foreign keys may point at each other's tables in a copy that was half loaded.
  await session.run("SET SESSION foreign_key_checks = 0");
  await session.run(`DROP DATABASE IF EXISTS ${quoteName(database)}`);
  await session.run(`DROP DATABASE IF EXISTS ${quoteName(WORK_DATABASE)}`);
  await session.run("SET SESSION foreign_key_checks = 1");
}
