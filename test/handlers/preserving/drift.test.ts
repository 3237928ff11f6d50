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

  test(`NULL in a column that production has come to require is refused by name, on ${server.name}`, async (t) => {
    const table = (nullable: string) =>
      `CREATE TABLE t (id INT PRIMARY KEY, name VARCHAR(5) ${nullable}, at TIMESTAMP ${nullable}${nullable === "NULL" ? "" : " DEFAULT '2020-01-01 00:00:00'"}, demo INT);\n`;
    const world = await openWorld(
      t,
      { staging: server, copy: server },
      {
        staging: `${table("NULL")}INSERT INTO t VALUES (1, 'a', NULL, 1), (2, NULL, NULL, 1), (3, NULL, NULL, 0);\n`,
        copy: `${table("NOT NULL")}INSERT INTO t VALUES (1, 'own', '2020-01-01 00:00:00', 0);\n`,
      },
    );
    const plan = await world.plan([{ table: "t", where: "demo = 1" }]);
    await assert.rejects(world.carry(plan), {
      code: "PRESERVE_VALUE_REQUIRED",
      message: /`t.name`, which production requires, is NULL in 1 rows to preserve; `t.at`.* NULL in 2 rows/,
    });
    assert.deepEqual(await rowsOf(world.copy, "SELECT COUNT(*) FROM t"), [[1]]);
    await world.staging.query("UPDATE t SET name = '', at = '2021-01-01 00:00:00' WHERE demo = 1 AND name IS NULL");
    await world.staging.query("UPDATE t SET at = '2021-01-01 00:00:00' WHERE demo = 1");
    await world.carry(plan);
    assert.equal((await world.prove(plan)).rows, 2);
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
