// What every world's sessions and secrets promise.
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { createDatabase, mainServer, startTestServer } from "../support/servers.ts";
import { instanceOn, type OpenPlatform } from "./world.ts";

export function describeDatabases(world: string, open: OpenPlatform): void {
  test(`${world}: a session that reads cannot write: the server refuses`, async (t) => {
    const database = await createDatabase(t, mainServer());
    const { platform } = await open(t, { production: instanceOn(mainServer(), database) });
    const session = await platform.databases.read("production");
    t.after(() => session.close());
    for (const sql of [
      `CREATE TABLE \`${database}\`.t (id INT)`,
      `DROP DATABASE \`${database}\``,
      `CREATE DATABASE \`${database}_x\``,
    ]) {
      await assert.rejects(session.query(sql), { errno: 1792 }, sql); // ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION
    }
    assert.deepEqual(await session.query("SELECT 1 AS one"), [{ one: 1 }]);
  });

  test(`${world}: sessions on one server have one identity however they reached it, and on two servers two`, async (t) => {
    const here = instanceOn(mainServer(), "unused");
    const other = (await startTestServer(t)).test;
    const { platform } = await open(t, {
      production: { ...here, host: "127.0.0.1" },
      replica: { ...here, host: "localhost" },
      staging: instanceOn(other, "unused"),
    });
    const [production, replica, staging] = [
      await identityOf(t, platform.databases.read("production")),
      await identityOf(t, platform.databases.write("replica")),
      await identityOf(t, platform.databases.read("staging")),
    ];
    assert.equal(production, replica);
    assert.notEqual(production, staging);
  });

  test(`${world}: a secret that is not there is named`, async (t) => {
    const { platform } = await open(t);
    await assert.rejects(platform.secrets.read("env:NO_SUCH_SECRET"), {
      name: "FatalError",
      code: "SECRET_MISSING",
      message: /NO_SUCH_SECRET/,
    });
  });
}

async function identityOf(
  t: TestContext,
  opening: Promise<{ readonly server: string; close(): Promise<void> }>,
): Promise<string> {
  const session = await opening;
  t.after(() => session.close());
  return session.server;
}
