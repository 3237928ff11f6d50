// Production's rows outlive the run in no log of the replica's or staging's server: a slow log writes whole statements.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { assertSynced } from "../support/assert-synced.ts";
import { openPipeline, requestSync, waitForRun } from "../support/pipeline.ts";

test("a replica with a general log is refused before a row reaches it", async (t) => {
  const pipeline = await openPipeline(t);
  await pipeline.query("replica", "SET GLOBAL general_log = ON");
  const world = await pipeline.open();
  world.work?.start();
  const run = await waitForRun(world, await requestSync(world));
  assert.ok(run.status === "failed" && run.error.code === "MASK_KEY_LOGGED", JSON.stringify(run, null, 1));
  assert.equal(run.failedStage, "export-production");
  assert.equal(run.stages["export-production"]?.checkpoint, undefined, "no export was started");
});

test("a slow log of every statement gets no row of a whole sync", async (t) => {
  const pipeline = await openPipeline(t);
  const { query, processes } = pipeline;
  assert.ok(processes);
  await query("staging", "UPDATE shop_staging.users SET name = 'Planted-2093'");
  for (const role of ["replica", "staging"] as const) {
    await query(role, "SET GLOBAL slow_query_log_file = 'slow.log'");
    await query(role, "SET GLOBAL long_query_time = 0");
    await query(role, "SET GLOBAL slow_query_log = ON");
  }
  const world = await pipeline.open();
  world.work?.start();
  const run = await waitForRun(world, await requestSync(world));
  assert.equal(run.status, "synced", JSON.stringify(run, null, 1));
  const people = await query("production", "SELECT email, name, phone, token FROM shop.users");
  const values = people.flatMap((row) => Object.values(row).map(String)).filter((value) => value.length > 5);
  assert.ok(values.length > 100);
  for (const role of ["replica", "staging"] as const) {
    const log = await readFile(join(processes[role].directory, "data/slow.log"), "utf8");
    assert.match(log, /SELECT/, "the log is written");
    for (const value of [...values, "Planted-2093"]) assert.ok(!log.includes(value), `${role}'s log has a row's value`);
  }
  await assertSynced(pipeline);
});
