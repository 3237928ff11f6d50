// Creates the sample shop's tables; schema.sql has them.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Connection } from "mysql2/promise";

/** `mysql-5.6` has neither JSON nor generated columns; every later MySQL and every MariaDB since 10.2 has both. */
export type SchemaFlavour = "modern" | "mysql-5.6";

/** The flavour that a server's `SELECT VERSION()` asks for. */
export function schemaFlavour(version: string): SchemaFlavour {
  return /^5\.[0-6]\./.test(version) ? "mysql-5.6" : "modern";
}

/** Creates every table and the view in the connection's current database, which must be empty. */
export async function createSchema(session: Connection, flavour: SchemaFlavour): Promise<void> {
  await session.query("SET SESSION sql_mode = 'NO_ENGINE_SUBSTITUTION'"); // zero dates as defaults
  for (const statement of await schemaStatements(flavour)) await session.query(statement);
}

/** The schema's statements in order, with no semicolons at their ends. */
export async function schemaStatements(flavour: SchemaFlavour): Promise<string[]> {
  const sql = await readFile(join(import.meta.dirname, "schema.sql"), "utf8");
  const adapted =
    flavour === "modern" ? sql : sql.replaceAll(/^.* -- 5\.7\n/gm, "").replaceAll(/ JSON /g, " LONGTEXT ");
  return adapted
    .split(/;\n/)
    .map((statement) => statement.replaceAll(/^--.*\n/gm, "").trim())
    .filter((statement) => statement !== "");
}
