// One whole sync through every stage, and what must be true of staging after it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { assertNothingLeft, assertSynced } from "../support/assert-synced.ts";
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

/** No name, address or phone number of production is in the run's document or the log. */
async function assertNoPersonalData({ query, directory }: Pipeline, document: string): Promise<void> {
  const told = document + (await readLog(directory));
  const people = await query("production", "SELECT email, name, phone FROM shop.users");
  const values = people.flatMap((row) => [row["email"], row["name"], row["phone"]]).filter((v) => String(v).length > 5);
  assert.ok(values.length > 50);
  for (const value of values)
    assert.ok(!told.includes(String(value)), "a value of production is in the log or the run");
}
