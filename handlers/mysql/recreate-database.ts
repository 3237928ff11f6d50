// An empty database in the place of what is there, and what it gives to tables and texts that name no collation.
import type { ReadSession, WriteSession } from "../../contracts/platform.ts";
import { knowsCollation } from "./collations.ts";
import { quoteName } from "./identifiers.ts";

/**
 * Drops the database and makes it anew.
 *
 * @param like the database whose default collation it gets: itself, or another; the server's where that is not there
 * @param collation the one that it gets instead, or a character set, if the server has that
 */
export async function recreateDatabase(
  session: WriteSession,
  database: string,
  like = database,
  collation?: string,
): Promise<void> {
  const wished = collation === undefined ? undefined : await resolveCollation(session, collation);
  const defaults = wished ?? (await defaultCollation(session, like));
  await session.run(`DROP DATABASE IF EXISTS ${quoteName(database)}`);
  const collate = defaults === undefined ? "" : ` COLLATE ${quoteName(defaults)}`;
  await session.run(`CREATE DATABASE ${quoteName(database)}${collate}`);
}

/** The collation of tables and texts that name none in this database; undefined where there is no such database. */
export async function defaultCollation(session: ReadSession, database: string): Promise<string | undefined> {
  const [found] = await session.query<{ collation: string }>(
    "SELECT default_collation_name AS collation FROM information_schema.schemata WHERE schema_name = ?",
    [database],
  );
  return found?.collation;
}

/** Gives a database another default collation, where it has another. Its tables and routines keep theirs. */
export async function setDefaultCollation(session: WriteSession, database: string, collation: string): Promise<void> {
  if ((await defaultCollation(session, database)) === collation) return;
  await session.run(`ALTER DATABASE ${quoteName(database)} COLLATE ${quoteName(collation)}`);
}

/** A collation by the server's own name for it, or a character set's default one; undefined where the server lacks it. */
export async function resolveCollation(session: ReadSession, name: string): Promise<string | undefined> {
  if (!(await knowsCollation(session, name))) return undefined;
  const [set = name] = name.split("_", 1);
  const collate = set === name ? "" : ` COLLATE ${quoteName(name)}`;
  const [row] = await session.query<{ collation: string }>(
    `SELECT COLLATION(CONVERT('' USING ${quoteName(set)})${collate}) AS collation`,
  );
  return row?.collation;
}
