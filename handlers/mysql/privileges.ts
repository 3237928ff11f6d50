// What an account may do, as far as the server tells it.
import { FatalError } from "../../contracts/errors.ts";
import type { ReadSession } from "../../contracts/platform.ts";

/** Without these a server hides objects, as if there were none. */
export const OBJECT_PRIVILEGES = ["SELECT", "SHOW VIEW", "TRIGGER", "EVENT", "EXECUTE"];

/**
 * Refuses an account that does not see a database's views, triggers, routines and events. One that has roles is believed.
 *
 * @throws FatalError `MYSQL_PRIVILEGE_MISSING`
 */
export async function checkSeesObjects(session: ReadSession, database: string): Promise<void> {
  const account = await accountOf(session);
  const held = await privilegesOn(session, account, database);
  const lacking = OBJECT_PRIVILEGES.filter((privilege) => !held.has(privilege));
  if (lacking.length === 0 || (await hasRole(session))) return;
  throw new FatalError(
    "MYSQL_PRIVILEGE_MISSING",
    `${account} does not see all views, triggers, routines and events of \`${database}\` on ${session.role}: it lacks ${lacking.join(", ")}. Grant it these, or let staging keep its own with \`objects: staging\`, then replay the run.`,
  );
}

/** `'understudy'@'%'`, as information_schema calls it. */
export async function accountOf(session: ReadSession): Promise<string> {
  const [row] = await session.query<{ account: string }>("SELECT CURRENT_USER() AS account");
  return (row?.account ?? "").replace(/^(.*)@(.*)$/s, "'$1'@'$2'");
}

/** Those that it has by itself: by grants on the database, whose names are patterns, or on everything. */
export async function privilegesOn(session: ReadSession, account: string, database: string): Promise<Set<string>> {
  const rows = await session.query<{ privilege: string }>(
    `SELECT privilege_type AS privilege FROM information_schema.user_privileges WHERE grantee = ?
     UNION
     SELECT privilege_type FROM information_schema.schema_privileges WHERE grantee = ? AND ? LIKE table_schema`,
    [account, account, database],
  );
  return new Set(rows.map(({ privilege }) => privilege.toUpperCase()));
}

export async function hasRole(session: ReadSession): Promise<boolean> {
  const [grants, account] = [await session.query("SHOW GRANTS"), await accountOf(session)];
  const lines = grants.flatMap((row) => Object.values(row).map(String));
  return account !== "" && lines.some((line) => /^GRANT (?!.* ON )/s.test(line));
}
