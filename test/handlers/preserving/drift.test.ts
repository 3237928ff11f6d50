// Staging's schema and the copy's differ, and columns that the server computes.
import assert from "node:assert/strict";
import { test } from "node:test";
import { servers } from "../../support/servers.ts";
import { openWorld, rowsOf } from "./world.ts";

for (const server of servers()) {
  test(`columns of one side only are dropped or take their default, in any order, on ${server.name}`, async (t) => {
    const world = await openWorld(
      t,
      { staging: server, copy: server },
      {
        staging:
          "CREATE TABLE t (gone INT, name VARCHAR(5) CHARACTER SET latin1, id INT PRIMARY KEY);\nINSERT INTO t VALUES (7, 'ä', 1);\n",
        copy: "CREATE TABLE t (id BIGINT PRIMARY KEY, plan VARCHAR(5) NOT NULL DEFAULT 'free', name VARCHAR(50) CHARACTER SET utf8mb4);\nINSERT INTO t VALUES (1, 'x', 'own');\n",
      },
    );
    const plan = await world.plan([{ table: "t", where: "gone = 7" }]);
    await world.carry(plan);
    assert.equal((await world.prove(plan)).remapped, 1);
    assert.deepEqual(await rowsOf(world.copy, "SELECT * FROM t WHERE id > 1"), [[2, "free", "ä"]]);
  });

  test(`a table that has a primary key only in production gets its ids there, on ${server.name}`, async (t) => {
    const world = await openWorld(
      t,
      { staging: server, copy: server },
      {
        staging: "CREATE TABLE t (name VARCHAR(5));\nINSERT INTO t VALUES ('a'), ('a'), (NULL);\n",
        copy: "CREATE TABLE t (id INT AUTO_INCREMENT PRIMARY KEY, name VARCHAR(5));\nINSERT INTO t VALUES (9, 'b');\n",
      },
    );
    const plan = await world.plan([{ table: "t", where: "name = 'a' OR name IS NULL" }]);
    await world.carry(plan, { batchRows: 1 });
    assert.equal((await world.prove(plan)).rows, 3);
    assert.deepEqual(await rowsOf(world.copy, "SELECT * FROM t ORDER BY id"), [
      [9, "b"],
      [10, "a"],
      [11, "a"],
      [12, null],
    ]);
  });

  // MySQL 5.6 has neither JSON nor generated columns.
  if (server.version.startsWith("5.6")) continue;
  test(`generated columns are computed anew, unique keys over them checked, JSON carried, on ${server.name}`, async (t) => {
    const schema = `CREATE TABLE t (id INT PRIMARY KEY, doc JSON, name VARCHAR(20) NOT NULL,
      lowered VARCHAR(20) AS (LOWER(name)) STORED, label VARCHAR(40) AS (CONCAT(id, name)) VIRTUAL, UNIQUE KEY (lowered));\n`;
    const world = await openWorld(
      t,
      { staging: server, copy: server },
      {
        staging: `${schema}INSERT INTO t (id, doc, name) VALUES (1, '{"a": [1, 1.0, "ä😀\\\\n"], "b": null}', 'Demo');\n`,
        copy: `${schema}INSERT INTO t (id, doc, name) VALUES (1, NULL, 'Own');\n`,
      },
    );
    const plan = await world.plan([{ table: "t", where: "name LIKE 'Demo%'" }]);
    await world.staging.query("UPDATE t SET name = 'oWN'");
    await assert.rejects(world.carry(await world.plan([{ table: "t", where: "name LIKE BINARY 'oWN'" }])), {
      code: "PRESERVE_UNIQUE_CLASH",
      message: /`lowered` of `t` of 1 rows/,
    });
    await world.staging.query("UPDATE t SET name = 'Demo'");
    await world.carry(plan);
    await world.prove(plan);
    assert.deepEqual(await rowsOf(world.copy, "SELECT id, lowered, label FROM t WHERE id > 1"), [[2, "demo", "2Demo"]]);
    const doc = "SELECT CAST(doc AS CHAR) FROM t WHERE name = 'Demo'";
    assert.deepEqual(await rowsOf(world.copy, doc), await rowsOf(world.staging, doc));
  });
}
