// Whether an account has the privileges that deploy/local/servers/accounts.ts lists for its role.
import { failed, ok, unknown, type Verdict } from "../../../contracts/examination.ts";
import type { ReadSession, Role } from "../../../contracts/platform.ts";
import { nextDatabase, previousDatabase } from "../../../handlers/swapping/index.ts";
import { WORK_DATABASE } from "../../../handlers/wipe.ts";

const READING = ["SELECT", "SHOW VIEW"];

/** What ALL on a database stands for: https://dev.mysql.com/doc/refman/5.7/en/grant.html#grant-privileges */
const ALL = [
  ...READING,
  ...[
    "INSERT",
    "UPDATE",
    "DELETE",
    "CREATE",
    "DROP",
    "ALTER",
    "INDEX",
    "REFERENCES",
    "LOCK TABLES",
    "TRIGGER",
    "EVENT",
  ],
  ...["CREATE TEMPORARY TABLES", "CREATE VIEW", "CREATE ROUTINE", "ALTER ROUTINE", "EXECUTE"],
];

export async function checkPrivileges(session: ReadSession, role: Role, database: string): Promise<Verdict> {
  const beside = {
    production: [],
    replica: [WORK_DATABASE],
    staging: [nextDatabase(database), previousDatabase(database)],
  }[role];
  const wanted = role === "production" ? READING : ALL;
  const account = await accountOf(session);
  const lacking = new Map<string, string[]>();
  for (const name of [database, ...beside]) {
    const held = await privilegesOn(session, account, name);
    const missing = wanted.filter((privilege) => !held.has(privilege));
    if (missing.length > 0) lacking.set(name, missing);
  }
  if (lacking.size === 0) return ok(role === "production" ? READING.join(", ") : "ALL on its databases");
  const remedy = [...lacking.keys()].map((name) => grantText(role, name, account)).join(" ");
  const detail = [...lacking].map(([name, missing]) => `${missing.join(", ")} on \`${name}\``).join("; ");
  if (await hasRole(session)) return unknown(`a role may give it what it lacks itself: ${detail}`, remedy);
  return failed(`${account} lacks ${detail}`, remedy);
}

function grantText(role: Role, database: string, account: string): string {
  const pattern = `\`${database.replaceAll("`", "``").replaceAll(/[_%]/g, "\\$&")}\``;
  return `GRANT ${role === "production" ? READING.join(", ") : "ALL"} ON ${pattern}.* TO ${account};`;
}

/** `'understudy'@'%'`, as information_schema calls it. */
async function accountOf(session: ReadSession): Promise<string> {
  const [row] = await session.query<{ account: string }>("SELECT CURRENT_USER() AS account");
  return (row?.account ?? "").replace(/^(.*)@(.*)$/s, "'$1'@'$2'");
}

/** By grants on the database, whose names are patterns, or on everything. */
async function privilegesOn(session: ReadSession, account: string, database: string): Promise<Set<string>> {
  const rows = await session.query<{ privilege: string }>(
    `SELECT privilege_type AS privilege FROM information_schema.user_privileges WHERE grantee = ?
     UNION
     SELECT privilege_type FROM information_schema.schema_privileges WHERE grantee = ? AND ? LIKE table_schema`,
    [account, account, database],
  );
  return new Set(rows.map(({ privilege }) => privilege.toUpperCase()));
}

async function hasRole(session: ReadSession): Promise<boolean> {
  const [grants, account] = [await session.query("SHOW GRANTS"), await accountOf(session)];
  const lines = grants.flatMap((row) => Object.values(row).map(String));
  return account !== "" && lines.some((line) => /^GRANT (?!.* ON )/s.test(line));
}
