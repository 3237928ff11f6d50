// What a preview tells of rows to preserve, held against what a run then does: on every pair of servers.
import assert from "node:assert/strict";
import { test } from "node:test";
import { parseReference } from "../../../../contracts/declared-reference.ts";
import type { PreserveRule } from "../../../../contracts/sync-contract.ts";
import type { PreservePreview } from "../../../../handlers/preserving/preview/index.ts";
import { servers } from "../../../support/servers.ts";
import { DEMO, openShop, pairs } from "../shop.ts";
import { openWorld, rowsOf, type World } from "../world.ts";

const TABLES = "countries, companies, projects, users, members, products, orders, order_items, refunds, invoices, log";

function told({ tables }: PreservePreview): string[] {
  return tables.map(({ table, rows, idsAnew }) => `${table} ${rows} ${idsAnew}`).toSorted();
}

const codes = ({ refusals }: PreservePreview) => refusals.map(({ code }) => code);

function find({ tables }: PreservePreview, name: string) {
  const table = tables.find(({ table: found }) => found === name);
  assert.ok(table, name);
  return table;
}

/** Masking leaves all columns alone. */
function plan(world: World, rules: readonly PreserveRule[], references: readonly string[] = []) {
  const parsed = references.map(parseReference).flatMap((each) => ("wrong" in each ? [] : [each]));
  return world.plan(rules, { isMasked: () => false, references: parsed });
}

async function preview(world: World, rules: readonly PreserveRule[], ...rest: [("copy" | "staging")?]) {
  return world.preview(await plan(world, rules), ...rest);
}

for (const pair of pairs()) {
  const name = `${pair.staging.name} to ${pair.copy.name}`;

  test(`a preview tells what the run then does, and changes nothing, from ${name}`, async (t) => {
    const world = await openShop(t, pair);
    const sums = async () => [
      await rowsOf(world.staging, `CHECKSUM TABLE ${TABLES}`),
      await rowsOf(world.copy, `CHECKSUM TABLE ${TABLES}`),
      await rowsOf(world.copy, `SHOW DATABASES LIKE '${world.workDatabase}'`),
    ];
    const before = await sums();
    const planned = await plan(world, DEMO);
    const found = await world.preview(planned);
    assert.deepEqual(await sums(), before);
    assert.deepEqual(found.refusals, []);
    assert.deepEqual(find(found, "order_items").parents, { pointed: 3, nulled: 0, missing: 0, different: 0 });
    assert.equal(find(found, "companies").parents.pointed, 2);
    await world.carry(planned);
    const { perTable } = await world.prove(planned);
    const done = perTable.filter(({ rows }) => rows > 0).map((each) => `${each.table} ${each.rows} ${each.remapped}`);
    assert.deepEqual(told(found), done.toSorted());
  });

  test(`what production has not, or has otherwise, or has already is told with what to write, from ${name}`, async (t) => {
    const world = await openShop(t, pair, {
      copy: `DELETE FROM products WHERE id = 1;\nUPDATE products SET sku = 'bolt' WHERE id = 2;\n
        UPDATE companies SET slug = 'demo-nine' WHERE id = 2;\n`,
    });
    const plain = await preview(world, DEMO);
    assert.deepEqual(codes(plain).toSorted(), [
      ...["PRESERVE_PARENT_DIFFERS", "PRESERVE_PARENT_MISSING", "PRESERVE_UNIQUE_CLASH"],
    ]);
    assert.match(
      plain.refusals.map(({ message }) => message).join("\n"),
      /`order_items\.product_id` → `products\.id` leads 2 times to rows that production does not have \(the first: `order_items` with `order_id` \d, `line` \d\)\. Write `parents: carry`/,
    );
    const companies = find(plain, "companies");
    assert.deepEqual(companies.clashes, [{ key: "slug", columns: ["slug"], rows: 1, does: "refused" }]);
    assert.deepEqual(find(plain, "order_items").parents, { pointed: 0, nulled: 0, missing: 2, different: 1 });

    const rules = DEMO.map((rule): PreserveRule => ({
      ...{ ...rule, parents: "carry", match: ["slug"], onMatch: { kind: "keep-production" } },
    }));
    const ruled = await preview(world, rules);
    assert.deepEqual(ruled.refusals, []);
    assert.deepEqual(find(ruled, "companies").matched, { "keep-production": 1, overwrite: 0, rename: 0 });
    assert.deepEqual(find(ruled, "products").rows, 2);
    assert.equal(find(ruled, "order_items").parents.missing, 0);

    const planned = await plan(world, rules);
    await world.carry(planned);
    const { perTable } = await world.prove(planned);
    const done = perTable.filter((each) => each.rows + each.kept > 0);
    assert.deepEqual(
      told(ruled),
      done.map((each) => `${each.table} ${each.rows + each.kept} ${each.remapped}`).toSorted(),
    );

    const stand = await preview(world, DEMO, "staging");
    assert.equal(stand.heldAgainst, "staging");
    assert.deepEqual(codes(stand), []);
    assert.equal(find(stand, "order_items").parents.pointed, 3);
    assert.ok(stand.tables.every(({ idsKept, idsAnew }) => idsKept === null && idsAnew === null));
  });
}

const CREATE = `
CREATE TABLE companies (id INT PRIMARY KEY, slug VARCHAR(20) NOT NULL UNIQUE, demo INT NOT NULL DEFAULT 0) ENGINE=InnoDB;
CREATE TABLE comments (id INT PRIMARY KEY, of_id VARCHAR(20), of_type VARCHAR(20), KEY (of_id)) ENGINE=InnoDB;
CREATE TABLE logs (data TEXT) ENGINE=InnoDB;
CREATE TABLE tags (name VARCHAR(20) PRIMARY KEY, company_id INT NULL, FOREIGN KEY (company_id) REFERENCES companies (id)) ENGINE=InnoDB;
`;

for (const server of servers()) {
  test(`declared references are followed, and rows without a key are each one, on ${server.name}`, async (t) => {
    const world = await openWorld(
      t,
      { staging: server, copy: server },
      {
        staging: `${CREATE}INSERT INTO companies VALUES (1, 'one', 1), (2, 'two', 0), (3, 'three', 0);
INSERT INTO comments VALUES (1, '1', 'Company'), (2, '1', 'User'), (3, '2', 'Company'), (4, '01', 'Company');
INSERT INTO logs VALUES ('{"company": 1}'), ('{"company": 1}'), ('{"company": 1, "by": 2}'), ('{"company": 2, "by": 1}'), ('no'), (NULL);
INSERT INTO tags VALUES ('Red', 1), ('blue', 1), ('gone', 2);\n`,
        copy: `${CREATE}INSERT INTO companies VALUES (1, 'Uno', 0), (2, 'two', 0);\nINSERT INTO tags VALUES ('red', 1);\n`,
      },
    );
    const references = [
      "comments.of_id → companies.id when comments.of_type = 'Company'",
      "logs.data.$.company → companies.id",
      "logs.data.$.by → companies.id",
    ];
    const rules: PreserveRule[] = [{ table: "companies", where: "demo = 1", parents: "null" }];
    const planned = await plan(world, rules, references);
    const found = await world.preview(planned);
    assert.deepEqual(told(found), ["comments 1 0", "companies 1 1", "logs 4 0", "tags 2 0"]);
    assert.deepEqual(find(found, "logs").parents, { pointed: 2, nulled: 0, missing: 0, different: 0 });
    // `Red` and `red` are one key of text, which nobody can give anew.
    assert.deepEqual(find(found, "tags").clashes, [{ key: "PRIMARY", columns: ["name"], rows: 1, does: "refused" }]);
    assert.deepEqual(codes(found), ["PRESERVE_KEY_CLASH"]);

    const absent = await world.preview(planned, "copy", { present: () => "FALSE" });
    assert.deepEqual(told(absent), ["comments 1 0", "companies 1 0", "logs 4 0", "tags 2 0"]);
    assert.deepEqual(find(absent, "logs").parents, { pointed: 0, nulled: 2, missing: 0, different: 0 });
    const everywhere: PreserveRule[] = [{ table: "companies", where: "id < 3 -- all" }];
    assert.ok(codes(await preview(world, everywhere)).includes("PRESERVE_RULE_MATCHES_PRODUCTION"));
    const wrong: PreserveRule[] = [{ table: "companies", where: "no_such = 'secret'" }];
    await assert.rejects(preview(world, wrong), {
      code: "PRESERVE_WHERE",
      message: /`companies` with MySQL error 1054/,
    });
    const said = JSON.stringify([found, absent]);
    assert.ok(!/Uno|three|Red|red|secret/.test(said), "a value of a row is told");
  });

  test(`rows under a company that production has by its slug meet production's rows under that one, on ${server.name}`, async (t) => {
    const notes = `CREATE TABLE notes (company_id INT NOT NULL, n INT NOT NULL, PRIMARY KEY (company_id, n),
      FOREIGN KEY (company_id) REFERENCES companies (id)) ENGINE=InnoDB;\n`;
    const world = await openWorld(
      t,
      { staging: server, copy: server },
      {
        staging: `${CREATE}${notes}INSERT INTO companies VALUES (5, 'acme', 1);\nINSERT INTO notes VALUES (5, 1), (5, 2);\n`,
        copy: `${CREATE}${notes}INSERT INTO companies VALUES (7, 'ACME', 0);\nINSERT INTO notes VALUES (7, 1);\n`,
      },
    );
    const rule = {
      table: "companies",
      where: "demo = 1",
      match: ["slug"],
      onMatch: { kind: "keep-production" },
    } as const;
    const planned = await plan(world, [rule]);
    const found = await world.preview(planned);
    assert.deepEqual(found.refusals, []);
    await world.carry(planned);
    const { perTable } = await world.prove(planned);
    const done = perTable.filter((each) => each.rows + each.kept > 0);
    assert.deepEqual(
      told(found),
      done.map((each) => `${each.table} ${each.rows + each.kept} ${each.remapped}`).toSorted(),
    );
    assert.deepEqual(told(found), ["companies 1 0", "notes 2 1"]);
    assert.deepEqual(codes(await preview(world, [{ ...rule, onMatch: { kind: "fail" } }])), ["PRESERVE_MATCH"]);
  });

  test(`keys over masked columns are left to the run, on ${server.name}`, async (t) => {
    const scripts = `${CREATE}INSERT INTO companies VALUES (5, 'one', 1);\n`;
    const world = await openWorld(
      t,
      { staging: server, copy: server },
      {
        staging: scripts,
        copy: scripts.replace("(5, 'one', 1)", "(6, 'one', 0)"),
      },
    );
    const rules: PreserveRule[] = [{ table: "companies", where: "demo = 1" }];
    const planned = await plan(world, rules);
    assert.deepEqual(codes(await world.preview(planned)), ["PRESERVE_UNIQUE_CLASH"]);
    assert.deepEqual(codes(await world.preview(planned, "copy", { masked: ["companies.slug"] })), []);
  });
}
