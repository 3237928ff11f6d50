// What a session pins, whatever the server's settings are.
import assert from "node:assert/strict";
import { test } from "node:test";
import { openWriteSession } from "../../../handlers/mysql/session.ts";
import { afterTest } from "../../support/cleanup.ts";
import { connect, createDatabase, servers } from "../../support/servers.ts";

for (const server of servers()) {
  test(`a session that writes sees what others have committed, and carries zero dates but cuts nothing, on ${server.name}`, async (t) => {
    const database = await createDatabase(t, server, "session");
    const other = await connect(t, server, database);
    await other.query("CREATE TABLE t (id INT PRIMARY KEY, day DATE, word VARCHAR(3))");
    const { host, port, user, password } = server;
    const session = await openWriteSession("replica", { host, port, user, password });
    afterTest(t, () => session.close());
    await session.run("START TRANSACTION");
    const count = async () => (await session.query(`SELECT id FROM ${database}.t`)).length;
    assert.equal(await count(), 0);
    await other.query("INSERT INTO t VALUES (1, '2001-01-01', 'one')");
    // REPEATABLE READ, the servers' default, would go on seeing none.
    assert.equal(await count(), 1);
    await session.run(`INSERT INTO ${database}.t VALUES (0, '0000-00-00', 'two'), (2, '2001-02-31', NULL)`);
    await assert.rejects(session.run(`UPDATE ${database}.t SET word = 'three'`), { errno: 1406 });
    await session.run("COMMIT");
    const rows = await session.query(`SELECT id, day FROM ${database}.t ORDER BY id`);
    assert.deepEqual(
      rows.map(({ id, day }) => [Number(id), day]),
      [
        [0, "0000-00-00"],
        [1, "2001-01-01"],
        [2, "2001-02-31"],
      ],
    );
  });
}
