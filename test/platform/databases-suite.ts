// What every world's sessions and secrets promise.
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import type { Platform, Role } from "../../contracts/platform.ts";
import type { ServerInstance } from "../../contracts/sync-contract.ts";
import { afterTest } from "../support/cleanup.ts";
import { createDatabase, mainServer, startTestServer } from "../support/servers.ts";
import { instanceOn } from "./world.ts";

/** Opens a world of its own for one test; roles that are left out are on any server. */
export type OpenDatabases = (
  t: TestContext,
  instances?: Partial<Record<Role, ServerInstance>>,
) => Promise<{ readonly platform: Pick<Platform, "databases" | "secrets"> }>;

/** @param missing a reference to a secret that is not there */
export function describeDatabases(world: string, open: OpenDatabases, missing = "env:no-such-secret"): void {
  test(`${world}: a session that reads cannot write: the server refuses`, async (t) => {
    const database = await createDatabase(t, mainServer());
    const { platform } = await open(t, { replica: instanceOn(mainServer(), database) });
    const session = await platform.databases.read("replica");
    afterTest(t, () => session.close());
    for (const sql of [
      `CREATE TABLE \`${database}\`.t (id INT)`,
      `DROP DATABASE \`${database}\``,
      `CREATE DATABASE \`${database}_x\``,
    ]) {
      await assert.rejects(session.query(sql), { errno: 1792 }, sql); // ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION
    }
    assert.deepEqual(await session.query("SELECT 1 AS one"), [{ one: 1 }]);
  });

  test(`${world}: a session that writes does, and shows nothing half done to another`, async (t) => {
    const database = await createDatabase(t, mainServer());
    const { platform } = await open(t, { replica: instanceOn(mainServer(), database) });
    const [one, other] = [await platform.databases.write("replica"), await platform.databases.write("replica")];
    afterTest(t, async () => void (await Promise.all([one.close(), other.close()])));
    assert.equal(one.server, other.server);
    await one.run(`CREATE TABLE \`${database}\`.t (id INT) ENGINE = InnoDB`);
    await one.run("START TRANSACTION");
    assert.deepEqual(await one.run(`INSERT INTO \`${database}\`.t VALUES (1), (2)`), { affectedRows: 2 });
    assert.deepEqual(await other.query(`SELECT * FROM \`${database}\`.t`), []);
    await one.run("COMMIT");
    assert.equal((await other.query(`SELECT * FROM \`${database}\`.t`)).length, 2);
  });

  test(`${world}: roles on one server have one identity, however they are reached, and on two servers two`, async (t) => {
    const here = instanceOn(mainServer(), "unused");
    const other = (await startTestServer(t)).test;
    const { databases } = (
      await open(t, {
        production: { ...here, host: "127.0.0.1" },
        replica: { ...here, host: "localhost" },
        staging: instanceOn(other, "unused"),
      })
    ).platform;
    const [production, replica, staging] = [
      await databases.identify("production"),
      await databases.identify("replica"),
      await databases.identify("staging"),
    ];
    assert.equal(production, replica);
    assert.notEqual(production, staging);
  });

  test(`${world}: a role that is not readable has no session`, async (t) => {
    const { databases } = (await open(t)).platform;
    for (const role of ["production", "replica", "staging"] as const) {
      const reading = databases.read(role);
      if (databases.readable.includes(role)) await (await reading).close();
      else await assert.rejects(reading, { name: "FatalError", code: "NO_SESSION_ON_PRODUCTION" });
    }
  });

  test(`${world}: a secret that is not there is named`, async (t) => {
    const { platform } = await open(t);
    await assert.rejects(platform.secrets.read(missing), {
      name: "FatalError",
      code: "SECRET_MISSING",
      message: /no-such-secret/,
    });
  });
}
