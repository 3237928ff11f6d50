// Any three servers: whole syncs between MySQL 9.7, MySQL 5.6 and MariaDB, by accounts without SUPER. (The longest file of
// all, so its name is the first of its folder: files start in that order.)
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import type { Run } from "../../contracts/run.ts";
import { assertNothingLeft, assertSynced } from "../support/assert-synced.ts";
import {
  DATABASES,
  openPipeline,
  requestSync,
  stagingDigests,
  type Pipeline,
  type PipelineOptions,
  type Role,
  waitForRun,
} from "../support/pipeline.ts";
import { realMySqlTools } from "../support/real-mysql.ts";
import { missingKinds, openPool, type Trio } from "../support/server-pool.ts";

test("a whole sync between servers of any kind", async (t) => {
  const missing = missingKinds();
  if (missing.length > 0) return t.skip(`NOT TESTED: there is no ${missing.join(" and no ")} on this machine.`);
  const pool = openPool(t);

  for (const trio of [
    ["MySQL 9.7", "MySQL 9.7", "MySQL 9.7"],
    ["MySQL 9.7", "MariaDB", "MariaDB"],
    ["MariaDB", "MySQL 9.7", "MySQL 9.7"],
    ["MariaDB", "MariaDB", "MySQL 9.7"],
    ["MySQL 9.7", "MySQL 9.7", "MariaDB"],
  ] as const satisfies Trio[]) {
    await t.test(trio.join(" → "), async (s) => syncs(s, { servers: await pool.take(trio) }));
  }

  for (const trio of [
    ["MySQL 5.6", "MySQL 5.6", "MySQL 5.6"],
    ["MySQL 5.6", "MariaDB", "MariaDB"],
    ["MySQL 5.6", "MySQL 9.7", "MySQL 9.7"],
    ["MariaDB", "MariaDB", "MySQL 5.6"],
    ["MySQL 9.7", "MySQL 9.7", "MySQL 5.6"],
  ] as const satisfies Trio[]) {
    await t.test(`${trio.join(" → ")}, with tables that 5.6 can have`, async (s) =>
      syncs(s, { servers: await pool.take(trio), schema: "mysql-5.6" }),
    );
  }

  // The first has the tools that this machine has; these have MySQL 9.7's too, which MySQL's servers are dumped with.
  const UNDERSTUDY_MYSQL_BIN = await realMySqlTools();
  for (const trio of [
    ["MySQL 9.7", "MariaDB", "MySQL 9.7"],
    ["MySQL 5.6", "MySQL 9.7", "MariaDB"],
  ] as const satisfies Trio[]) {
    await t.test(`${trio.join(" → ")}, with both kinds of tools`, async (s) =>
      syncs(s, { servers: await pool.take(trio), schema: "mysql-5.6" }, { UNDERSTUDY_MYSQL_BIN }),
    );
  }
  // They cannot log in to MariaDB: nothing but dumps is left to tools, and of those one is built in.
  for (const trio of [
    ["MySQL 9.7", "MySQL 9.7", "MySQL 9.7"],
    ["MySQL 9.7", "MariaDB", "MySQL 9.7"],
  ] as const satisfies Trio[]) {
    await t.test(`${trio.join(" → ")}, with MySQL's tools alone`, async (s) =>
      syncs(s, { servers: await pool.take(trio) }, { PATH: UNDERSTUDY_MYSQL_BIN }),
    );
  }

  await t.test("staging on 5.6 cannot hold the tables: refused by name before production is exported", async (s) => {
    const pipeline = await openPipeline(s, { servers: await pool.take(["MariaDB", "MariaDB", "MySQL 5.6"]) });
    const before = await stagingDigests(pipeline);
    const run = await runSync(pipeline);
    assert.equal(run.status, "failed");
    assert.equal(run.failedStage, "export-production");
    assert.equal(run.error.code, "SCHEMA_DOES_NOT_FIT");
    assert.match(
      run.error.message,
      /^The staging server \(MySQL 5\.6\.\d+\) cannot hold .* lacks generated columns \(`order_items\.line_total`/,
    );
    assert.deepEqual(await stagingDigests(pipeline), before);
  });
});

async function runSync(pipeline: Pipeline, environment: Record<string, string> = {}): Promise<Run> {
  const world = await pipeline.open({ environment: { ...pipeline.environment, ...environment } });
  world.work?.start();
  return waitForRun(world, await requestSync(world));
}

async function syncs(
  t: TestContext,
  options: PipelineOptions,
  environment: Record<string, string> = {},
): Promise<void> {
  const pipeline = await openPipeline(t, options);
  const run = await runSync(pipeline, environment);
  assert.equal(run.status, "synced", "error" in run ? `${run.failedStage}: ${run.error.message}` : undefined);
  await assertSynced(pipeline);
  await assertNothingLeft(pipeline);
  for (const table of ["countries", "exchange_rates", "categories", "products", "groups"]) {
    assert.deepEqual(await rowsOf(pipeline, "staging", table), await rowsOf(pipeline, "production", table), table);
  }
  assert.deepEqual(await collationsOf(pipeline, "staging"), await collationsOf(pipeline, "production"));
  const [shown] = await pipeline.query("staging", "SELECT COUNT(*) AS n FROM shop_staging.active_customers");
  assert.ok(Number(shown?.["n"]) > 0, "the view works");
}

/** A table's rows as text, in an order that does not depend on the server. JSON as what it says: MySQL writes it anew. */
async function rowsOf({ query }: Pipeline, role: Role, table: string): Promise<string[]> {
  const rows = await query(role, `SELECT * FROM ${DATABASES[role]}.\`${table}\``);
  return rows
    .map(({ attributes, ...row }) =>
      JSON.stringify({ ...row, attributes: typeof attributes === "string" ? JSON.parse(attributes) : attributes }),
    )
    .toSorted();
}

/** Each text column's collation; without those of JSON, which MariaDB stores as text. */
async function collationsOf({ query }: Pipeline, role: Role): Promise<string[]> {
  const rows = await query(
    role,
    `SELECT CONCAT_WS(' ', table_name, column_name, collation_name) AS told FROM information_schema.columns
     WHERE table_schema = ? AND collation_name IS NOT NULL AND data_type <> 'longtext'
       AND table_name IN (SELECT table_name FROM information_schema.tables WHERE table_schema = ? AND table_type = 'BASE TABLE')`,
    [DATABASES[role], DATABASES[role]],
  );
  return rows.map(({ told }) => String(told)).toSorted();
}
