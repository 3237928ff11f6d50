// `match` and `on_match`: what becomes of rows that production has too, and of what refers to them.
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { isFatal } from "../../../contracts/errors.ts";
import type { OnMatch, PreserveRule } from "../../../contracts/sync-contract.ts";
import { servers, type TestServer } from "../../support/servers.ts";
import { openWorld, rowsOf, type World } from "./world.ts";

const SCHEMA = `
CREATE TABLE regions (code CHAR(2) PRIMARY KEY);
CREATE TABLE companies (
  id INT AUTO_INCREMENT PRIMARY KEY, slug VARCHAR(30) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci NOT NULL UNIQUE,
  name VARCHAR(30) NOT NULL, demo INT NOT NULL DEFAULT 0, vat VARCHAR(20) NULL UNIQUE,
  changed_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
  region CHAR(2) NULL, FOREIGN KEY (region) REFERENCES regions (code));
CREATE TABLE users (id INT AUTO_INCREMENT PRIMARY KEY, company_id INT NOT NULL, nick VARCHAR(30) NOT NULL,
  UNIQUE KEY (company_id, nick), FOREIGN KEY (company_id) REFERENCES companies (id));
CREATE TABLE profiles (company_id INT PRIMARY KEY, bio TEXT, FOREIGN KEY (company_id) REFERENCES companies (id));
CREATE TABLE visits (id INT AUTO_INCREMENT PRIMARY KEY, slug VARCHAR(30) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci NULL,
  profile INT NULL, FOREIGN KEY (slug) REFERENCES companies (slug), FOREIGN KEY (profile) REFERENCES profiles (company_id));
`;

const THEN = "2020-01-01 00:00:00";
const STAGING = `${SCHEMA}
INSERT INTO companies VALUES (1, 'ACME', 'Demo Acme', 1, 'x', '${THEN}', NULL), (2, 'beta', 'Demo Beta', 1, NULL, '${THEN}', NULL);
INSERT INTO users VALUES (1, 1, 'ann'), (2, 1, 'bob'), (3, 2, 'eve');
INSERT INTO profiles VALUES (1, 'of acme'), (2, 'of beta');
INSERT INTO visits VALUES (1, 'acme', 1), (2, 'beta', NULL);
`;
const COPY = `${SCHEMA}
INSERT INTO companies VALUES (7, 'acme', 'Acme', 0, NULL, '${THEN}', NULL), (2, 'other', 'Other', 0, NULL, '${THEN}', NULL);
INSERT INTO users VALUES (1, 7, 'tim'), (9, 2, 'tom');
`;

const COMPANIES = "SELECT id, slug, name, demo, CAST(changed_at AS CHAR) FROM companies ORDER BY id";

function rule(onMatch?: OnMatch): PreserveRule {
  return { table: "companies", where: "demo = 1", match: ["slug"], ...(onMatch && { onMatch }) };
}

function open(t: TestContext, server: TestServer, more: { staging?: string; copy?: string } = {}) {
  const scripts = { staging: STAGING + (more.staging ?? ""), copy: COPY + (more.copy ?? "") };
  return openWorld(t, { staging: server, copy: server }, scripts);
}

async function carry(world: World, rules: readonly PreserveRule[]) {
  const plan = await world.plan(rules, { isMasked: () => false });
  while ((await world.carry(plan, { batchRows: 1, signal: AbortSignal.abort() })) === "out-of-time");
  return world.prove(plan);
}

async function refused(world: World, rules: readonly PreserveRule[], code: string, says: RegExp): Promise<void> {
  const before = await rowsOf(world.copy, "CHECKSUM TABLE companies, users, profiles, visits");
  await assert.rejects(
    async () => world.carry(await world.plan(rules, { isMasked: () => false })),
    (error) => {
      assert.ok(isFatal(error), String(error));
      assert.equal(error.code, code, error.message);
      assert.match(error.message, says);
      assert.doesNotMatch(error.message, /acme|beta|ann/i);
      return true;
    },
  );
  assert.deepEqual(await rowsOf(world.copy, "CHECKSUM TABLE companies, users, profiles, visits"), before);
}

for (const server of servers()) {
  test(`production's row stands for staging's, and its children come under it, on ${server.name}`, async (t) => {
    // What the row itself refers to does not matter, as it stays behind.
    const world = await open(t, server, {
      staging:
        "INSERT INTO regions VALUES ('xx');\nUPDATE companies SET region = 'xx', changed_at = changed_at WHERE id = 1;\n",
    });
    await refused(world, [rule({ kind: "overwrite" })], "PRESERVE_PARENT_MISSING", /`companies.region`.* leads 1 rows/);
    const { perTable } = await carry(world, [rule({ kind: "keep-production" })]);
    assert.deepEqual(await rowsOf(world.copy, COMPANIES), [
      [2, "other", "Other", 0, THEN],
      [7, "acme", "Acme", 0, THEN],
      [8, "beta", "Demo Beta", 1, THEN],
    ]);
    assert.deepEqual(await rowsOf(world.copy, "SELECT * FROM users ORDER BY nick"), [
      ...[
        [10, 7, "ann"],
        [2, 7, "bob"],
        [3, 8, "eve"],
      ],
      ...[
        [1, 7, "tim"],
        [9, 2, "tom"],
      ],
    ]);
    assert.deepEqual(await rowsOf(world.copy, "SELECT * FROM profiles ORDER BY 1"), [
      [7, "of acme"],
      [8, "of beta"],
    ]);
    assert.deepEqual(await rowsOf(world.copy, "SELECT slug, profile FROM visits ORDER BY id"), [
      ["acme", 7],
      ["beta", null],
    ]);
    assert.deepEqual(perTable[0], {
      ...{ table: "companies", rows: 1, remapped: 1, kept: 1, overwritten: 0, renamed: 0 },
    });
  });

  test(`production's row gets staging's values and keeps its key, on ${server.name}`, async (t) => {
    const world = await open(t, server);
    const { perTable } = await carry(world, [rule({ kind: "overwrite" })]);
    assert.deepEqual(await rowsOf(world.copy, COMPANIES), [
      [2, "other", "Other", 0, THEN],
      // What foreign keys lead to stays as production spells it.
      [7, "acme", "Demo Acme", 1, THEN],
      [8, "beta", "Demo Beta", 1, THEN],
    ]);
    assert.deepEqual(await rowsOf(world.copy, "SELECT vat FROM companies WHERE id = 7"), [["x"]]);
    assert.deepEqual(await rowsOf(world.copy, "SELECT nick FROM users WHERE company_id = 7 ORDER BY 1"), [
      ...[["ann"], ["bob"], ["tim"]],
    ]);
    assert.deepEqual(perTable[0], {
      ...{ table: "companies", rows: 2, remapped: 1, kept: 0, overwritten: 1, renamed: 0 },
    });
  });

  test(`a row is renamed until its name is free on both sides, on ${server.name}`, async (t) => {
    const world = await open(t, server, {
      staging: `INSERT INTO companies VALUES (3, 'acme (demo) (demo)', 'Third', 1, NULL, '${THEN}', NULL);\n`,
      copy: `INSERT INTO companies VALUES (8, 'Acme (demo)', 'Eight', 0, NULL, '${THEN}', NULL);\n`,
    });
    const { perTable } = await carry(world, [rule({ kind: "rename", pattern: "{value} (demo)" })]);
    assert.deepEqual(await rowsOf(world.copy, "SELECT slug, name FROM companies WHERE demo = 1 ORDER BY name"), [
      ["ACME (demo) (demo) (demo)", "Demo Acme"],
      ["beta", "Demo Beta"],
      ["acme (demo) (demo)", "Third"],
    ]);
    assert.deepEqual(await rowsOf(world.copy, "SELECT slug FROM visits ORDER BY id"), [
      ["ACME (demo) (demo) (demo)"],
      ["beta"],
    ]);
    assert.deepEqual([perTable[0]?.rows, perTable[0]?.renamed], [3, 1]);
  });

  test(`what cannot be decided by a match is refused before anything is written, on ${server.name}`, async (t) => {
    const world = await open(t, server, {
      copy: `INSERT INTO profiles VALUES (7, 'production');\nINSERT INTO users VALUES (10, 2, 'tim');\n`,
    });
    const keep = rule({ kind: "keep-production" });
    await refused(world, [rule()], "PRESERVE_MATCH", /has 1 rows of `companies` by `slug`/);
    await refused(world, [keep], "PRESERVE_KEY_CLASH", /the key `PRIMARY` of `profiles` of 1 rows/);
    const profiles = { table: "profiles", match: ["company_id"], onMatch: { kind: "keep-production" } } as const;
    await world.staging.query("UPDATE users SET nick = 'TIM' WHERE id = 1");
    await refused(world, [keep, profiles], "PRESERVE_UNIQUE_CLASH", /the key `company_id` of `users` of 1 rows/);
    const users = (columns: string[]): PreserveRule => ({
      ...{ table: "users", match: columns, onMatch: { kind: "keep-production" } },
    });
    await refused(world, [keep, profiles, users(["nick"])], "PRESERVE_MATCH_AMBIGUOUS", /more than one row for 1 rows/);
    const long = { kind: "rename", pattern: `{value}${"-".repeat(27)}` } as const;
    await refused(
      world,
      [rule(long)],
      "PRESERVE_RENAME_LONG",
      /`companies.slug` holds 30 characters, too few to rename 1/,
    );
    const { perTable } = await carry(world, [keep, profiles, users(["company_id", "nick"])]);
    assert.deepEqual(
      perTable.map(({ table, kept }) => [table, kept]),
      [
        ["companies", 1],
        ["profiles", 1],
        ["users", 1],
        ["visits", 0],
      ],
    );
    assert.deepEqual(await rowsOf(world.copy, "SELECT bio FROM profiles WHERE company_id = 7"), [["production"]]);
  });

  test(`overwriting loses no value and touches no column that staging lacks, on ${server.name}`, async (t) => {
    const generates = !server.version.startsWith("5.6");
    const columns = `id INT PRIMARY KEY, code VARBINARY(300) NOT NULL, demo INT NOT NULL, f FLOAT, big BIGINT UNSIGNED, bits BIT(10),
      born DATE, at DATETIME(6), raw LONGBLOB, p POINT, nick VARCHAR(20) CHARACTER SET latin1 NULL UNIQUE, UNIQUE KEY start (code(2))
      ${generates ? ", label VARCHAR(40) AS (CONCAT(demo, '-', nick)) STORED, UNIQUE KEY (label)" : ""}`;
    const own =
      "touched TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP, seats INT NOT NULL DEFAULT 3";
    const names = "(id, code, demo, f, big, bits, born, at, raw, p, nick)";
    const world = await openWorld(
      t,
      { staging: server, copy: server },
      {
        staging: `CREATE TABLE every (${columns}, old INT);\nINSERT INTO every ${names} VALUES
          (1, X'00ff27', 1, 0.123456789, 18446744073709551615, b'1000000001', '0000-00-00', '2001-02-31 00:00:00.000001', X'00ff', ST_GeomFromText('POINT(1 2)'), 'größe'),
          (2, X'01', 1, ${"NULL, ".repeat(7)}NULL), (3, X'02', 1, ${"NULL, ".repeat(7)}NULL);\n`,
        copy: `CREATE TABLE every (${own}, ${columns});\nINSERT INTO every (touched, seats, id, code, demo, f) VALUES
          ('${THEN}', 9, 5, X'00ff27', 0, 1), ('${THEN}', 8, 1, X'01', 0, 1);\n`,
      },
    );
    await carry(world, [{ table: "every", where: "demo = 1", match: ["code"], onMatch: { kind: "overwrite" } }]);
    const all = `SELECT code, demo, f + 0e0, big, bits + 0, CAST(born AS CHAR), CAST(at AS CHAR), HEX(raw), HEX(p), nick ${generates ? ", label" : ""}
      FROM every WHERE demo = 1 ORDER BY code`;
    assert.deepEqual(await rowsOf(world.copy, all), await rowsOf(world.staging, all));
    assert.deepEqual(await rowsOf(world.copy, `SELECT id, seats, touched = '${THEN}' FROM every ORDER BY id`), [
      [1, 8, 1],
      [3, 3, 0],
      [5, 9, 1],
    ]);
  });

  test(`production's rows may be the rule's own where they stand for themselves, on ${server.name}`, async (t) => {
    const world = await open(t, server, { copy: "UPDATE companies SET demo = 1 WHERE id = 7;\n" });
    await refused(world, [rule({ kind: "overwrite" })], "PRESERVE_RULE_MATCHES_PRODUCTION", /is true for 1 of/);
    const { perTable } = await carry(world, [rule({ kind: "keep-production" })]);
    assert.equal(perTable[0]?.kept, 1);
  });

  test(`a row of production's under another parent stands for staging's, with its own key, on ${server.name}`, async (t) => {
    const schema = `CREATE TABLE companies (id INT PRIMARY KEY, demo INT NOT NULL);
      CREATE TABLE seats (company_id INT, nr INT, code VARCHAR(9) NOT NULL UNIQUE, PRIMARY KEY (company_id, nr), FOREIGN KEY (company_id) REFERENCES companies (id));
      CREATE TABLE guests (id INT PRIMARY KEY, company_id INT, nr INT, FOREIGN KEY (company_id, nr) REFERENCES seats (company_id, nr));\n`;
    const world = await openWorld(
      t,
      { staging: server, copy: server },
      {
        staging: `${schema}INSERT INTO companies VALUES (3, 1);\nINSERT INTO seats VALUES (3, 3, 'x'), (3, 4, 'y');\nINSERT INTO guests VALUES (1, 3, 3), (2, 3, 4);\n`,
        copy: `${schema}INSERT INTO companies VALUES (2, 0), (3, 0);\nINSERT INTO seats VALUES (2, 1, 'X');\n`,
      },
    );
    const seats = (onMatch: OnMatch): PreserveRule[] => [
      { table: "companies", where: "demo = 1" },
      { table: "seats", match: ["code"], onMatch },
    ];
    // Its key is a reference too, and leads to another company than staging's.
    await assert.rejects(async () => world.carry(await world.plan(seats({ kind: "overwrite" }))), {
      code: "PRESERVE_REFERENCE_CONFLICT",
    });
    await carry(world, seats({ kind: "keep-production" }));
    assert.deepEqual(await rowsOf(world.copy, "SELECT * FROM seats ORDER BY code"), [
      [2, 1, "X"],
      [4, 4, "y"],
    ]);
    assert.deepEqual(await rowsOf(world.copy, "SELECT company_id, nr FROM guests ORDER BY id"), [
      [2, 1],
      [4, 4],
    ]);
  });

  test(`parents that production has under other ids are found by a match, on ${server.name}`, async (t) => {
    const schema = `CREATE TABLE products (id INT AUTO_INCREMENT PRIMARY KEY, sku VARCHAR(20) NOT NULL UNIQUE);
      CREATE TABLE orders (id INT PRIMARY KEY, product_id INT NOT NULL, FOREIGN KEY (product_id) REFERENCES products (id));\n`;
    const world = await openWorld(
      t,
      { staging: server, copy: server },
      {
        staging: `${schema}INSERT INTO products VALUES (1, 'a'), (2, 'b'), (3, 'new'), (4, 'same');
INSERT INTO orders VALUES (1, 1), (2, 2), (3, 3), (4, 4);\n`,
        copy: `${schema}INSERT INTO products VALUES (2, 'a'), (1, 'b'), (4, 'same');\n`,
      },
    );
    const { perTable } = await carry(world, [
      { table: "orders", where: "1 = 1", parents: "carry" },
      { table: "products", match: ["sku"], onMatch: { kind: "keep-production" } },
    ]);
    const story = "SELECT o.id, p.sku FROM orders o JOIN products p ON p.id = o.product_id ORDER BY 1";
    assert.deepEqual(await rowsOf(world.copy, story), await rowsOf(world.staging, story));
    assert.deepEqual(await rowsOf(world.copy, "SELECT * FROM products ORDER BY id"), [
      [1, "b"],
      [2, "a"],
      [3, "new"],
      [4, "same"],
    ]);
    assert.deepEqual(perTable.find(({ table }) => table === "products")?.kept, 2);
  });
}
