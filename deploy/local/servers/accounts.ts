// The database account that Understudy works with, with the privileges that its documentation lists and no more.
import { randomBytes } from "node:crypto";
import type { Connection, RowDataPacket } from "mysql2/promise";

/** What an instance is to a sync. */
export type AccountRole = "production" | "replica" | "staging";

/**
 * Creates the account `understudy` with a new random password on a server that this process runs.
 *
 * @returns the password; it is kept nowhere else.
 */
export async function createUnderstudyAccount(
  server: { connect(): Promise<Connection> },
  role: AccountRole,
  database: string,
): Promise<{ readonly user: string; readonly password: string }> {
  const account = { user: "understudy", password: randomBytes(18).toString("base64url") };
  const admin = await server.connect();
  try {
    await createAccount(admin, { ...account, role, database });
  } finally {
    await admin.end();
  }
  return account;
}

/** Enough for `mysqldump --single-transaction --no-tablespaces` and for reading the schema; nothing that writes or locks. */
const READ_PRIVILEGES = "SELECT, SHOW VIEW";

/**
 * Creates an account (again, if it exists), or changes its password and privileges to exactly these.
 *
 * production: reads one database. replica: everything in the copy and in `_understudy` beside it. staging: everything in
 * the database and in those that a swap uses (`<database>__next`, `<database>__prev`). No global privilege, so no SUPER.
 *
 * @param admin a connection that may create accounts and grant.
 */
export async function createAccount(
  admin: Connection,
  account: { readonly user: string; readonly password: string; readonly role: AccountRole; readonly database: string },
): Promise<void> {
  const { user, password, role, database } = account;
  // IF EXISTS came with 5.7; this way serves 5.6 too.
  const [existing] = await admin.query<RowDataPacket[]>("SELECT 1 FROM mysql.user WHERE User = ? AND Host = '%'", [
    user,
  ]);
  if (existing.length > 0) await admin.query("DROP USER ?@'%'", [user]);
  await admin.query("CREATE USER ?@'%' IDENTIFIED BY ?", [user, password]);
  const beside = { production: [], replica: ["_understudy"], staging: [`${database}__next`, `${database}__prev`] };
  for (const name of [database, ...beside[role]]) {
    const privileges = role === "production" ? READ_PRIVILEGES : "ALL";
    await admin.query(`GRANT ${privileges} ON ${grantName(name)}.* TO ?@'%'`, [user]);
  }
}

/** A database's name in GRANT is a pattern: `_` and `%` stand for themselves only behind a backslash. */
function grantName(database: string): string {
  return `\`${database.replaceAll("`", "``").replaceAll(/[_%]/g, "\\$&")}\``;
}

/**
 * Leaves root only `root@localhost`, which is the socket where the server skips name resolving.
 *
 * A fresh MariaDB also lets root in over TCP, with no password, which other users of the machine could do too.
 */
export async function keepRootToSocket(admin: Connection): Promise<void> {
  const [hosts] = await admin.query<RowDataPacket[]>(
    "SELECT Host AS host FROM mysql.user WHERE User = 'root' AND Host <> 'localhost'",
  );
  for (const { host } of hosts) await admin.query("DROP USER 'root'@?", [host]);
}
