// An empty database in the place of what is there.
import type { WriteSession } from "../../contracts/platform.ts";
import { quoteName } from "./identifiers.ts";

/** Drops the database and makes it anew, with the character set and collation that `like` has: itself, or another. */
export async function recreateDatabase(session: WriteSession, database: string, like = database): Promise<void> {
  const [defaults] = await session.query<{ charset: string; collation: string }>(
    `SELECT default_character_set_name AS charset, default_collation_name AS collation
     FROM information_schema.schemata WHERE schema_name = ?`,
    [like],
  );
  await session.run(`DROP DATABASE IF EXISTS ${quoteName(database)}`);
  const charset = defaults ? ` CHARACTER SET ${defaults.charset} COLLATE ${defaults.collation}` : "";
  await session.run(`CREATE DATABASE ${quoteName(database)}${charset}`);
}
