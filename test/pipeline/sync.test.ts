// One whole sync through every stage, and what must be true of staging after it.
import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { openPipeline, readLog, requestSync, waitForRun, type Pipeline } from "../support/pipeline.ts";

test("a sync ends with staging holding production's rows masked and its own demo rows kept", async (t) => {
  const pipeline = await openPipeline(t);
  const world = await pipeline.open();
  world.work?.start();
  const runId = await requestSync(world);
  const run = await waitForRun(world, runId);
  assert.equal(run.status, "synced", JSON.stringify(run, null, 1));
  await assertSynced(pipeline);
  await assertNothingLeft(pipeline);
  await assertNoPersonalData(pipeline, JSON.stringify(run));
});

/** Staging has production's companies and its three demo ones, and nobody's real address. */
export async function assertSynced({ query }: Pipeline): Promise<void> {
  const [production] = await query("production", "SELECT COUNT(*) AS companies FROM shop.companies");
  const [staging] = await query(
    "staging",
    "SELECT COUNT(*) AS companies, SUM(is_demo) AS demo, COUNT(DISTINCT name) AS names FROM shop_staging.companies",
  );
  assert.equal(staging?.["companies"], Number(production?.["companies"]) + 3);
  assert.equal(Number(staging?.["demo"]), 3);
  const emails = await query("production", "SELECT email FROM shop.users ORDER BY id LIMIT 200");
  const [leaked] = await query("staging", "SELECT COUNT(*) AS n FROM shop_staging.users WHERE email IN (?)", [
    emails.map((row) => row["email"]),
  ]);
  assert.equal(leaked?.["n"], 0);
}

/** The replica is empty, and no dump of the run is left. */
export async function assertNothingLeft({ query, directory }: Pipeline): Promise<void> {
  const databases = await query(
    "replica",
    "SELECT schema_name AS name FROM information_schema.schemata WHERE schema_name IN ('shop', '_understudy')",
  );
  assert.deepEqual(databases, []);
  assert.ok(!(await readdir(join(directory, "dumps"))).includes("runs"));
}

/** No name, address or phone number of production is in the run's document or the log. */
async function assertNoPersonalData({ query, directory }: Pipeline, document: string): Promise<void> {
  const told = document + (await readLog(directory));
  const people = await query("production", "SELECT email, name, phone FROM shop.users");
  const values = people.flatMap((row) => [row["email"], row["name"], row["phone"]]).filter((v) => String(v).length > 5);
  assert.ok(values.length > 50);
  for (const value of values)
    assert.ok(!told.includes(String(value)), "a value of production is in the log or the run");
}
