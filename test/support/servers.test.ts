// What tests are promised by their support.
import assert from "node:assert/strict";
import { test } from "node:test";
import { createConnection } from "mysql2/promise";
import { connect, connectionOptions, createDatabase, mainServer, servers, startTestServer } from "./servers.ts";

for (const server of servers()) {
  test(`a test gets a database of its own on ${server.name}`, async (t) => {
    const database = await createDatabase(t, server);
    const connection = await connect(t, server, database);
    await connection.query("CREATE TABLE names (name VARCHAR(20))");
    await connection.query("INSERT INTO names VALUES (?)", ["山田 😀"]);
    const [rows] = await connection.query("SELECT name FROM names");
    assert.deepEqual(rows, [{ name: "山田 😀" }]);
  });
}

test("a test's database is gone after the test, with those named after it", async (t) => {
  let database = "";
  await t.test("inner", async (inner) => {
    database = await createDatabase(inner, mainServer());
    const root = await connect(inner, mainServer());
    await root.query(`CREATE DATABASE \`${database}__next\``);
  });
  const root = await connect(t, mainServer());
  const [rows] = await root.query(
    "SELECT COUNT(*) AS found FROM information_schema.SCHEMATA WHERE LEFT(SCHEMA_NAME, ?) = ?",
    [database.length, database],
  );
  assert.deepEqual(rows, [{ found: 0 }]);
});

test("a test's own server keeps its port and its data over a kill", async (t) => {
  const server = await startTestServer(t);
  const before = await createConnection(connectionOptions(server.test));
  await before.query("CREATE DATABASE kept");
  before.destroy();
  await server.kill();
  await server.restart();
  const after = await connect(t, server.test);
  const [rows] = await after.query("SHOW DATABASES LIKE 'kept'");
  assert.equal(Array.isArray(rows) && rows.length, 1);
});
