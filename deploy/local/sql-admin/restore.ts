// A backup put back in the place of what is there.
import { FatalError } from "../../../contracts/errors.ts";
import { gunzipped, rewriteDump } from "../../../handlers/dump/index.ts";
import { recreateDatabase } from "../../../handlers/mysql/recreate-database.ts";
import { openWriteSession } from "../../../handlers/mysql/session.ts";
import type { LocalObjectStore } from "../object-store.ts";
import type { Job } from "./job.ts";

/**
 * The backup's SQL, for an account without SUPER: views, triggers, routines and events become the account's own, as a
 * sync makes them.
 */
export function backupSql({ database, object }: Job, objects: Pick<LocalObjectStore, "read">): AsyncIterable<Buffer> {
  const options = { from: database, to: database, withoutRowsOf: () => false };
  return rewriteDump(gunzipped(objects.read(object)), options).output;
}

/**
 * Empties the database, once the backup has been read to its end: a damaged one must not cost what is there.
 *
 * @throws FatalError `BACKUP_MISSING`, or that of a dump which must not be loaded: `DUMP_…`. Nothing is changed then.
 */
export async function makeRoom(job: Job, objects: Pick<LocalObjectStore, "read" | "stat">): Promise<void> {
  const { role, database, object, server } = job;
  if (role !== "staging") throw new Error("Only staging is restored.");
  if (!(await objects.stat(object))) {
    const message = `There is no backup \`${object}\`: the newest three of a database are kept. Nothing was changed.`;
    throw new FatalError("BACKUP_MISSING", message);
  }
  for await (const _ of backupSql(job, objects));
  const { host, port, user, password } = server;
  const session = await openWriteSession(role, { host, port, user, password });
  try {
    await recreateDatabase(session, database);
  } finally {
    await session.close();
  }
}
