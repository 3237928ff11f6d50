// Routines and events: they belong to a database and to no table, so that a swap of tables leaves staging's where they are.
// These here are for bringing production's.
import { FatalError, isMySqlError, summarizeError } from "../../contracts/errors.ts";
import type { ReadSession, WriteSession } from "../../contracts/platform.ts";
import { renameDatabaseIn } from "../dump/index.ts";
import { quoteName, quoteTable } from "../mysql/identifiers.ts";
import { runInMode, withoutDefiner } from "./stored-sql.ts";

export interface Routine {
  readonly kind: "PROCEDURE" | "FUNCTION" | "EVENT";
  readonly name: string;
  /** CREATE without its definer. */
  readonly sql: string;
  readonly sqlMode: string;
}

const COLUMNS = { PROCEDURE: "Create Procedure", FUNCTION: "Create Function", EVENT: "Create Event" } as const;

/**
 * Reads the routines and events of a database, with its name as `renaming.to` in them.
 *
 * @throws FatalError `ROUTINE_UNREADABLE` where the account may not see a body
 */
export async function readRoutines(
  session: ReadSession,
  renaming: { readonly from: string; readonly to: string },
): Promise<Routine[]> {
  const found = await session.query<{ kind: Routine["kind"]; name: string }>(
    `SELECT routine_type AS kind, routine_name AS name FROM information_schema.routines
     WHERE routine_schema = ? AND routine_type IN ('PROCEDURE', 'FUNCTION')
     UNION ALL SELECT 'EVENT', event_name FROM information_schema.events WHERE event_schema = ? ORDER BY 1, 2`,
    [renaming.from, renaming.from],
  );
  const routines: Routine[] = [];
  for (const { kind, name } of found) {
    const [shown] = await session.query<Record<string, string | null>>(
      `SHOW CREATE ${kind} ${quoteTable(renaming.from, name)}`,
    );
    const sql = shown?.[COLUMNS[kind]];
    if (sql == null) throw unreadable(session, kind, name);
    const sqlMode = shown?.["sql_mode"] ?? "";
    const own = renameDatabaseIn(withoutDefiner(sql), renaming, !sqlMode.includes("NO_BACKSLASH_ESCAPES"));
    routines.push({ kind, name, sql: own, sqlMode });
  }
  return routines;
}

/** Puts them into a database, each in the place of one of its name. */
export async function bringRoutines(
  session: WriteSession,
  routines: readonly Routine[],
  database: string,
): Promise<void> {
  await session.run(`USE ${quoteName(database)}`);
  for (const { kind, name, sql, sqlMode } of routines) {
    try {
      await session.run(`DROP ${kind} IF EXISTS ${quoteTable(database, name)}`);
      await runInMode(session, sql, sqlMode);
    } catch (error) {
      if (!isMySqlError(error)) throw error;
      throw new FatalError(
        "OBJECT_DOES_NOT_FIT",
        `Production's ${kind.toLowerCase()} \`${name}\` is refused by staging (${summarizeError(error).code}). Change it there, or let staging keep its own with \`objects: staging\`, then replay the run.`,
        { cause: error },
      );
    }
  }
}

function unreadable({ role }: ReadSession, kind: Routine["kind"], name: string): FatalError {
  return new FatalError(
    "ROUTINE_UNREADABLE",
    `The contract's user may not read the ${kind.toLowerCase()} \`${name}\` on ${role}. Grant it SHOW_ROUTINE (MySQL 8.0.20 and later) or SELECT on mysql.proc, or let staging keep its own with \`objects: staging\`.`,
  );
}
