// Stand-ins for stored functions, in a database that a dump is loaded into: the dump's views call functions, and neither
// Cloud SQL's dumps nor ours have them.
import { isMySqlError } from "../../contracts/errors.ts";
import type { ReadSession, WriteSession } from "../../contracts/platform.ts";
import { quoteName, quoteTable } from "../mysql/identifiers.ts";
import { defaultCollation } from "../mysql/recreate-database.ts";

export interface FunctionShape {
  readonly name: string;
  readonly parameters: readonly string[];
  /** `varchar(20)`; with a character set and collation where they are not the database's. */
  readonly returns: string;
}

interface Parameter {
  readonly routine: string;
  readonly position: number | string;
  readonly type: string;
  readonly collation: string | null;
}

/**
 * The functions that the account may execute; their bodies, which it may not be allowed to see, are not needed. Texts that
 * are compared as their database does by default are to be so where the shapes go, too.
 *
 * @param collations those that become others, as the contract maps them
 */
export async function readFunctionShapes(
  session: ReadSession,
  database: string,
  collations: Readonly<Record<string, string>>,
): Promise<FunctionShape[]> {
  const own = await defaultCollation(session, database);
  const rows = await session.query<Parameter>(
    `SELECT specific_name AS routine, ordinal_position AS position, dtd_identifier AS type, collation_name AS collation
     FROM information_schema.parameters WHERE specific_schema = ? AND routine_type = 'FUNCTION'
     ORDER BY specific_name, ordinal_position`,
    [database],
  );
  return [...Map.groupBy(rows, ({ routine }) => routine)].map(([name, parts]) => {
    const types = parts.map(({ type, collation }) =>
      collation === null || collation === own ? type : `${type} ${spelled(collations[collation] ?? collation)}`,
    );
    const [returns = ""] = types; // position 0
    return { name, returns, parameters: types.slice(1).map((type, i) => `p${i + 1} ${type}`) };
  });
}

function spelled(collation: string): string {
  return `CHARACTER SET ${collation.split("_", 1)[0]} COLLATE ${collation}`;
}

/**
 * Makes functions of these shapes that return NULL: a view is created over them as over the real ones, and finds the real
 * ones wherever it is created next.
 *
 * One that is there already stays. One that the server refuses is passed over: most are called by no view, and a view that
 * lacks its own is refused itself.
 */
export async function lendFunctions(
  session: WriteSession,
  shapes: readonly FunctionShape[],
  database: string,
): Promise<void> {
  await session.run(`USE ${quoteName(database)}`);
  for (const { name, parameters, returns } of shapes) {
    const head = `CREATE FUNCTION ${quoteTable(database, name)} (${parameters.join(", ")}) RETURNS ${returns}`;
    await session.run(`${head} DETERMINISTIC NO SQL RETURN NULL`).catch((error: unknown) => {
      if (!isMySqlError(error)) throw error;
    });
  }
}
