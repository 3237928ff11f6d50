// Whether an account has the privileges that deploy/local/servers/accounts.ts lists for its role.
import { failed, ok, unknown, type Verdict } from "../../../contracts/examination.ts";
import type { ReadSession, Role } from "../../../contracts/platform.ts";
import { accountOf, hasRole, OBJECT_PRIVILEGES, privilegesOn } from "../../../handlers/mysql/privileges.ts";
import type { StagingRules } from "../../../contracts/sync-contract.ts";
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

/** @param objects whose views, triggers, routines and events staging gets */
export async function checkPrivileges(
  session: ReadSession,
  role: Role,
  database: string,
  objects: StagingRules["objects"] = "staging",
): Promise<Verdict> {
  const beside = {
    production: [],
    replica: [WORK_DATABASE],
    staging: [nextDatabase(database), previousDatabase(database)],
  }[role];
  const reading = objects === "production" ? [...new Set([...READING, ...OBJECT_PRIVILEGES])] : READING;
  const wanted = role === "production" ? reading : ALL;
  const account = await accountOf(session);
  const lacking = new Map<string, string[]>();
  for (const name of [database, ...beside]) {
    const held = await privilegesOn(session, account, name);
    const missing = wanted.filter((privilege) => !held.has(privilege));
    if (missing.length > 0) lacking.set(name, missing);
  }
  if (lacking.size === 0) return ok(role === "production" ? reading.join(", ") : "ALL on its databases");
  const remedy = [...lacking.keys()]
    .map((name) => grantText(role === "production" ? reading.join(", ") : "ALL", name, account))
    .join(" ");
  const detail = [...lacking].map(([name, missing]) => `${missing.join(", ")} on \`${name}\``).join("; ");
  if (await hasRole(session)) return unknown(`a role may give it what it lacks itself: ${detail}`, remedy);
  return failed(`${account} lacks ${detail}`, remedy);
}

function grantText(privileges: string, database: string, account: string): string {
  const pattern = `\`${database.replaceAll("`", "``").replaceAll(/[_%]/g, "\\$&")}\``;
  return `GRANT ${privileges} ON ${pattern}.* TO ${account};`;
}
