// The sample shop on every server: it can be made, it is sound, it has what a careless sync breaks.
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import type { Connection, RowDataPacket } from "mysql2/promise";
import { fillProduction } from "../../../../deploy/local/sample/production.ts";
import { createSchema, schemaFlavour } from "../../../../deploy/local/sample/schema.ts";
import { fillStaging } from "../../../../deploy/local/sample/staging.ts";
import {
  connect,
  connectionOptions,
  createDatabase,
  mainServer,
  servers,
  type TestServer,
} from "../../../support/servers.ts";

/** An empty sample schema: its connection options and a connection. */
async function openShop(t: TestContext, server: TestServer) {
  const database = await createDatabase(t, server, "shop");
  const session = await connect(t, server, database);
  await createSchema(session, schemaFlavour(server.version));
  return { options: connectionOptions(server, database), session, database };
}

async function column(session: Connection, sql: string, values: string[] = []): Promise<unknown[]> {
  const [rows] = await session.query<RowDataPacket[]>({ sql, rowsAsArray: true }, values);
  return rows.map((row) => row[0]);
}

/** For each foreign key that has rows without a parent, its name. */
async function brokenForeignKeys(session: Connection, database: string): Promise<string[]> {
  const [parts] = await session.query<RowDataPacket[]>(
    `SELECT constraint_name AS name, table_name AS child, column_name AS col, referenced_table_name AS parent, referenced_column_name AS parentCol
     FROM information_schema.key_column_usage WHERE table_schema = ? AND referenced_table_name IS NOT NULL`,
    [database],
  );
  const broken: string[] = [];
  const keys = Map.groupBy(parts, (part) => String(part["name"]));
  assert.ok(keys.size >= 20, `${keys.size} foreign keys found`);
  for (const [name, columns] of keys) {
    const [child, parent, parentColumn] = ["child", "parent", "parentCol"].map((key) => String(columns[0]?.[key]));
    const on = columns.map(({ col, parentCol }) => `p.\`${parentCol}\` = c.\`${col}\``).join(" AND ");
    const set = columns.map(({ col }) => `c.\`${col}\` IS NOT NULL`).join(" AND ");
    const [orphans] = await column(
      session,
      `SELECT COUNT(*) FROM \`${child}\` c LEFT JOIN \`${parent}\` p ON ${on} WHERE ${set} AND p.\`${parentColumn}\` IS NULL`,
    );
    if (orphans !== 0) broken.push(name);
  }
  return broken;
}

async function tablesOf(session: Connection, database: string): Promise<string[]> {
  const sql =
    "SELECT table_name FROM information_schema.tables WHERE table_schema = ? AND table_type = 'BASE TABLE' ORDER BY 1";
  return (await column(session, sql, [database])).map(String);
}

/** A digest of each table's rows, whatever their order. (MariaDB's CHECKSUM TABLE is not stable where columns are generated.) */
async function checksums(session: Connection, database: string): Promise<Record<string, unknown>> {
  const sums: Record<string, unknown> = {};
  for (const table of await tablesOf(session, database)) {
    const columns = await column(
      session,
      "SELECT CONCAT('COALESCE(HEX(`', column_name, '`), 0)') FROM information_schema.columns WHERE table_schema = ? AND table_name = ? ORDER BY ordinal_position",
      [database, table],
    );
    [sums[table]] = await column(session, `SELECT SUM(CRC32(CONCAT_WS(',', ${columns.join()}))) FROM \`${table}\``);
  }
  return sums;
}

for (const server of servers()) {
  test(`production and staging are sound on ${server.name}: every table has rows and no foreign key dangles`, async (t) => {
    for (const role of ["production", "staging"] as const) {
      const { options, session, database } = await openShop(t, server);
      const written =
        role === "production"
          ? await fillProduction(options, { rows: 3000, seed: 1 })
          : await fillStaging(options, { seed: 1 });
      const tables = await tablesOf(session, database);
      assert.ok(tables.length >= 15, `${tables.length} tables`);
      for (const table of tables) {
        const [count] = await column(session, `SELECT COUNT(*) FROM \`${table}\``);
        assert.ok(Number(count) > 0, `\`${table}\` has rows`);
        assert.equal(written.get(table), count, table);
      }
      assert.deepEqual(await brokenForeignKeys(session, database), []);
      assert.deepEqual(await column(session, "SELECT COUNT(*) > 0 FROM active_customers"), [1]);
    }
  });

  test(`texts, zero dates and bytes arrive as they were made on ${server.name}`, async (t) => {
    const { options, session } = await openShop(t, server);
    await fillProduction(options, { rows: 3000, seed: 7 });
    const count = async (condition: string) => Number((await column(session, `SELECT COUNT(*) FROM ${condition}`))[0]);
    await session.query("SET SESSION sql_mode = 'NO_ENGINE_SUBSTITUTION'");
    assert.ok((await count("products WHERE description LIKE '%USE `shop`;\\n%'")) > 0, "a USE statement");
    assert.ok((await count("products WHERE description LIKE '%NUL\\0SUB%'")) > 0, "a zero byte in text");
    assert.ok((await count("products WHERE description LIKE '%👩‍👩‍👧‍👦%'")) > 0, "emoji");
    assert.ok((await count("products WHERE HEX(thumbnail) LIKE '00FF5C270A0D1A3B%'")) > 0, "bytes that are no text");
    assert.ok((await count("users WHERE last_login_at = '0000-00-00 00:00:00'")) > 0, "a zero date");
    assert.ok((await count("companies WHERE founded_on = '1987-00-00'")) > 0, "a date with a zero month");
    assert.ok((await count("users WHERE name LIKE '%花子%' OR name LIKE '%山田%'")) > 0, "Japanese names");
    assert.ok((await count("users WHERE BINARY email <> LOWER(email)")) > 0, "capitals in e-mail addresses");
    assert.ok((await count("users WHERE email LIKE '%+%@%'")) > 0, "plus-addresses");
    assert.equal(await count("users WHERE email LIKE '%example%'"), 0);
  });
}

test("the same seed makes the same rows, another seed others", async (t) => {
  const sums: Record<string, unknown>[] = [];
  for (const seed of [1, 1, 2]) {
    const { options, session, database } = await openShop(t, mainServer());
    await fillProduction(options, { rows: 3000, seed });
    sums.push(await checksums(session, database));
  }
  assert.deepEqual(sums[0], sums[1]);
  assert.notEqual(sums[0]?.["users"], sums[2]?.["users"]);
  assert.equal(sums[0]?.["products"], sums[2]?.["products"], "the catalogue does not depend on the seed");
});

test("asking for 20,000 rows makes about 20,000", async (t) => {
  const { options } = await openShop(t, mainServer());
  let last = 0;
  const written = await fillProduction(options, { rows: 20_000, seed: 1, onProgress: (sum) => (last = sum) });
  const sum = [...written.values()].reduce((a, b) => a + b, 0);
  assert.ok(Math.abs(sum - 20_000) < 1_000, `${sum} rows`);
  assert.equal(last, sum);
});

test("staging's three demo companies have people and work that production lacks, under ids that production has too", async (t) => {
  const production = await openShop(t, mainServer());
  const staging = await openShop(t, mainServer());
  await fillProduction(production.options, { rows: 100, seed: 1 });
  await fillStaging(staging.options, { seed: 1 });
  const demo = "(SELECT id FROM companies WHERE is_demo = 1)";
  assert.deepEqual(await column(staging.session, `SELECT COUNT(*) FROM ${demo} d`), [3]);
  assert.deepEqual(await column(production.session, `SELECT COUNT(*) FROM ${demo} d`), [0]);

  const ofDemo: Record<string, string> = {
    companies: `id IN ${demo}`,
    users: `company_id IN ${demo}`,
    projects: `company_id IN ${demo}`,
    orders: `company_id IN ${demo}`,
    comments: `project_id IN (SELECT id FROM projects WHERE company_id IN ${demo})`,
    files: `project_id IN (SELECT id FROM projects WHERE company_id IN ${demo})`,
    audit_logs: `company_id IN ${demo}`,
  };
  for (const [table, condition] of Object.entries(ofDemo)) {
    const ids = await column(staging.session, `SELECT id FROM ${table} WHERE ${condition} ORDER BY id`);
    assert.ok(ids.length >= 3, `${ids.length} rows of \`${table}\` hang on the demo companies`);
    const taken = await column(
      production.session,
      `SELECT id FROM ${table} WHERE id IN (${ids.join(",")}) ORDER BY id`,
    );
    assert.deepEqual(taken, ids, `their ids clash in \`${table}\``);
  }
  const emails = (await column(staging.session, `SELECT email FROM users WHERE company_id IN ${demo}`)).map(String);
  assert.deepEqual(
    await column(
      production.session,
      `SELECT email FROM users WHERE email IN (${emails.map(() => "?").join()})`,
      emails,
    ),
    [],
  );
});
