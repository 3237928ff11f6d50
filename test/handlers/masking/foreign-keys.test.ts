// A masked key masks whatever refers to it alike, so that no row loses its parent.
import assert from "node:assert/strict";
import { test } from "node:test";
import { isFatal } from "../../../contracts/errors.ts";
import { maskReplica, proveMasking } from "../../../handlers/masking/index.ts";
import { servers } from "../../support/servers.ts";
import { contractOf, createCopy, emailOf, hashOf, manyRows, type Copy } from "./support.ts";

async function countOrphans(copy: Copy, child: string, column: string, parent: string, key: string): Promise<number> {
  const [row] = await copy.rows(
    `SELECT COUNT(*) AS n FROM ${child} c LEFT JOIN ${parent} p ON p.${key} = c.${column}
     WHERE c.${column} IS NOT NULL AND p.${key} IS NULL`,
  );
  return Number(row?.["n"]);
}

for (const server of servers()) {
  test(`a masked parent's children follow, down a chain and in any spelling, on ${server.name}`, async (t) => {
    const copy = await createCopy(t, server, [
      `CREATE TABLE accounts (email VARCHAR(120) PRIMARY KEY, n INT) DEFAULT CHARSET utf8mb4`,
      `CREATE TABLE logins (id INT PRIMARY KEY, who VARCHAR(120) NULL UNIQUE, seen TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP
         ON UPDATE CURRENT_TIMESTAMP, FOREIGN KEY (who) REFERENCES accounts (email) ON UPDATE CASCADE)
         DEFAULT CHARSET utf8mb4`,
      `CREATE TABLE notes (id INT PRIMARY KEY, login VARCHAR(120), FOREIGN KEY (login) REFERENCES logins (who))
         DEFAULT CHARSET utf8mb4`,
      `INSERT INTO accounts VALUES ${manyRows(30, (n) => `'Ann${n}@example.org', ${n}`)}`,
      `INSERT INTO logins VALUES ${manyRows(30, (n) => `${n}, 'aNN${n}@Example.ORG', '2001-02-03 04:05:06'`)}`,
      "INSERT INTO logins VALUES (99, NULL, '2001-02-03 04:05:06')",
      `INSERT INTO notes VALUES ${manyRows(30, (n) => `${n}, 'ÁNN${n}@EXAMPLE.org'`)}`,
    ]);
    const job = await copy.job(
      contractOf({
        accounts: { email: "email", n: "keep" },
        logins: { id: "keep", seen: "keep" },
        notes: { id: "keep", login: "email" },
      }),
    );
    assert.equal(await maskReplica(job), "finished");
    assert.notEqual(await proveMasking(job), "out-of-time");
    const logins = await copy.rows("SELECT id, who, CAST(seen AS CHAR) AS seen FROM logins ORDER BY id");
    for (const { id, who, seen } of logins) {
      const expected = id === 99 ? null : emailOf(`Ann${String(id)}@example.org`);
      assert.deepEqual({ id: id as unknown, who: who as unknown }, { id: id as unknown, who: expected });
      assert.equal(String(seen), "2001-02-03 04:05:06");
    }
    const notes = await copy.rows("SELECT id, login FROM notes ORDER BY id");
    for (const { id, login } of notes) assert.equal(String(login), emailOf(`Ann${String(id)}@example.org`));
    assert.equal(await countOrphans(copy, "logins", "who", "accounts", "email"), 0);
  });

  test(`a primary key that is masked, and referred to from its own table, is masked once, on ${server.name}`, async (t) => {
    const copy = await createCopy(t, server, [
      `CREATE TABLE employees (code VARCHAR(64) PRIMARY KEY, boss VARCHAR(64), n INT,
         FOREIGN KEY (boss) REFERENCES employees (code)) DEFAULT CHARSET utf8mb4 COLLATE utf8mb4_bin`,
      `INSERT INTO employees VALUES ${manyRows(200, (n) => `'E${n}', ${n === 1 ? "NULL" : `'E${Math.ceil(n / 3)}'`}, ${n}`)}`,
      `CREATE TABLE walked (id VARCHAR(64), other INT NOT NULL, PRIMARY KEY (id), UNIQUE KEY by_other (other))`,
      `INSERT INTO walked VALUES ${manyRows(50, (n) => `'W${n}', ${n}`)}`,
    ]);
    const job = await copy.job(
      contractOf({ employees: { code: "hash", n: "keep" }, walked: { id: "hash", other: "keep" } }),
    );
    assert.deepEqual(
      job.plan.tables.map(({ chunkKey }) => chunkKey?.index),
      [undefined, "by_other"],
    );
    assert.equal(await maskReplica(job), "finished");
    assert.notEqual(await proveMasking(job), "out-of-time");
    for (const { code, boss, n } of await copy.rows("SELECT code, boss, n FROM employees")) {
      assert.equal(String(code), hashOf(`E${String(n)}`));
      assert.equal(boss as unknown, n === 1 ? null : hashOf(`E${Math.ceil(Number(n) / 3)}`));
    }
    for (const { id, other } of await copy.rows("SELECT id, other FROM walked")) {
      assert.equal(String(id), hashOf(`W${String(other)}`));
    }
  });

  test(`all columns of a composite foreign key are spelled and masked as the parent's, on ${server.name}`, async (t) => {
    const copy = await createCopy(t, server, [
      `CREATE TABLE people (tenant INT, name VARCHAR(64), PRIMARY KEY (tenant, name)) DEFAULT CHARSET utf8mb4`,
      `CREATE TABLE visits (id INT PRIMARY KEY, tenant INT, name VARCHAR(64),
         FOREIGN KEY (tenant, name) REFERENCES people (tenant, name)) DEFAULT CHARSET utf8mb4`,
      "INSERT INTO people VALUES (1, 'ann'), (2, 'ANN')",
      "INSERT INTO visits VALUES (1, 1, 'Ann'), (2, 2, 'Ann')",
    ]);
    const job = await copy.job(
      contractOf({ people: { tenant: "keep", name: "hash" }, visits: { id: "keep", tenant: "keep" } }),
    );
    assert.equal(await maskReplica(job), "finished");
    const visits = await copy.rows("SELECT name FROM visits ORDER BY id");
    assert.deepEqual(
      visits.map(({ name }) => String(name)),
      [hashOf("ann"), hashOf("ANN")],
    );
  });

  test(`a child whose two parents are spelled differently stops masking before a row changes, on ${server.name}`, async (t) => {
    const copy = await createCopy(t, server, [
      ...["a", "b"].map((name) => `CREATE TABLE ${name} (code VARCHAR(64) PRIMARY KEY) DEFAULT CHARSET utf8mb4`),
      `CREATE TABLE child (id INT PRIMARY KEY, code VARCHAR(64), FOREIGN KEY (code) REFERENCES a (code),
         FOREIGN KEY (code) REFERENCES b (code)) DEFAULT CHARSET utf8mb4`,
      "INSERT INTO a VALUES ('Ann')",
      "INSERT INTO b VALUES ('ANN')",
      "INSERT INTO child VALUES (1, 'ann')",
    ]);
    const job = await copy.job(contractOf({ a: { code: "hash" }, b: { code: "hash" }, child: { id: "keep" } }));
    const error: unknown = await maskReplica(job).catch((caught: unknown) => caught);
    assert.ok(isFatal(error), String(error));
    assert.equal(error.code, "MASK_FOREIGN_KEY");
    assert.match(error.message, /^1 rows of `child` refer to/);
    assert.deepEqual(
      (await copy.rows("SELECT code FROM a UNION ALL SELECT code FROM b")).map(({ code }) => String(code)),
      ["Ann", "ANN"],
    );
  });
}
