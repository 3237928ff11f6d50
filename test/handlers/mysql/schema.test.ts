// A schema is read whole: what would be passed over would reach staging unmasked.
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { readSchema } from "../../../handlers/mysql/schema.ts";
import { openReadSession } from "../../../handlers/mysql/session.ts";
import { afterTest } from "../../support/cleanup.ts";
import { connect, connectionOptions, createDatabase, servers } from "../../support/servers.ts";

const mariadb = servers().find(({ flavour }) => flavour === "mariadb");

if (mariadb) {
  test("a table that keeps its rows' history is a table", async (t) => {
    const schema = await read(t, "CREATE TABLE people (id INT PRIMARY KEY, name VARCHAR(80)) WITH SYSTEM VERSIONING");
    assert.deepEqual(
      schema.tables.get("people")?.columns.map(({ name }) => name),
      ["id", "name"],
    );
  });

  test("what is neither a table nor a view is refused by name", async (t) => {
    await assert.rejects(read(t, "CREATE SEQUENCE `next id`"), {
      code: "TABLE_TYPE_UNKNOWN",
      message: /^`next id` in .* is a sequence/,
    });
  });
}

for (const server of servers()) {
  test(`a foreign key tells what becomes of a row whose parent is deleted, on ${server.name}`, async (t) => {
    const database = await createDatabase(t, server, "schema");
    const connection = await connect(t, server, database);
    await connection.query("CREATE TABLE parent (id INT PRIMARY KEY)");
    const key = (name: string, action: string) =>
      `CONSTRAINT \`${name}\` FOREIGN KEY (${name}) REFERENCES parent (id) ${action}`;
    await connection.query(
      `CREATE TABLE child (follows INT, forgets INT, holds INT, ${key("follows", "ON DELETE CASCADE")},
       ${key("forgets", "ON DELETE SET NULL")}, ${key("holds", "ON DELETE RESTRICT")})`,
    );
    const session = await openReadSession("production", connectionOptions(server));
    afterTest(t, () => session.close());
    const { tables } = await readSchema(session, database);
    assert.deepEqual(
      tables.get("child")?.foreignKeys.map(({ name, onDelete }) => [name, onDelete]),
      [
        ["follows", "cascade"],
        ["forgets", "set null"],
        ["holds", undefined],
      ],
    );
  });
}

async function read(t: TestContext, create: string) {
  assert.ok(mariadb);
  const database = await createDatabase(t, mariadb, "schema");
  await (await connect(t, mariadb, database)).query(create);
  const session = await openReadSession("production", connectionOptions(mariadb));
  afterTest(t, () => session.close());
  return readSchema(session, database);
}
