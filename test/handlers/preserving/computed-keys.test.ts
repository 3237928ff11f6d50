// Unique keys over what the server computes: a clash is met before anything is inserted, and none is seen where there is none.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { PreserveRule } from "../../../contracts/sync-contract.ts";
import { servers } from "../../support/servers.ts";
import { openWorld, rowsOf, type World } from "./world.ts";

const COMPANIES = `CREATE TABLE companies (id INT PRIMARY KEY, slug VARCHAR(9) NOT NULL UNIQUE, demo INT NOT NULL);\n`;
const NOTES = `CREATE TABLE notes (id INT PRIMARY KEY, company_id INT NOT NULL, n INT NOT NULL, code VARCHAR(40) AS (CONCAT(company_id, '-', n)) STORED,
  UNIQUE KEY code (code(10)), FOREIGN KEY (company_id) REFERENCES companies (id));\n`;

async function carry(world: World, rules: readonly PreserveRule[]) {
  const plan = await world.plan(rules, { isMasked: () => false });
  await world.copy.query(`DROP DATABASE IF EXISTS ${world.workDatabase}`);
  await world.carry(plan);
  await world.prove(plan);
}

async function refused(world: World, rules: readonly PreserveRule[], says: RegExp): Promise<void> {
  const tables = "SELECT COUNT(*) FROM companies";
  const before = await rowsOf(world.copy, tables);
  await assert.rejects(carry(world, rules), { code: "PRESERVE_UNIQUE_CLASH", message: says });
  assert.deepEqual(await rowsOf(world.copy, tables), before, "nothing is inserted");
}

for (const server of servers()) {
  test(`a key over a column that staging lacks is checked by its default, on ${server.name}`, async (t) => {
    const scripts = {
      staging: `${COMPANIES}CREATE TABLE tags (id INT PRIMARY KEY, n INT NULL, demo INT NOT NULL);
        INSERT INTO tags VALUES (1, 5, 1), (2, NULL, 1), (3, NULL, 1);\n`,
      copy: `${COMPANIES}CREATE TABLE tags (id INT PRIMARY KEY, n INT NULL, demo INT NOT NULL, kind VARCHAR(9) NOT NULL DEFAULT 'plain',
        color INT NULL, seq INT NOT NULL AUTO_INCREMENT, UNIQUE KEY kind (kind, n), UNIQUE KEY color (color), UNIQUE KEY seq (seq));
        INSERT INTO tags (id, n, demo, kind, color) VALUES (1, 5, 0, 'other', NULL), (2, 7, 0, 'PLAIN', NULL);\n`,
    };
    const world = await openWorld(t, { staging: server, copy: server }, scripts);
    const rules = [{ table: "tags", where: "demo = 1" }];
    await world.staging.query("UPDATE tags SET n = 7 WHERE id = 2");
    await refused(world, rules, /production has rows with the key `kind` of `tags` of 1 rows/);
    await world.staging.query("UPDATE tags SET n = 6 WHERE id > 1");
    await refused(world, rules, /rows to preserve share the key `kind` of `tags` as production compares it, 1 values/);
    await world.staging.query("UPDATE tags SET n = NULL WHERE id > 1");
    await carry(world, rules);
    assert.deepEqual(await rowsOf(world.copy, "SELECT n, kind, seq FROM tags WHERE demo = 1 ORDER BY n, seq"), [
      ...[
        [null, "plain", 4],
        [null, "plain", 5],
        [5, "plain", 3],
      ],
    ]);
  });

  if (server.version.startsWith("5.6")) continue; // it computes no columns
  test(`a key over a generated column is checked by what it will be, on ${server.name}`, async (t) => {
    const scripts = {
      staging: `${COMPANIES}${NOTES}INSERT INTO companies VALUES (1, 'demo', 1);\nINSERT INTO notes (id, company_id, n) VALUES (1, 1, 5), (2, 1, 6);\n`,
      copy: `${COMPANIES}${NOTES}INSERT INTO companies VALUES (1, 'own', 0), (7, 'Demo', 0);\nINSERT INTO notes (id, company_id, n) VALUES (1, 1, 5), (2, 7, 6);\n`,
    };
    const world = await openWorld(t, { staging: server, copy: server }, scripts);
    const rule = { table: "companies", where: "demo = 1", match: ["slug"] };
    await refused(
      world,
      [{ ...rule, onMatch: { kind: "keep-production" } }],
      /production has rows with the key `code` of `notes` of 1 rows/,
    );
    const notes = { table: "notes", match: ["company_id", "n"], onMatch: { kind: "overwrite" } } as const;
    await carry(world, [{ ...rule, onMatch: { kind: "keep-production" } }, notes]);
    assert.deepEqual(await rowsOf(world.copy, "SELECT code FROM notes ORDER BY code"), [["1-5"], ["7-5"], ["7-6"]]);
    // Under another company 1-5 is none of production's.
    await world.copy.query("DELETE FROM notes WHERE company_id = 7");
    await carry(world, [{ ...rule, onMatch: { kind: "rename", pattern: "{value}2" } }]);
    assert.deepEqual(await rowsOf(world.copy, "SELECT code FROM notes ORDER BY code"), [["1-5"], ["8-5"], ["8-6"]]);
  });

  if (server.flavour !== "mysql") continue;
  test(`a key over an expression is checked by its value, on ${server.name}`, async (t) => {
    const users = `CREATE TABLE users (id INT PRIMARY KEY, company_id INT NOT NULL, mail VARCHAR(50) COLLATE utf8mb4_bin NULL, demo INT NOT NULL,
      UNIQUE KEY lowered (company_id, (LOWER(CONCAT(mail, '''\\\\"-')))), FOREIGN KEY (company_id) REFERENCES companies (id));\n`;
    const scripts = {
      staging: `${COMPANIES}${users}INSERT INTO companies VALUES (1, 'demo', 1);\nINSERT INTO users VALUES (1, 1, 'ann', 1), (2, 1, 'bob', 1), (3, 1, NULL, 1);\n`,
      copy: `${COMPANIES}${users}INSERT INTO companies VALUES (7, 'demo', 0), (1, 'own', 0);\nINSERT INTO users VALUES (1, 1, 'ANN', 0), (2, 7, 'BOB', 0);\n`,
    };
    const world = await openWorld(t, { staging: server, copy: server }, scripts);
    const rules = [
      { table: "companies", where: "demo = 1", match: ["slug"], onMatch: { kind: "keep-production" } } as const,
    ];
    await refused(world, rules, /production has rows with the key `lowered` of `users` of 1 rows/);
    await world.staging.query("ALTER TABLE users ADD KEY (company_id), DROP KEY lowered");
    await world.staging.query("UPDATE users SET mail = 'Ann' WHERE id = 2");
    await refused(world, rules, /rows to preserve share the key `lowered` of `users` as production compares it, 1 val/);
    await world.staging.query("UPDATE users SET mail = 'zoe' WHERE id = 2");
    await carry(world, rules);
    assert.deepEqual(await rowsOf(world.copy, "SELECT mail FROM users WHERE demo = 1 ORDER BY mail"), [
      ...[[null], ["ann"], ["zoe"]],
    ]);
  });

  test(`a key whose values no query can ask for is refused by name, on ${server.name}`, async (t) => {
    const script = (key: string) =>
      `CREATE TABLE users (id INT PRIMARY KEY, doc JSON, name VARCHAR(9), UNIQUE KEY odd (${key}));\n`;
    for (const [key, message] of [
      ["(CAST(doc->'$.a' AS UNSIGNED ARRAY))", /`users` has the unique key `odd` in production, over the items of an/],
      ["(CONCAT(name, 'é'))", /`odd` in production, over an expression that the server does not tell as it is/],
    ] as const) {
      const world = await openWorld(
        t,
        { staging: server, copy: server },
        { staging: "CREATE TABLE users (id INT PRIMARY KEY);\n", copy: script(key) },
      );
      const plan = world.plan([{ table: "users", where: "1 = 1" }]);
      await assert.rejects(plan, { code: "PRESERVE_KEY_UNCHECKED", message });
    }
  });
}
