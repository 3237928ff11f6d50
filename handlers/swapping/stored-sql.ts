// How a server writes stored objects down, and what their statements need to run again.
import { isMySqlError } from "../../contracts/errors.ts";
import type { WriteSession } from "../../contracts/platform.ts";
import { knowsCollation } from "../mysql/collations.ts";
import { MODES_OF_NO_EFFECT } from "../mysql/sql-modes.ts";

/** Whoever creates a trigger or function on a server that writes a binary log needs SUPER, unless it trusts its users. */
const BINLOG_DISTRUST = [1418, 1419];

/** A variable's value that the server does not know. */
const ER_WRONG_VALUE_FOR_VAR = 1231;

/** The session that an object was made in: only there does its text mean the same. */
export interface MadeIn {
  readonly sqlMode?: string;
  /** In which its literals are compared with each other: `collation_connection`. */
  readonly collation?: string;
  /** In which an event's times are. */
  readonly timeZone?: string;
}

/** SHOW CREATE writes `CREATE [ALGORITHM=…] DEFINER=`user`@`host` …` always in this form. */
export function withoutDefiner(sql: string): string {
  return sql
    .replace(/^(CREATE (?:ALGORITHM=\w+ )?)DEFINER=`(?:[^`]|``)*`@`(?:[^`]|``)*` /, "$1")
    .replace(/^(CREATE (?:ALGORITHM=\w+ )?)SQL SECURITY DEFINER /, "$1SQL SECURITY INVOKER ");
}

/** From a row of SHOW CREATE, whose columns have the same names for every kind of object. */
export function madeIn(shown: Readonly<Record<string, string | null>> | undefined): MadeIn {
  const [sqlMode, collation, timeZone] = [shown?.["sql_mode"], shown?.["collation_connection"], shown?.["time_zone"]];
  return {
    ...(sqlMode != null && { sqlMode }),
    ...(collation != null && { collation }),
    ...(timeZone != null && { timeZone }),
  };
}

export function hasBackslashEscapes({ sqlMode = "" }: MadeIn): boolean {
  return !sqlMode.includes("NO_BACKSLASH_ESCAPES");
}

/** Runs a statement in the session that it was written in, and gives the session its own settings back. */
export async function runAsMade(session: WriteSession, sql: string, made: MadeIn): Promise<void> {
  const [before] = await session.query<Required<MadeIn>>(
    "SELECT @@SESSION.sql_mode AS sqlMode, @@SESSION.collation_connection AS collation, @@SESSION.time_zone AS timeZone",
  );
  const set = async ({ sqlMode, collation, timeZone }: MadeIn) => {
    await session.run("SET SESSION sql_mode = ?, SESSION collation_connection = ?, SESSION time_zone = ?", [
      ...[sqlMode ?? before?.sqlMode, collation ?? before?.collation, timeZone ?? before?.timeZone],
    ]);
  };
  // Others than utf8mb4's could not hold every literal, and columns' collations go before them anyway.
  const { collation, ...others } = made;
  const isHeld = collation?.startsWith("utf8mb4_") === true && (await knowsCollation(session, collation));
  const wished = isHeld ? made : others;
  try {
    await set(wished).catch((error: unknown) => {
      if (!isMySqlError(error) || error.errno !== ER_WRONG_VALUE_FOR_VAR || wished.sqlMode === undefined) throw error;
      const modes = wished.sqlMode.split(",").filter((mode) => !MODES_OF_NO_EFFECT.includes(mode));
      return set({ ...wished, sqlMode: modes.join(",") });
    });
    await session.run(sql);
  } finally {
    await set({});
  }
}

/** Whether the server refuses an object for its binary log's sake. */
export function isDistrust(error: unknown): boolean {
  return isMySqlError(error) && BINLOG_DISTRUST.includes(error.errno);
}
