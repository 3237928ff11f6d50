// References that no schema declares: rows come along through them, and their values follow ids that are given anew.
import assert from "node:assert/strict";
import { test } from "node:test";
import { parseReference, type DeclaredReference } from "../../../contracts/declared-reference.ts";
import type { PreserveRule } from "../../../contracts/sync-contract.ts";
import { servers } from "../../support/servers.ts";
import { openWorld, rowsOf } from "./world.ts";

export function references(...lines: string[]): DeclaredReference[] {
  return lines.map((line) => {
    const parsed = parseReference(line);
    assert.ok(!("wrong" in parsed), line);
    return parsed;
  });
}

const SCHEMA = `
CREATE TABLE companies (id INT PRIMARY KEY, slug VARCHAR(20) NOT NULL, demo INT NOT NULL DEFAULT 0);
CREATE TABLE users (id BIGINT UNSIGNED PRIMARY KEY, company_id INT NULL, name VARCHAR(20));
CREATE TABLE comments (id INT PRIMARY KEY, on_id BIGINT NULL, on_type VARCHAR(20) NULL, text VARCHAR(20));
CREATE TABLE settings (name VARCHAR(20), value VARCHAR(20));
CREATE TABLE logs (id INT PRIMARY KEY, kind VARCHAR(10) NOT NULL DEFAULT 'a', data LONGTEXT NULL);
CREATE TABLE pages (id INT PRIMARY KEY, body TEXT NOT NULL);
`;

const REFERENCES = references(
  "users.company_id -> companies.id",
  "comments.on_id → companies.id when comments.on_type = 'Company'",
  "comments.on_id → users.id when comments.on_type in ('User', 'Admin')",
  "settings.value → companies.id when settings.name = 'company'",
  "logs.data.$.company_id → companies.id",
  "logs.data.$.items[*].user → users.id",
  "pages.body containing '/companies/{id}/' → companies.id",
  "pages.body containing 'user={id}' → users.id",
);

const RULES: readonly PreserveRule[] = [{ table: "companies", where: "demo = 1" }];

/** With spaces, repeated keys, numbers that no double holds, escapes and nesting: all of it must stay. */
const ODD = String.raw`{ "n": 12345678901234567890.10, "company_id" : 1,"x":{"company_id":1},  "items":[{"user":"7"},{"user":7},{"user":null},{"v":1e400}],
  "company_id":"1", "esc":"\u00e9\/" }`;

const STAGING_ROWS = `
INSERT INTO companies VALUES (1, 'demo', 1), (4, 'free', 1), (2, 'other', 0);
INSERT INTO users VALUES (7, 1, 'ann'), (8, 4, 'bob'), (3, 2, 'eve'), (9, NULL, 'none');
INSERT INTO comments VALUES (1, 1, 'Company', 'on demo'), (2, 7, 'User', 'on ann'), (3, 7, 'Admin', 'on ann too'), (4, 7, 'Product', 'on 7'),
  (5, 1, 'User', 'not ann'), (6, 4, 'Company', 'on free'), (7, 1, 'company', 'another type'), (8, NULL, 'Company', 'on nothing'), (9, 1, NULL, 'untyped');
INSERT INTO settings VALUES ('company', '1'), ('company', '01'), ('colour', '1'), ('company', '4'), ('company', '2');
INSERT INTO logs VALUES (1, 'a', '${ODD.replaceAll("\\", "\\\\")}'), (2, 'a', '{"company_id":2}'), (3, 'a', '{"company_id":11}'), (4, 'a', '[1]'), (5, 'a', NULL), (6, 'a', '{"items":[{"user":7}]}'), (7, 'a', '{"company_id":4}');
INSERT INTO pages VALUES (1, 'see /companies/1/ or /companies/1/companies/4/ not /companies/12/ user=7, user=77'), (2, '/companies/2/'), (3, 'user=7'), (4, 'user=70'), (5, '/companies/x/');
`;

/** Production has taken company 1, user 7 and the first rows of everything that hangs on them. */
const COPY_ROWS = `
INSERT INTO companies VALUES (1, 'acme', 0), (2, 'other', 0), (12, 'twelve', 0);
INSERT INTO users VALUES (7, 1, 'zoe'), (77, 2, 'x');
INSERT INTO comments VALUES (1, 1, 'Company', 'own');
INSERT INTO logs VALUES (1, 'a', '{"company_id":1}');
INSERT INTO pages VALUES (1, '/companies/1/');
`;

for (const server of servers()) {
  test(`rows come along through every form of reference, and values follow, on ${server.name}`, async (t) => {
    const staging = `${SCHEMA}${STAGING_ROWS}INSERT INTO users VALUES (77, 2, 'x');\nINSERT INTO companies VALUES (12, 'twelve', 0);\n`;
    const world = await openWorld(t, { staging: server, copy: server }, { staging, copy: SCHEMA + COPY_ROWS });
    const plan = await world.plan(RULES, { references: REFERENCES });
    assert.deepEqual(JSON.parse(JSON.stringify(plan)), plan);
    await world.carry(plan, { batchRows: 2 });
    await world.prove(plan);
    const own = (sql: string) => rowsOf(world.copy, sql);
    // 12 and 77 are in use: new ids lie past them.
    assert.deepEqual(await own("SELECT id, slug FROM companies WHERE demo = 1 ORDER BY id"), [
      [4, "free"],
      [13, "demo"],
    ]);
    assert.deepEqual(await own("SELECT id, company_id, name FROM users WHERE name IN ('ann', 'bob', 'eve', 'none')"), [
      [8, 4, "bob"],
      [78, 13, "ann"],
    ]);
    assert.deepEqual(await own("SELECT on_id, on_type, text FROM comments WHERE text <> 'own' ORDER BY text"), [
      [78, "User", "on ann"],
      [78, "Admin", "on ann too"],
      [13, "Company", "on demo"],
      [4, "Company", "on free"],
    ]);
    assert.deepEqual(await own("SELECT name, value FROM settings ORDER BY value"), [
      ["company", "13"],
      ["company", "4"],
    ]);
    const moved = ODD.replaceAll(/^(\{[^{]*"company_id" : )1/g, "$113")
      .replace('"user":"7"', '"user":"78"')
      .replace('"user":7', '"user":78')
      .replace('"company_id":"1"', '"company_id":"13"');
    assert.deepEqual(await own("SELECT data FROM logs WHERE id > 1 ORDER BY id"), [
      ['{"items":[{"user":78}]}'],
      ['{"company_id":4}'],
      [moved],
    ]);
    assert.deepEqual(await own("SELECT body FROM pages WHERE id > 1 ORDER BY id"), [
      ["user=78"],
      ["see /companies/13/ or /companies/13/companies/4/ not /companies/12/ user=78, user=77"],
    ]);
  });
}

/** Parents that production has under other ids, or not at all, and what refers to them. */
const LOST = `
CREATE TABLE companies (id INT PRIMARY KEY, demo INT NOT NULL DEFAULT 0);
CREATE TABLE makers (id INT PRIMARY KEY, name VARCHAR(20) NOT NULL UNIQUE, head_id INT NULL);
CREATE TABLE products (id INT PRIMARY KEY, sku VARCHAR(20) NOT NULL UNIQUE, maker_id INT NOT NULL, FOREIGN KEY (maker_id) REFERENCES makers (id));
CREATE TABLE reviews (id INT PRIMARY KEY, product_id INT NOT NULL, FOREIGN KEY (product_id) REFERENCES products (id));
CREATE TABLE orders (id INT PRIMARY KEY, company_id INT NOT NULL, product_id INT NULL, code VARCHAR(9) NULL, note LONGTEXT NULL,
  FOREIGN KEY (company_id) REFERENCES companies (id), FOREIGN KEY (product_id) REFERENCES products (id));
INSERT INTO makers VALUES (1, 'anvil', NULL), (2, 'bolt', NULL);
INSERT INTO products VALUES (1, 'same', 1);
`;

/** Product 1 is production's, 2 is another there, 3 is gone with its maker 5, and 9 is not even in staging. */
const LOST_STAGING = `
INSERT INTO companies VALUES (1, 1);
INSERT INTO makers VALUES (5, 'caster', NULL);
INSERT INTO products VALUES (2, 'nail', 1), (3, 'glue', 5), (4, 'unused', 2);
INSERT INTO reviews VALUES (1, 3);
INSERT INTO orders VALUES (1, 1, 1, '1', '{"product": 1}'), (2, 1, 2, '2', '{"product":  "2"}'), (3, 1, 3, '3', '{"product": [3]}'), (4, 1, NULL, NULL, NULL);
`;

const LOST_REFERENCES = references(
  "orders.code → products.id",
  "orders.note.$.product → products.id",
  "orders.note.$.product[*] → products.id",
  "makers.head_id → makers.id",
);
const NONE: readonly DeclaredReference[] = [];
const isMasked = () => false;

/** The rule's policy, and the one of a table whose rows come along: what is carried for its sake has that too. */
const CARRYING: readonly (readonly PreserveRule[])[] = [
  [{ table: "companies", where: "demo = 1", parents: "carry" }],
  [
    { table: "companies", where: "demo = 1" },
    { table: "orders", parents: "carry" },
  ],
];

for (const server of servers()) {
  const open = (t: Parameters<typeof openWorld>[0], more = "") =>
    openWorld(
      t,
      { staging: server, copy: server },
      { staging: LOST + LOST_STAGING + more, copy: `${LOST}INSERT INTO products VALUES (2, 'screw', 2);\n` },
    );

  for (const rules of CARRYING) {
    test(`parents that production lacks come along with their own parents, alone, by ${rules.length} rules on ${server.name}`, async (t) => {
      const world = await open(t);
      const plan = await world.plan(rules, { isMasked, references: LOST_REFERENCES });
      await world.carry(plan, { batchRows: 1 });
      await world.prove(plan);
      assert.deepEqual(await rowsOf(world.copy, "SELECT id, sku, maker_id FROM products ORDER BY id"), [
        [1, "same", 1],
        [2, "screw", 2],
        [3, "glue", 5],
        [4, "nail", 1],
      ]);
      assert.deepEqual(await rowsOf(world.copy, "SELECT name FROM makers ORDER BY id"), [
        ["anvil"],
        ["bolt"],
        ["caster"],
      ]);
      assert.deepEqual(await rowsOf(world.copy, "SELECT * FROM reviews"), []);
      assert.deepEqual(await rowsOf(world.copy, "SELECT product_id, code, note FROM orders ORDER BY id"), [
        [1, "1", '{"product": 1}'],
        [4, "4", '{"product":  "4"}'],
        [3, "3", '{"product": [3]}'],
        [null, null, null],
      ]);
    });
  }

  test(`references to parents that production lacks become NULL, on ${server.name}`, async (t) => {
    const world = await open(t, "INSERT INTO orders VALUES (5, 1, 9, '9', '{\"product\": [1, 9, 3]}');\n");
    const plan = await world.plan([{ table: "companies", where: "demo = 1", parents: "null" }], {
      isMasked,
      references: LOST_REFERENCES,
    });
    await world.carry(plan, { batchRows: 1 });
    await world.prove(plan);
    assert.deepEqual(await rowsOf(world.copy, "SELECT product_id, code, note FROM orders ORDER BY id"), [
      [1, "1", '{"product": 1}'],
      [null, null, '{"product":  null}'],
      [null, null, '{"product": [null]}'],
      [null, null, null],
      [null, null, '{"product": [1, null, null]}'],
    ]);
  });

  test(`of a lost reference's columns those that refer to nothing else become NULL, on ${server.name}`, async (t) => {
    const schema = `CREATE TABLE tenants (id INT PRIMARY KEY, demo INT NOT NULL);
      CREATE TABLE prices (tenant_id INT, nr INT, PRIMARY KEY (tenant_id, nr));
      CREATE TABLE sales (id INT PRIMARY KEY, tenant_id INT NULL, nr INT NULL,
        FOREIGN KEY (tenant_id) REFERENCES tenants (id), FOREIGN KEY (tenant_id, nr) REFERENCES prices (tenant_id, nr));\n`;
    const world = await openWorld(
      t,
      { staging: server, copy: server },
      {
        staging: `${schema}INSERT INTO tenants VALUES (1, 1);\nINSERT INTO prices VALUES (1, 5);\nINSERT INTO sales VALUES (1, 1, 5), (2, 1, NULL);\n`,
        copy: `${schema}INSERT INTO tenants VALUES (1, 0);\n`,
      },
    );
    const plan = await world.plan([{ table: "tenants", where: "demo = 1", parents: "null" }]);
    await world.carry(plan);
    await world.prove(plan);
    assert.deepEqual(await rowsOf(world.copy, "SELECT tenant_id, nr FROM sales ORDER BY id"), [
      [2, null],
      [2, null],
    ]);
  });

  test(`0 and an empty text refer to nothing where staging has no such row, on ${server.name}`, async (t) => {
    const schema = `
      CREATE TABLE companies (id INT PRIMARY KEY, demo INT NOT NULL);
      CREATE TABLE codes (code VARCHAR(9) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin PRIMARY KEY);
      CREATE TABLE notes (id INT PRIMARY KEY, company_id INT NOT NULL, on_id INT NOT NULL, on_type VARCHAR(9) NOT NULL,
        owner VARCHAR(9) NOT NULL, code VARCHAR(9) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL, doc TEXT NOT NULL);\n`;
    const staging = `${schema}INSERT INTO companies VALUES (1, 1);
      INSERT INTO notes VALUES (1, 1, 0, 'company', '', '', '{"to": [0, "", "0", 1]}'), (2, 1, 1, 'company', '0', '0', '{"to": ""}');\n`;
    const world = await openWorld(
      t,
      { staging: server, copy: server },
      { staging, copy: `${schema}INSERT INTO companies VALUES (1, 0);\n` },
    );
    const lines = references(
      "notes.company_id → companies.id",
      "notes.on_id → companies.id when notes.on_type = 'company'",
      "notes.owner → companies.id",
      "notes.code → codes.code",
      "notes.doc.$.to → companies.id",
      "notes.doc.$.to[*] → companies.id",
    );
    const rule: PreserveRule = { table: "companies", where: "demo = 1" };
    const nulling = await world.preview(await world.plan([{ ...rule, parents: "null" }], { references: lines }));
    assert.deepEqual(
      nulling.tables.map(({ table, parents }) => [table, parents.nulled]),
      [
        ["companies", 0],
        ["notes", 0],
      ],
    );
    const plan = await world.plan([rule], { references: lines });
    assert.deepEqual((await world.preview(plan)).refusals, []);
    await world.carry(plan, { batchRows: 1 });
    await world.prove(plan);
    assert.deepEqual(await rowsOf(world.copy, "SELECT * FROM notes ORDER BY id"), [
      [1, 2, 0, "company", "", "", '{"to": [0, "", "0", 2]}'],
      [2, 2, 2, "company", "0", "0", '{"to": ""}'],
    ]);
    // Where staging has the row, 0 leads to it; and a foreign key of the schema means what it says.
    await world.copy.query(`DROP DATABASE ${world.workDatabase}`);
    await world.copy.query("DELETE FROM notes");
    await world.copy.query("DELETE FROM companies WHERE id > 1");
    await world.staging.query("INSERT INTO companies VALUES (0, 0)");
    const refused = async (columns: RegExp, also: readonly DeclaredReference[]) =>
      assert.rejects(world.carry(await world.plan([rule], { references: also })), {
        ...{ code: "PRESERVE_PARENT_MISSING", message: columns },
      });
    await refused(
      /`notes.on_id` → `companies.id` leads 1 rows.*`notes.doc.\$.to\[\*\]` → `companies.id` leads 2 rows/,
      lines,
    );
    await world.staging.query("DELETE FROM companies WHERE id = 0");
    await world.staging.query("ALTER TABLE notes ADD KEY (on_id), ADD FOREIGN KEY (on_id) REFERENCES companies (id)");
    await refused(/`notes.on_id` → `companies.id` leads 1 rows/, lines.slice(0, 1));
  });

  test(`a lost parent stops the run unless a rule for the table says otherwise, on ${server.name}`, async (t) => {
    const world = await open(t);
    const company = { table: "companies", where: "demo = 1" };
    const rejected = async (rules: readonly PreserveRule[], code: string, message: RegExp, also = NONE) =>
      assert.rejects(world.carry(await world.plan(rules, { isMasked, references: also })), { code, message });
    await rejected([company], "PRESERVE_PARENT_MISSING", /`orders.product_id` → `products.id` leads 1 rows/);
    // The strictest of two rules that bring the same rows.
    const both = [company, { ...company, parents: "carry" }] as const;
    await rejected(both, "PRESERVE_PARENT_MISSING", /`orders.product_id`/);
    await rejected(
      [
        { ...company, parents: "carry" },
        { table: "orders", parents: "fail" },
      ],
      "PRESERVE_PARENT_MISSING",
      /orders/,
    );
    const broken = "UPDATE orders SET note = '{\"product\"' WHERE id = 1";
    await world.staging.query(broken);
    const carry = [
      { ...company, parents: "carry" },
      { table: "orders", parents: "fail" },
    ] as const;
    await world.staging.query("UPDATE orders SET product_id = NULL, code = NULL, note = IF(id = 1, note, NULL)");
    await rejected(carry, "PRESERVE_DOCUMENT_BROKEN", /`orders.note` holds no JSON in 1 rows/, LOST_REFERENCES);
    const own = await world.plan([company, { table: "orders", parents: "carry" }], {
      isMasked,
      references: LOST_REFERENCES,
    });
    await world.carry(own);
    await world.prove(own);
    assert.deepEqual(await rowsOf(world.copy, "SELECT note FROM orders WHERE id = 1"), [['{"product"']]);
  });
}

test("a reference that cannot be NULL is refused beforehand under that policy", async (t) => {
  const [server] = servers();
  assert.ok(server);
  const world = await openWorld(t, { staging: server, copy: server }, { staging: LOST, copy: LOST });
  const rule: PreserveRule = { table: "reviews", where: "id = 1", parents: "null" };
  await assert.rejects(world.plan([rule]), {
    code: "PRESERVE_PARENT_NOT_NULL",
    message: /`reviews.product_id` cannot be NULL/,
  });
  await world.plan([{ ...rule, parents: "carry" }]);
});

for (const [what, table, sql] of [
  ["a document", "logs", `REPLACE(_understudy_moved_0, '"user":78', '"user":77')`],
  ["a text", "pages", "REPLACE(_understudy_moved_0, '/13/', '/12/')"],
  ["a column with a condition", "comments", "IF(_understudy_moved_0 = 13, 12, _understudy_moved_0)"],
] as const) {
  test(`the proof fails when ${what} names a wrong row`, async (t) => {
    const [server] = servers();
    assert.ok(server);
    const staging = `${SCHEMA}${STAGING_ROWS}INSERT INTO users VALUES (77, 2, 'x');\nINSERT INTO companies VALUES (12, 'twelve', 0);\n`;
    const world = await openWorld(t, { staging: server, copy: server }, { staging, copy: SCHEMA + COPY_ROWS });
    const plan = await world.plan(RULES, { references: REFERENCES });
    await world.carry(plan);
    const { moving = [] } = plan.tables.find(({ name }) => name === table) ?? {};
    const n = plan.tables.findIndex(({ name }) => name === table);
    const column = moving.find((name) => name !== "id") ?? "";
    // As if the engine itself had written it: in the work table and in the copy.
    const moved = `_understudy_moved_${moving.indexOf(column)}`;
    const value = sql.replaceAll("_understudy_moved_0", moved);
    const rows = `${world.workDatabase}.preserve_rows_${n}`;
    await world.copy.query(
      `UPDATE ${table} t JOIN ${rows} s ON t.id = s._understudy_moved_${moving.indexOf("id")} SET t.${column} = ${value}`,
    );
    await world.copy.query(`UPDATE ${rows} SET ${moved} = ${value}`);
    await assert.rejects(world.prove(plan), {
      code: "PRESERVE_PROOF_FAILED",
      message: new RegExp(`references by \`${table}`),
    });
  });
}
