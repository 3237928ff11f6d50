// Demo companies carried into a copy that has taken their ids, on every server.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { WriteSession } from "../../../contracts/platform.ts";
import { servers } from "../../support/servers.ts";
import { assertSameStory, DEMO, openShop, ownRows, pairs } from "./shop.ts";
import { openWorld, rowsOf } from "./world.ts";

for (const pair of pairs()) {
  const name = `${pair.staging.name} to ${pair.copy.name}`;

  test(`demo companies arrive whole beside production's unchanged rows, from ${name}`, async (t) => {
    const world = await openShop(t, pair);
    const before = await ownRows(world);
    const plan = await world.plan(DEMO);
    assert.deepEqual(JSON.parse(JSON.stringify(plan)), plan);
    assert.equal(await world.carry(plan), "finished");
    const { perTable, ...summary } = await world.prove(plan);
    await assertSameStory(world);
    assert.deepEqual(await ownRows(world), before);
    assert.deepEqual(summary, { tables: 9, rows: 25, remapped: 7 });
    assert.deepEqual(perTable.map(({ table, rows, remapped }) => `${table} ${rows} ${remapped}`).toSorted(), [
      ...["companies 2 1", "invoices 2 0", "log 4 0", "members 4 0", "order_items 3 0", "orders 2 1"],
      ...["projects 3 2", "refunds 2 1", "users 3 2"],
    ]);
  });

  test(`ids that production left free are kept and the others lie past every id in use, from ${name}`, async (t) => {
    const world = await openShop(t, pair, {
      copy: "INSERT INTO refunds VALUES (50, 1, 2, 'gone');\nDELETE FROM refunds WHERE id = 50;\n",
    });
    const plan = await world.plan(DEMO);
    await world.carry(plan);
    assert.deepEqual(await rowsOf(world.copy, "SELECT id FROM companies ORDER BY id"), [[1], [2], [9], [10]]);
    assert.deepEqual(await rowsOf(world.copy, "SELECT id FROM orders ORDER BY id"), [[0], [1], [2]]);
    // 50 was an id of production's once.
    assert.deepEqual(await rowsOf(world.copy, "SELECT id FROM refunds ORDER BY id"), [[1], [5], [51]]);
    assert.deepEqual(await rowsOf(world.copy, "SELECT CAST(MAX(id) AS CHAR) FROM users"), [["18446744073709551002"]]);
    await world.copy.query("INSERT INTO companies (slug, country) VALUES ('next', 'de')");
    assert.deepEqual(await rowsOf(world.copy, "SELECT id FROM companies WHERE slug = 'next'"), [[11]]);
  });
}

for (const server of servers()) {
  test(`staging is left as it was, on ${server.name}`, async (t) => {
    const world = await openShop(t, { staging: server, copy: server });
    const tables = () => rowsOf(world.staging, "CHECKSUM TABLE companies, users, orders, log");
    const before = await tables();
    const plan = await world.plan(DEMO);
    await world.carry(plan);
    await world.prove(plan);
    assert.deepEqual(await tables(), before);
  });

  test(`what staging's users do meanwhile is not seen, on ${server.name}`, async (t) => {
    const world = await openShop(t, { staging: server, copy: server });
    const plan = await world.plan(DEMO);
    const projects =
      "SELECT p.name FROM projects p JOIN companies c ON c.id = p.company_id WHERE c.is_demo = 1 ORDER BY 1";
    const before = await rowsOf(world.staging, projects);
    let written = 0;
    const meanwhile = (session: WriteSession): WriteSession => ({
      ...session,
      async run(sql, values) {
        const result = await session.run(sql, values);
        // The companies are read, and what hangs on them is not.
        if (/^INSERT INTO \S*preserve_rows/.test(sql) && written++ === 0) {
          await world.staging.query("UPDATE projects SET name = 'late' WHERE id = 1");
          await world.staging.query("INSERT INTO projects VALUES (99, 9, 'later')");
          await world.staging.query("DELETE FROM log WHERE company_id = 9");
        }
        return result;
      },
    });
    await world.carry(plan, {}, meanwhile);
    await world.prove(plan);
    assert.ok(written > 1);
    assert.deepEqual(await rowsOf(world.copy, projects), before);
    assert.deepEqual(await rowsOf(world.copy, "SELECT COUNT(*) FROM log"), [[6]]);
  });

  test(`values of every type arrive as they were, on ${server.name}`, async (t) => {
    const table = `CREATE TABLE every (
      id INT PRIMARY KEY, f FLOAT, d DOUBLE, n DECIMAL(30,10), b BIGINT UNSIGNED, s BIGINT, z INT(6) UNSIGNED ZEROFILL,
      bits BIT(10), y YEAR, t TIME(3), ts TIMESTAMP(6) NULL, dt DATETIME, raw VARBINARY(300), big LONGBLOB,
      latin VARCHAR(20) CHARACTER SET latin1, text TEXT, e ENUM('a','b''c'), st SET('x','y'), p POINT, c CHAR(5));\n`;
    const every = Buffer.from(Array.from({ length: 256 }, (_, i) => i)).toString("hex");
    const row = `INSERT INTO every VALUES (1, 0.123456789, 0.1234567890123456789, 12345678901234567890.0123456789, 18446744073709551615,
      -9223372036854775808, 42, b'1000000001', 1999, '-12:34:56.789', '2021-03-28 02:30:00.123456', '2020-02-31 00:00:00',
      X'${every}', X'${every}', 'größe', 'a\\\\b''"\\n? :x 😀', 'b''c', 'x,y', ST_GeomFromText('POINT(1 2)'), ' x'),
      (2, ${"NULL, ".repeat(18)}NULL);\n`;
    const world = await openWorld(t, { staging: server, copy: server }, { staging: table + row, copy: table });
    const plan = await world.plan([{ table: "every", where: "1 = 1" }]);
    await world.carry(plan);
    await world.prove(plan);
    const all = `SELECT e.*, f + 0e0, HEX(text), HEX(latin), HEX(bits + 0), HEX(p), CAST(dt AS CHAR), CAST(ts AS CHAR), CAST(t AS CHAR) FROM every e ORDER BY id`;
    assert.deepEqual(await rowsOf(world.copy, all), await rowsOf(world.staging, all));
  });
}

for (const server of servers()) {
  test(`keys made of foreign keys follow their parents, in their own table too, on ${server.name}`, async (t) => {
    const schema = `
      CREATE TABLE tenants (id INT PRIMARY KEY, demo INT NOT NULL);
      CREATE TABLE people (tenant_id INT, nr INT, boss INT NULL, PRIMARY KEY (tenant_id, nr), KEY (tenant_id, boss),
        FOREIGN KEY (tenant_id) REFERENCES tenants (id), FOREIGN KEY (tenant_id, boss) REFERENCES people (tenant_id, nr));
      CREATE TABLE badges (id INT PRIMARY KEY, tenant_id INT NOT NULL, owner INT NOT NULL,
        FOREIGN KEY (tenant_id) REFERENCES tenants (id), FOREIGN KEY (tenant_id, owner) REFERENCES people (tenant_id, nr));
      INSERT INTO people VALUES (1, 1, NULL);\n`;
    const world = await openWorld(
      t,
      { staging: server, copy: server },
      {
        staging: `${schema}INSERT INTO tenants VALUES (1, 1);
          INSERT INTO people VALUES (1, 2, 1), (1, 3, 2);
          INSERT INTO badges VALUES (1, 1, 3);\n`,
        copy: `${schema}INSERT INTO tenants VALUES (1, 0);\n`,
      },
    );
    const plan = await world.plan([{ table: "tenants", where: "demo = 1" }]);
    await world.carry(plan);
    await world.prove(plan);
    assert.deepEqual(await rowsOf(world.copy, "SELECT * FROM people ORDER BY tenant_id, nr"), [
      [1, 1, null],
      ...[
        [2, 1, null],
        [2, 2, 1],
        [2, 3, 2],
      ],
    ]);
    assert.deepEqual(await rowsOf(world.copy, "SELECT * FROM badges"), [[1, 2, 3]]);
  });
}

for (const server of servers()) {
  test(`rows without a primary key come once by whatever ways, and equal ones as often as they are there, on ${server.name}`, async (t) => {
    const schema = `
      CREATE TABLE companies (id INT PRIMARY KEY, demo INT NOT NULL);
      CREATE TABLE users (id INT PRIMARY KEY, company_id INT NOT NULL, FOREIGN KEY (company_id) REFERENCES companies (id));
      CREATE TABLE log (company_id INT NULL, user_id INT NULL, what VARCHAR(9), doc LONGTEXT NULL,
        FOREIGN KEY (company_id) REFERENCES companies (id), FOREIGN KEY (user_id) REFERENCES users (id));\n`;
    const world = await openWorld(
      t,
      { staging: server, copy: server },
      {
        staging: `${schema}INSERT INTO companies VALUES (1, 1);\nINSERT INTO users VALUES (1, 1);
          INSERT INTO log VALUES (1, 1, 'c', NULL), (1, 1, 'a', 'x'), (1, NULL, 'b', NULL), (1, 1, 'a', 'x'), (NULL, 1, 'd', NULL),
            (NULL, 1, 'd', NULL), (NULL, 1, 'd', ''), (1, 1, 'A', 'x');\n`,
        copy: `${schema}INSERT INTO companies VALUES (1, 0);\nINSERT INTO users VALUES (1, 1);\nINSERT INTO log VALUES (1, 1, 'own', 'x');\n`,
      },
    );
    const plan = await world.plan([
      { table: "companies", where: "demo = 1" },
      { table: "log", where: "what = 'a'", follow: "none" },
      { table: "users", where: "company_id IN (SELECT id FROM companies WHERE demo = 1)", follow: ["log"] },
    ]);
    await world.carry(plan, { batchRows: 3 });
    assert.equal((await world.prove(plan)).rows, 10);
    const log = "SELECT company_id, user_id, what, doc FROM log ORDER BY BINARY what, company_id, doc";
    assert.deepEqual(await rowsOf(world.copy, log), [
      ...[
        [2, 2, "A", "x"],
        [2, 2, "a", "x"],
        [2, 2, "a", "x"],
      ],
      ...[
        [2, null, "b", null],
        [2, 2, "c", null],
      ],
      ...[
        [null, 2, "d", null],
        [null, 2, "d", null],
        [null, 2, "d", ""],
        [1, 1, "own", "x"],
      ],
    ]);
  });
}
