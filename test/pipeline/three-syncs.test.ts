// Three syncs in a row while production grows under the ids that demo rows have: the same companies, none twice, none lost.
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { assertNothingLeft, assertSynced } from "../support/assert-synced.ts";
import { demoIds, demoStory } from "../support/demo-story.ts";
import {
  openPipeline,
  requestSync,
  waitForRun,
  type LocalWorld,
  type Pipeline,
  type PipelineOptions,
} from "../support/pipeline.ts";
import { REAL_VERSIONS, startTestMySql } from "../support/real-mysql.ts";
import { servers } from "../support/servers.ts";

test("demo companies come through three syncs as they were, while production takes their ids", (t) => threeSyncs(t));

for (const version of REAL_VERSIONS) {
  const skip = !servers().some(({ name }) => name === `MySQL ${version}`);
  test(`the same between servers with MySQL ${version}`, { skip }, async (t) => {
    const start = () => startTestMySql(t, version);
    const [production, replica, staging] = await Promise.all([start(), start(), start()]);
    await threeSyncs(t, { servers: { production, replica, staging } });
  });
}

async function threeSyncs(t: TestContext, options: PipelineOptions = {}): Promise<void> {
  const pipeline = await openPipeline(t, options);
  const world = await pipeline.open();
  world.work?.start();
  await pipeline.query("staging", SHIPPED);
  const story = await demoStory(pipeline);
  for (const [table, rows] of Object.entries(story)) assert.ok(rows.length > 0, `${table} has demo rows`);
  let ids = await demoIds(pipeline);

  // At first production has the ids of every demo row; then it grows under the new ones; then under a few of them.
  await assertTaken(pipeline, ids, ["companies", "users", "projects", "orders", "comments", "audit_logs"]);
  await sync(pipeline, world, story);
  ids = await demoIds(pipeline);

  await grow(pipeline, ["companies", "users", "projects", "orders", "comments"]);
  await assertTaken(pipeline, ids, ["companies", "users", "projects", "orders", "comments"]);
  await sync(pipeline, world, story);
  ids = await demoIds(pipeline);

  await grow(pipeline, ["companies"]);
  await assertTaken(pipeline, ids, ["companies"]);
  await sync(pipeline, world, story);
  const { companies, ...last } = await demoIds(pipeline);
  const { companies: before, ...others } = ids;
  assert.notDeepEqual(companies, before);
  assert.deepEqual(last, others, "ids that production left free are kept");
}

/** The sample ships nothing of the demo companies'; a foreign key of two columns is worth a row. */
const SHIPPED = `INSERT INTO shop_staging.shipments (order_id, line_no, carrier, shipped_at)
  SELECT o.id, i.line_no, 'Demo Express', '2026-01-01 00:00:00' FROM shop_staging.order_items i JOIN shop_staging.orders o ON o.id = i.order_id
  JOIN shop_staging.companies c ON c.id = o.company_id WHERE c.is_demo = 1`;

/** After a sync, staging shows the demo companies as ever, beside production's rows and nothing else. */
async function sync(pipeline: Pipeline, world: LocalWorld, story: Record<string, string[]>): Promise<void> {
  const run = await waitForRun(world, await requestSync(world));
  assert.equal(run.status, "synced", "error" in run ? `${run.failedStage}: ${run.error.message}` : undefined);
  assert.deepEqual(await demoStory(pipeline), story);
  for (const [table, { length }] of Object.entries(story)) {
    const isTruncated = ["password_resets", "api_tokens", "sessions"].includes(table);
    const own = isTruncated ? 0 : await rowsIn(pipeline, "production", `shop.${table}`);
    assert.equal(await rowsIn(pipeline, "staging", `shop_staging.${table}`), own + length, table);
  }
  await assertSynced(pipeline);
  await assertNothingLeft(pipeline);
}

async function rowsIn({ query }: Pipeline, role: "production" | "staging", table: string): Promise<number> {
  const [row] = await query(role, `SELECT COUNT(*) AS n FROM ${table}`);
  return Number(row?.["n"]);
}

/** How a table grows by a row that is new in every unique key; its next id is the server's to give. */
const GROWN: Readonly<Record<string, string>> = {
  companies: "(name, country_code, founded_on, created_at) SELECT CONCAT('Grown ', MAX(id)), 'JP', '2020-01-01', NOW()",
  users:
    "(company_id, email, name, token, last_login_at, created_at) SELECT 1, CONCAT('grown', MAX(id), '@mail.test'), CONCAT('Grown ', MAX(id)), SHA2(CONCAT('grown', MAX(id)), 256), NOW(), NOW()",
  projects:
    "(company_id, slug, name, description, starts_on, created_at) SELECT 1, CONCAT('grown-', MAX(id)), 'Grown', '', '2020-01-01', NOW()",
  orders:
    "(company_id, user_id, number, status, total, placed_at) SELECT 1, 1, CONCAT('grown-', MAX(id)), 'paid', 1, NOW()",
  comments: "(project_id, user_id, body, created_at) SELECT 1, 1, 'Grown.', NOW()",
};

/** Six rows more in each of these tables of production. */
async function grow({ query }: Pipeline, tables: readonly string[]): Promise<void> {
  for (const table of tables) {
    for (let i = 0; i < 6; i++)
      await query("production", `INSERT INTO shop.${table} ${GROWN[table]} FROM shop.${table}`);
  }
}

/** Production has rows under ids of demo rows: else a sync of them shows nothing. */
async function assertTaken(
  { query }: Pipeline,
  ids: Record<string, string[]>,
  tables: readonly string[],
): Promise<void> {
  for (const table of tables) {
    const taken = await query("production", `SELECT id FROM shop.${table} WHERE id IN (?)`, [ids[table]]);
    assert.ok(taken.length > 0, `production has ids of the demo rows of ${table}`);
  }
}
