// Keys that a copy is loaded without, as they are built once its rows are masked. Until then each such table has another
// one beside the copy: empty, with all of its keys, for the server itself to tell what they are.
import { createHash } from "node:crypto";
import { FatalError } from "../../contracts/errors.ts";
import type { ReadSession } from "../../contracts/platform.ts";
import { textLiteral } from "./literals.ts";
import { readSchema, type Schema } from "./schema.ts";

const PREFIX = "keys_";

/** The name of the table that has a table's keys. A server may write the table's own in lower case. */
export function keyTable(table: string): string {
  return PREFIX + createHash("sha256").update(table.toLowerCase()).digest("hex").slice(0, 16);
}

/** The names of those that are there. */
export async function readKeyTables(session: ReadSession, besideDatabase: string): Promise<Set<string>> {
  const rows = await session.query<{ name: string }>(
    `SELECT table_name AS name FROM information_schema.tables
     WHERE table_schema = ${textLiteral(besideDatabase)} AND table_name LIKE '${PREFIX.replace("_", "\\_")}%'`,
  );
  return new Set(rows.map(({ name }) => name));
}

/**
 * The copy's schema with the keys and foreign keys that it will have: the same before they are built and after.
 *
 * @param besideDatabase where the tables stand that have them; it need not be there
 * @throws FatalError as readSchema does, and `MASK_KEYS_DIFFER` for keys of a table that the copy lacks
 */
export async function readCopy(session: ReadSession, database: string, besideDatabase: string): Promise<Schema> {
  const copy = await readSchema(session, database);
  const waiting = await readKeyTables(session, besideDatabase);
  if (waiting.size === 0) return copy;
  const beside = (await readSchema(session, besideDatabase)).tables;
  const tables = new Map(
    [...copy.tables].map(([name, table]) => {
      const whole = beside.get(keyTable(name));
      waiting.delete(keyTable(name));
      if (!whole) return [name, table] as const;
      const foreignKeys = whole.foreignKeys.map((key) => ({ ...key, table: name }));
      return [name, { ...table, keys: whole.keys, foreignKeys }] as const;
    }),
  );
  if (waiting.size === 0) return { ...copy, tables };
  throw new FatalError(
    "MASK_KEYS_DIFFER",
    `\`${database}\` lacks ${waiting.size} of the tables whose keys wait to be built. Something else changed the replica's schema: abandon the run and request a new one.`,
  );
}
