// What cannot be carried is refused before anything is written to the copy, by table and count, never by value.
import assert from "node:assert/strict";
import { test } from "node:test";
import { isFatal } from "../../../contracts/errors.ts";
import type { PreserveRule } from "../../../contracts/sync-contract.ts";
import { servers } from "../../support/servers.ts";
import { assertSameStory, DEMO, openShop, ownRows } from "./shop.ts";
import { openWorld, rowsOf } from "./world.ts";

interface Refusal {
  readonly when: string;
  readonly staging?: string;
  readonly copy?: string;
  readonly rules?: readonly PreserveRule[];
  readonly code: string;
  readonly says: RegExp;
  /** Undoes the cause in staging. */
  readonly mend?: string;
}

const refusals: readonly Refusal[] = [
  {
    when: "a unique key has a row of production's, as its collation compares",
    staging: "UPDATE users SET email = 'ANN@Masked' WHERE id = 1;\n",
    code: "PRESERVE_UNIQUE_CLASH",
    says: /the key `email` of `users` of 1 rows/,
    mend: "UPDATE users SET email = 'Boss@demo' WHERE id = 1",
  },
  {
    when: "two rows to preserve are one by a key that only production has",
    copy: "ALTER TABLE projects ADD UNIQUE KEY short (company_id, name(0003));\n",
    staging: "UPDATE projects SET name = 'firmly' WHERE id = 2;\n",
    code: "PRESERVE_UNIQUE_CLASH",
    says: /share the key `short` of `projects` as production compares it, 1 values/,
    mend: "UPDATE projects SET name = 'second' WHERE id = 2",
  },
  {
    when: "a key over the beginning of a text has a row of production's",
    copy: "ALTER TABLE projects ADD UNIQUE KEY start (name(4));\n",
    staging: "UPDATE projects SET name = 'ROCK and roll' WHERE id = 2;\n",
    code: "PRESERVE_UNIQUE_CLASH",
    says: /production has rows with the key `start` of `projects` of 1 rows/,
    mend: "UPDATE projects SET name = 'roc' WHERE id = 2",
  },
  {
    when: "a parent outside the set is not in production",
    staging: "INSERT INTO products VALUES (7, 'glue', 1);\nUPDATE order_items SET product_id = 7 WHERE order_id = 0;\n",
    code: "PRESERVE_PARENT_MISSING",
    says: /`order_items.product_id` → `products.id` leads 1 rows .* \(the first: `order_items` with `order_id` 0, `line` 1\)/,
    mend: "UPDATE order_items SET product_id = 1 WHERE order_id = 0",
  },
  {
    when: "a reference leads nowhere in staging, though production has a row by that id",
    copy: "INSERT INTO products VALUES (8, 'foreign', 1);\n",
    staging: "UPDATE order_items SET product_id = 8 WHERE order_id = 0;\n",
    code: "PRESERVE_PARENT_MISSING",
    says: /`order_items.product_id` → `products.id` leads 1 rows/,
  },
  {
    when: "a parent outside the set is another row in production by its unique key",
    copy: "UPDATE products SET sku = 'bolt' WHERE id = 2;\n",
    code: "PRESERVE_PARENT_DIFFERS",
    says: /`order_items.product_id` → `products.id` leads to 1 parents that are others .*`order_items` with `order_id` 1, `line` 1\)/,
  },
  {
    when: "a manager outside the set has an id that a preserved row is about to get",
    staging:
      "INSERT INTO users VALUES (4, 2, NULL, 'out@side', NULL, NOW(), '1999-01-01');\nUPDATE users SET manager_id = 4 WHERE id = 1;\n",
    code: "PRESERVE_PARENT_MISSING",
    says: /`users.manager_id` → `users.id` leads 1 rows/,
  },
  {
    when: "a rule is true for production's rows too",
    rules: [{ table: "companies", where: "id IN (1, 9)" }],
    code: "PRESERVE_RULE_MATCHES_PRODUCTION",
    says: /`companies` is true for 1 of production's rows/,
  },
  {
    when: "a condition does not parse",
    rules: [{ table: "companies", where: "is_demo == 'secret" }],
    code: "PRESERVE_WHERE",
    says: /`companies` with MySQL error 1064/,
  },
  {
    when: "a key that is no number is taken",
    rules: [...DEMO, { table: "countries", where: "name = 'Demoland'" }],
    staging: "INSERT INTO countries VALUES ('dd', 'Demoland');\n",
    copy: "INSERT INTO countries VALUES ('DD', 'Other');\n",
    code: "PRESERVE_KEY_CLASH",
    says: /the key `PRIMARY` of `countries` of 1 rows/,
  },
  {
    when: "a column that refers to the id cannot hold a higher one",
    copy: "INSERT INTO projects VALUES (4294967295, 2, 'last');\n",
    code: "PRESERVE_IDS_EXHAUSTED",
    says: /`projects` need new ids, but `id` or a column that refers to it holds none past 4294967295/,
  },
  {
    when: "the copy has a trigger that would fire",
    copy: "CREATE TRIGGER stamp BEFORE INSERT ON log FOR EACH ROW SET NEW.what = 'secret';\n",
    code: "PRESERVE_TRIGGERS",
    says: /`log` has 1 triggers in the copy/,
  },
  {
    when: "a value does not fit production's column",
    copy: "ALTER TABLE log MODIFY what VARCHAR(3);\n",
    code: "PRESERVE_REFUSED",
    says: /reading `log` in staging, the MySQL server answered with error 1406/,
  },
];

for (const { when, rules = DEMO, code, says, mend, ...more } of refusals) {
  for (const server of servers()) {
    test(`refused on ${server.name}: ${when}`, async (t) => {
      const world = await openShop(t, { staging: server, copy: server }, more);
      const before = await ownRows(world);
      const plan = await world.plan(rules, {
        isMasked: (table, column) => table !== "products" && !["id", "order_id", "line"].includes(column),
      });
      await assert.rejects(world.carry(plan), (error) => {
        assert.ok(isFatal(error), String(error));
        assert.equal(error.code, code, error.message);
        assert.match(error.message, says);
        assert.doesNotMatch(error.message, /masked'|demo@|secret|glue|bolt/i);
        return true;
      });
      assert.deepEqual(await rowsOf(world.copy, "SELECT COUNT(*) FROM companies"), [[2]]);
      assert.deepEqual(await ownRows(world), before);
      if (mend === undefined) return;
      await world.staging.query(mend);
      assert.equal(await world.carry(plan), "finished", "a replay reads staging again");
      await world.prove(plan);
      await assertSameStory(world);
    });
  }
}

for (const server of servers()) {
  test(`two foreign keys that want different values in one column are refused, on ${server.name}`, async (t) => {
    const schema = `
      CREATE TABLE tenants (id INT PRIMARY KEY, demo INT NOT NULL);
      CREATE TABLE prices (tenant_id INT, nr INT, PRIMARY KEY (tenant_id, nr));
      INSERT INTO prices VALUES (1, 5);
      CREATE TABLE sales (id INT PRIMARY KEY, tenant_id INT NOT NULL, nr INT NOT NULL,
        FOREIGN KEY (tenant_id) REFERENCES tenants (id), FOREIGN KEY (tenant_id, nr) REFERENCES prices (tenant_id, nr));
`;
    const world = await openWorld(
      t,
      { staging: server, copy: server },
      {
        staging: `${schema}INSERT INTO tenants VALUES (1, 1);
INSERT INTO sales VALUES (1, 1, 5);
`,
        copy: `${schema}INSERT INTO tenants VALUES (1, 0);
`,
      },
    );
    const plan = await world.plan([{ table: "tenants", where: "demo = 1" }]);
    await assert.rejects(world.carry(plan), { code: "PRESERVE_REFERENCE_CONFLICT" });
  });
}

for (const server of servers()) {
  test(`rows that must not be named are found by a SELECT without a value, on ${server.name}`, async (t) => {
    const schema = `
      CREATE TABLE places (code VARCHAR(20) PRIMARY KEY);
      CREATE TABLE people (mail VARCHAR(50) PRIMARY KEY, place VARCHAR(20) NULL, demo INT NOT NULL, FOREIGN KEY (place) REFERENCES places (code));
      CREATE TABLE cards (number BIGINT PRIMARY KEY, place VARCHAR(20) NULL, FOREIGN KEY (place) REFERENCES places (code));
      CREATE TABLE visits (place VARCHAR(20) NULL, what VARCHAR(20), FOREIGN KEY (place) REFERENCES places (code));
      INSERT INTO places VALUES ('both');\n`;
    const world = await openWorld(
      t,
      { staging: server, copy: server },
      {
        staging: `${schema}INSERT INTO places VALUES ('gone');\nINSERT INTO people VALUES ('ann@demo', 'gone', 1), ('bob@demo', 'both', 1);
          INSERT INTO cards VALUES (4111, 'gone');\nINSERT INTO visits VALUES ('gone', 'first'), ('both', 'second'), ('gone', NULL);\n`,
        copy: schema,
      },
    );
    const everywhere = "place IS NOT NULL";
    const finds = async (table: string, rows: unknown[]) => {
      const plan = await world.plan([{ table, where: everywhere }], { isMasked: (_, column) => column === "number" });
      await assert.rejects(world.carry(plan), (error) => {
        assert.ok(isFatal(error) && error.code === "PRESERVE_PARENT_MISSING", String(error));
        assert.doesNotMatch(error.message, /demo|gone|4111/);
        sql = /run on the replica: (SELECT .*)\)\. Carry/.exec(error.message)?.[1] ?? "";
        return true;
      });
      assert.deepEqual(await rowsOf(world.copy, sql), rows);
    };
    let sql = "";
    await finds("people", [["ann@demo"]]);
    await finds(
      "cards",
      [["4111"]].map(([number]) => [Number(number)]),
    );
    await finds("visits", [
      ["gone", "first"],
      ["gone", null],
    ]);
  });
}
