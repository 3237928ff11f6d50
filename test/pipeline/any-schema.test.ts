// Schemas that nobody made for us: after a whole sync every table, key and object works on staging as it did before.
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { createConnection } from "mysql2/promise";
import { property } from "../../contracts/plain-data.ts";
import { classified } from "../support/classified.ts";
import { fillOddly, ODD_NAMES, quote } from "../support/odd-schema.ts";
import { DATABASES, openPipeline, type Pipeline, requestSync, type Role, waitForRun } from "../support/pipeline.ts";
import { asRoot, type Query } from "../support/sample-servers.ts";
import { KINDS, type Kind, missingKinds, openPool } from "../support/server-pool.ts";
import type { TestServer } from "../support/servers.ts";

const LIVE = DATABASES.staging;

test("a schema with everything in it comes through a whole sync", async (t) => {
  const missing = missingKinds();
  const pool = openPool(t);
  for (const kind of KINDS.filter((one) => !missing.includes(one))) {
    const servers = await pool.take([kind, kind, kind]);
    await t.test(`${kind}, staging with objects of its own`, async (s) => {
      const pipeline = await openOdd(s, servers, kind, ["production", "staging"]);
      await pipeline.query("staging", "CREATE USER reader@'%' IDENTIFIED BY 'r'");
      await pipeline.query("staging", `GRANT SELECT ON ${LIVE}.${quote("a.b")} TO reader@'%'`);
      await sync(pipeline);
      await assertWorks(pipeline, kind);
    });
    await t.test(`${kind}, an empty staging with production's objects`, async (s) => {
      const pipeline = await openOdd(s, servers, kind, ["production"], "objects: production\n");
      const routines = kind === "MySQL 9.7" ? "SHOW_ROUTINE ON *.*" : "SELECT ON mysql.proc";
      await pipeline.query("production", `GRANT TRIGGER, EVENT ON ${DATABASES.production}.* TO understudy@'%'`);
      await pipeline.query("production", `GRANT ${routines} TO understudy@'%'`);
      await sync(pipeline);
      await assertWorks(pipeline, kind);
    });
  }
});

test("a view whose function staging lacks stops the run before anything is masked, and says what to create", async (t) => {
  const servers = await openPool(t).take(["MariaDB", "MariaDB", "MariaDB"]);
  const pipeline = await openOdd(t, servers, "MariaDB", ["production"]);
  const world = await pipeline.open();
  world.work?.start();
  const run = await waitForRun(world, await requestSync(world));
  assert.equal(
    run.status === "failed" && `${run.failedStage} ${run.error.code}`,
    "load-replica:production FUNCTION_MISSING",
  );
  const own = await pipeline.query("staging", "SELECT 1 FROM information_schema.tables WHERE table_schema = ?", [LIVE]);
  assert.equal(own.length, 0);
});

async function openOdd(
  t: TestContext,
  servers: Record<Role, TestServer>,
  kind: Kind,
  filled: readonly Role[],
  more = "",
): Promise<Pipeline> {
  const pipeline = await openPipeline(t, {
    servers,
    fill: async (server, role, database) => {
      if (filled.includes(role)) await inside(server, database, kind);
    },
    edit: classified(servers.production, DATABASES.production, more),
  });
  // A dump tool asks a view for its columns, and with that for what it calls.
  await pipeline.query("production", `GRANT EXECUTE ON ${DATABASES.production}.* TO understudy@'%'`);
  return pipeline;
}

async function inside(server: TestServer, database: string, kind: Kind): Promise<void> {
  await asRoot(server, async (root) => {
    await root.query(`USE ${database}`);
    await fillOddly(root, kind);
  });
}

async function sync(pipeline: Pipeline): Promise<void> {
  const world = await pipeline.open();
  world.work?.start();
  const run = await waitForRun(world, await requestSync(world));
  assert.equal(
    run.status,
    "synced",
    "error" in run ? `${run.failedStage}: ${run.error.code} ${run.error.message}` : "",
  );
}

async function assertWorks(pipeline: Pipeline, kind: Kind): Promise<void> {
  const { query } = pipeline;
  const on = (sql: string) => query("staging", sql).then((rows) => rows.map((row) => Object.values(row)));
  const live = (name: string) => `${LIVE}.${quote(name)}`;
  const tables = (
    await query(
      "production",
      "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = ? AND table_type = 'BASE TABLE'",
      [DATABASES.production],
    )
  ).map(({ name }) => String(name));
  assert.ok(tables.length >= ODD_NAMES.length + 10);
  for (const table of tables) {
    const [made, wished] = await Promise.all([
      definition(query, "staging", table),
      definition(query, "production", table),
    ]);
    assert.equal(made, wished);
    const count = `SELECT COUNT(*) AS n FROM `;
    const [[staging], [production]] = await Promise.all([
      query("staging", `${count}${live(table)}`),
      query("production", `${count}${DATABASES.production}.${quote(table)}`),
    ]);
    assert.equal(staging?.["n"], production?.["n"], table);
  }
  assert.deepEqual(await keptValues(query, "staging"), await keptValues(query, "production"));
  // Counters go on, keys hold.
  for (const name of ODD_NAMES) {
    const columns = `(${quote(name)}, parent)`;
    const result: unknown = await query("staging", `INSERT INTO ${live(name)} ${columns} VALUES ('new', 7)`);
    assert.equal(property(result, "insertId"), 500, name);
    const insert = (values: string) => query("staging", `INSERT INTO ${live(name)} ${columns} VALUES (${values})`);
    await assert.rejects(insert("'NEW', 7"), /Duplicate entry/);
    // MySQL 5.6 itself does not hold the foreign key of a table with a backslash in its name.
    if (kind === "MySQL 5.6" && name.includes("\\")) continue;
    await assert.rejects(insert("'newer', 99"), /foreign key/);
  }
  await query("staging", `INSERT INTO ${LIVE}.articles VALUES (3, 'New', 'the tide is rough')`);
  assert.deepEqual(await on(`SELECT id FROM ${LIVE}.articles WHERE MATCH (title, body) AGAINST ('rough')`), [[3]]);
  assert.deepEqual(await on(`SELECT id FROM ${LIVE}.ranged PARTITION (\`p; new\`)`), [[2]]);
  // Triggers fire, call a function and a procedure, in their order.
  await query("staging", `INSERT INTO ${LIVE}.grown VALUES (5, 'fired')`);
  assert.deepEqual(await on(`SELECT word FROM ${LIVE}.grown WHERE id = 5`), [["fired; 10"]]);
  assert.deepEqual(
    await on(`SELECT what FROM ${LIVE}.audit ORDER BY id`),
    kind === "MySQL 5.6" ? [["fired; 10"]] : [["fired; 10"], ["second"]],
  );
  await query("staging", `UPDATE ${live("tick`tick``")} SET parent = 1 WHERE id = 7`);
  assert.deepEqual(await on(`SELECT parent FROM ${live("tick`tick``")} WHERE id = 7`), [[null]]);
  // Views answer, one over the other.
  assert.deepEqual(await on(`SELECT * FROM ${LIVE}.a_top`), [
    [1, "a; 'b", 2, 3],
    [5, "a; 'b", 10, 3],
  ]);
  await assert.rejects(query("staging", `INSERT INTO ${live("view; 'of' -- odd")} VALUES (-1, 'x')`), /CHECK OPTION/);
  assert.deepEqual(
    // The account that could read this table before can read it still, and nothing else.
    await queryAs(pipeline.servers.staging, `SELECT COUNT(*) AS n FROM ${live("a.b")}`),
    [{ n: 3 }],
  );
  await assert.rejects(queryAs(pipeline.servers.staging, `SELECT * FROM ${live("select")}`), /denied/);
  assert.deepEqual(
    await on(`SELECT event_name, status, event_comment FROM information_schema.events WHERE event_schema = '${LIVE}'`),
    [["nightly; clean", "ENABLED", "it's"]],
  );
  if (kind === "MySQL 5.6") return;
  await assert.rejects(query("staging", `INSERT INTO ${LIVE}.computed (id, net) VALUES (9, 13)`), /positive; net/);
  await query("staging", `INSERT INTO ${LIVE}.computed (id, net) VALUES (9, 14)`);
  assert.deepEqual(await on(`SELECT id, gross, label, hidden FROM ${LIVE}.computed WHERE id IN (1, 9) ORDER BY id`), [
    [1, 20, "n; 10", 99],
    [9, 28, "n; 14", 7],
  ]);
}

async function queryAs({ host, port }: TestServer, sql: string): Promise<unknown> {
  const connection = await createConnection({ host, port, user: "reader", password: "r" });
  try {
    return (await connection.query(sql))[0];
  } finally {
    await connection.end();
  }
}

async function definition(query: Query, role: "production" | "staging", table: string): Promise<string> {
  const [shown] = await query(role, `SHOW CREATE TABLE ${DATABASES[role]}.${quote(table)}`);
  return String(shown?.["Create Table"]);
}

/** What the contract keeps, as the server writes it: drivers have dates of their own for `0000-00-00`. */
async function keptValues(query: Query, role: "production" | "staging"): Promise<unknown> {
  return query(
    role,
    `SELECT CONCAT_WS('|', id, size, size + 0, tags, HEX(flags), at, on_day, moment, stamp, made, price, ratio) AS told
     FROM ${DATABASES[role]}.kinds ORDER BY id`,
  );
}
