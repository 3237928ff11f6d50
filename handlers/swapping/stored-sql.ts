// How a server writes stored objects down, and what their statements need to run again.
import type { WriteSession } from "../../contracts/platform.ts";

/** SHOW CREATE writes `CREATE [ALGORITHM=…] DEFINER=`user`@`host` …` always in this form. */
export function withoutDefiner(sql: string): string {
  return sql
    .replace(/^(CREATE (?:ALGORITHM=\w+ )?)DEFINER=`(?:[^`]|``)*`@`(?:[^`]|``)*` /, "$1")
    .replace(/^(CREATE (?:ALGORITHM=\w+ )?)SQL SECURITY DEFINER /, "$1SQL SECURITY INVOKER ");
}

/** Runs a statement in the sql_mode that it was written in, and gives the session its own back. */
export async function runInMode(session: WriteSession, sql: string, sqlMode: string): Promise<void> {
  const [before] = await session.query<{ mode: string }>("SELECT @@SESSION.sql_mode AS mode");
  try {
    await session.run("SET SESSION sql_mode = ?", [sqlMode]);
    await session.run(sql);
  } finally {
    await session.run("SET SESSION sql_mode = ?", [before?.mode]);
  }
}
