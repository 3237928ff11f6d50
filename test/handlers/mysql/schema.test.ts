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

async function read(t: TestContext, create: string) {
  assert.ok(mariadb);
  const database = await createDatabase(t, mariadb, "schema");
  await (await connect(t, mariadb, database)).query(create);
  const session = await openReadSession("production", connectionOptions(mariadb));
  afterTest(t, () => session.close());
  return readSchema(session, database);
}
