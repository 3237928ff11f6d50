// What the `understudy` account may do, on every server.
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { type Connection, createConnection } from "mysql2/promise";
import { type AccountRole, createAccount } from "../../../../deploy/local/servers/accounts.ts";
import { afterTest } from "../../../support/cleanup.ts";
import { connect, connectionOptions, createDatabase, servers, type TestServer } from "../../../support/servers.ts";

/** A database with one table and one row, and a connection as an account of this role. */
async function openAs(t: TestContext, server: TestServer, role: AccountRole) {
  const database = await createDatabase(t, server, "acc");
  const root = await connect(t, server, database);
  await root.query("CREATE TABLE names (id INT PRIMARY KEY)");
  await root.query("INSERT INTO names VALUES (1)");
  const user = database.slice(0, 16); // MySQL 5.6 takes no more
  const account = { user, password: "a'b\\c", role, database };
  await createAccount(root, { ...account, password: "the first one" });
  await createAccount(root, account); // again: a second run on the same server
  afterTest(t, async () => void (await root.query("DROP USER ?@'%'", [user])));
  const session = await createConnection({ ...connectionOptions(server), user, password: account.password, database });
  afterTest(t, async () => session.destroy());
  return { root, database, session };
}

const refused = (session: Connection, sql: string) =>
  assert.rejects(session.query(sql), { code: /DENIED|SPECIFIC_ACCESS/ }, sql);

for (const server of servers()) {
  test(`production's account reads its database, and writes and locks nothing on ${server.name}`, async (t) => {
    const { session, root, database } = await openAs(t, server, "production");
    await session.query("SELECT * FROM names");
    for (const sql of [
      "INSERT INTO names VALUES (2)",
      "DROP TABLE names",
      "LOCK TABLES names READ LOCAL",
      "CREATE TABLE t (id INT)",
      "SET GLOBAL max_connections = 5",
    ]) {
      await refused(session, sql);
    }
    // `_` in a granted name must not stand for any character.
    const neighbour = database.replace("_", "x");
    await root.query(`CREATE DATABASE \`${neighbour}\``);
    afterTest(t, async () => void (await root.query(`DROP DATABASE \`${neighbour}\``)));
    await refused(session, `USE \`${neighbour}\``);
  });

  for (const role of ["replica", "staging"] as const) {
    test(`${role}'s account does as it likes in its own databases and nowhere else on ${server.name}`, async (t) => {
      const { session, database } = await openAs(t, server, role);
      const [next, previous] = [`${database}__next`, `${database}__prev`];
      for (const name of role === "staging" ? [next, previous] : []) {
        await session.query(`CREATE DATABASE \`${name}\``);
        await session.query(`RENAME TABLE names TO \`${name}\`.names`);
        await session.query(`RENAME TABLE \`${name}\`.names TO names`);
        await session.query(`DROP DATABASE \`${name}\``);
      }
      const own = "CREATE DATABASE IF NOT EXISTS _understudy";
      if (role === "replica") await session.query(own);
      await refused(session, role === "replica" ? `CREATE DATABASE \`${next}\`` : own);
      await refused(session, `CREATE DATABASE \`${database}_other\``);
      await refused(session, "SELECT * FROM mysql.user");
      await refused(session, "SET GLOBAL max_connections = 5");
    });
  }
}
