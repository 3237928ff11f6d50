// Staging's database gets production's default collation, its routines follow; rolled back, it has its own again.
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { understudy } from "../cli/understudy.ts";
import { openPipeline, type Pipeline, requestSync, waitForRun } from "../support/pipeline.ts";

const [OWN, PRODUCTIONS] = ["utf8mb4_general_ci", "utf8mb4_unicode_520_ci"];

async function synced(t: TestContext, more: string): Promise<Pipeline> {
  const pipeline = await openPipeline(t, { edit: (text) => `${text}${more}` });
  await pipeline.query("production", `ALTER DATABASE shop COLLATE ${PRODUCTIONS}`);
  for (const sql of [
    `ALTER DATABASE shop_staging COLLATE ${OWN}`,
    "CREATE FUNCTION shop_staging.told(word VARCHAR(20)) RETURNS VARCHAR(20) DETERMINISTIC RETURN word",
    "GRANT SELECT ON mysql.proc TO understudy@'%'",
  ])
    await pipeline.query("staging", sql);
  const world = await pipeline.open();
  world.work?.start();
  const run = await waitForRun(world, await requestSync(world));
  assert.equal(run.status, "synced", "error" in run ? run.error.message : undefined);
  return pipeline;
}

/** The database's default, its function's, and what that returns. */
async function collations({ query }: Pipeline): Promise<unknown[]> {
  const [found] = await query(
    "staging",
    `SELECT default_collation_name AS d, (SELECT database_collation FROM information_schema.routines
       WHERE routine_schema = 'shop_staging' AND routine_name = 'told') AS f, COLLATION(shop_staging.told('x')) AS r
     FROM information_schema.schemata WHERE schema_name = 'shop_staging'`,
  );
  return Object.values(found ?? {});
}

test("the default collation comes with the swap, goes with a rollback and comes again with the next", async (t) => {
  const pipeline = await synced(t, "");
  assert.deepEqual(await collations(pipeline), [PRODUCTIONS, PRODUCTIONS, PRODUCTIONS]);
  for (const expected of [OWN, PRODUCTIONS]) {
    const { code, stderr } = await understudy(t, "rollback --json", pipeline);
    assert.equal(code, 0, stderr);
    assert.deepEqual(await collations(pipeline), [expected, expected, expected]);
  }
});

test("loaded in place, staging gets the default collation, too", async (t) => {
  assert.deepEqual(await collations(await synced(t, "swap: in-place\n")), [PRODUCTIONS, PRODUCTIONS, PRODUCTIONS]);
});

test("a routine that must be made anew and may not be read stops the load with staging untouched", async (t) => {
  const pipeline = await openPipeline(t);
  await pipeline.query("production", `ALTER DATABASE shop COLLATE ${PRODUCTIONS}`);
  await pipeline.query("staging", `ALTER DATABASE shop_staging COLLATE ${OWN}`);
  await pipeline.query(
    "staging",
    "CREATE FUNCTION shop_staging.told(w CHAR(2)) RETURNS CHAR(2) DETERMINISTIC RETURN w",
  );
  const world = await pipeline.open();
  world.work?.start();
  const run = await waitForRun(world, await requestSync(world));
  assert.equal(run.status === "failed" && run.error.code, "ROUTINE_UNREADABLE");
  assert.match(run.status === "failed" ? run.error.message : "", /function `told` on staging.*made anew.*SHOW_ROUTINE/);
  assert.deepEqual(await collations(pipeline), [OWN, OWN, OWN]);
});
