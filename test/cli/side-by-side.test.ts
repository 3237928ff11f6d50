// Rows side by side, production's and staging's: for the sample at the end of `npm run local`.
import assert from "node:assert/strict";
import { test } from "node:test";
import { sideBySide } from "../../cli/side-by-side.ts";
import { openReadSession } from "../../handlers/mysql/session.ts";
import { afterTest } from "../support/cleanup.ts";
import { connect, connectionOptions, createDatabase, mainServer } from "../support/servers.ts";

test("rows stand side by side under their key, on one line each, whatever they hold", async (t) => {
  const server = mainServer();
  const [left, right] = [await createDatabase(t, server), await createDatabase(t, server)];
  const root = await connect(t, server);
  for (const database of [left, right]) {
    await root.query(
      `CREATE TABLE ${database}.users (id INT PRIMARY KEY, name VARCHAR(200), note TEXT, bytes BLOB) CHARSET utf8mb4`,
    );
  }
  await root.query(
    `INSERT INTO ${left}.users VALUES (1, '山田花子', 'two\\nlines \\"', X'00ff'), (2, REPEAT('x', 99), NULL, NULL), (9, '', '', '')`,
  );
  await root.query(`INSERT INTO ${right}.users VALUES (1, '****', '****', X'')`);
  const session = await openReadSession("staging", connectionOptions(server));
  afterTest(t, () => session.close());
  const text = await sideBySide({
    production: { session, database: left },
    staging: { session, database: right },
    table: "users",
    key: "id",
    columns: ["name", "note", "bytes"],
    limit: 2,
  });
  assert.deepEqual(text.split("\n"), [
    "users.id  column  production                        staging",
    "1         name    山田花子                          ****",
    '          note    two\\nlines "                      ****',
    "          bytes   0x00ff                            0x",
    `2         name    ${"x".repeat(31)}…  (no such row)`,
    "          note    NULL                              (no such row)",
    "          bytes   NULL                              (no such row)",
  ]);
});
