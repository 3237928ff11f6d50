// Rolling staging back after a sync that nobody wants: by the swap, and from the backup.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { rollBack } from "../../handlers/rollback.ts";
import { understudy } from "../cli/understudy.ts";
import { openPipeline, type Pipeline, requestSync, stagingDigests, waitForRun } from "../support/pipeline.ts";

/** A staging with a trigger and a table of its own, synced once; and what it was before. */
async function syncedPipeline(t: Parameters<typeof openPipeline>[0]) {
  const pipeline = await openPipeline(t, { edit: (text) => `${text}keep_tables: [own_notes]\n` });
  for (const sql of [
    "CREATE TRIGGER shop_staging.own BEFORE INSERT ON shop_staging.comments FOR EACH ROW SET NEW.body = 'changed'",
    "CREATE TABLE shop_staging.own_notes (id INT PRIMARY KEY, code CHAR(2), CONSTRAINT own_country FOREIGN KEY (code) REFERENCES countries (code)) CHARSET utf8mb4 COLLATE utf8mb4_unicode_ci",
    "INSERT INTO shop_staging.own_notes SELECT 1, MIN(code) FROM shop_staging.countries",
  ])
    await pipeline.query("staging", sql);
  const before = await stagingDigests(pipeline);
  const world = await pipeline.open();
  world.work?.start();
  const runId = await requestSync(world);
  const run = await waitForRun(world, runId);
  assert.equal(run.status, "synced", "error" in run ? run.error.message : undefined);
  const after = await stagingDigests(pipeline);
  assert.notDeepEqual(after, before);
  return { pipeline, world, runId, before, after };
}

const triggers = async (pipeline: Pipeline) =>
  (await pipeline.query("staging", "SHOW TRIGGERS FROM shop_staging")).length;

const parentOf = async (pipeline: Pipeline) =>
  (
    await pipeline.query(
      "staging",
      "SELECT unique_constraint_schema AS parent FROM information_schema.referential_constraints WHERE constraint_name = 'own_country'",
    )
  ).map(({ parent }) => parent);

test("one command brings yesterday's staging back, the next today's, with triggers and tables of its own", async (t) => {
  const { pipeline, before, after } = await syncedPipeline(t);
  const roll = async () => {
    const { code, stdout, stderr } = await understudy(t, "rollback --json", pipeline);
    assert.equal(code, 0, stderr);
    return JSON.parse(stdout) as unknown;
  };
  for (const [digests, staging] of [
    [before, "before"],
    [after, "run"],
    [before, "before"],
  ] as const) {
    assert.equal(((await roll()) as { staging: string }).staging, staging);
    assert.deepEqual(await stagingDigests(pipeline), digests);
    assert.equal(await triggers(pipeline), 1);
    assert.deepEqual(await parentOf(pipeline), ["shop_staging"]);
  }
});

test("one request rolls back once, however often it is delivered and wherever it was interrupted", async (t) => {
  const { pipeline, world, runId, before } = await syncedPipeline(t);
  const { platform } = world;
  const request = { runId, to: "previous", request: randomUUID() } as const;
  let interruptions = 0;
  const interrupted = {
    ...platform,
    runs: { ...platform.runs, update: () => Promise.reject(new Error(`interruption ${++interruptions}`)) },
  };
  await assert.rejects(rollBack(interrupted, pipeline.contract, request), /interruption 1/);
  assert.deepEqual(await stagingDigests(pipeline), before, "it was interrupted after the swap");
  await assert.rejects(rollBack(interrupted, pipeline.contract, request), /interruption 2/);
  assert.deepEqual(await stagingDigests(pipeline), before);
  assert.equal(await rollBack(platform, pipeline.contract, request), true);
  assert.equal(await rollBack(platform, pipeline.contract, request), false);
  assert.deepEqual(await stagingDigests(pipeline), before);
  assert.equal(await triggers(pipeline), 1);
  assert.deepEqual(await platform.objects.list(`runs/${runId}/`), [], "nothing is left behind");
});

test("the backup is restored; nothing is rolled back beside a run that holds the pipeline", async (t) => {
  const { pipeline, world, runId, before } = await syncedPipeline(t);
  const request = { runId, to: "backup", request: randomUUID() } as const;
  await world.rollBack(request);
  assert.deepEqual(await stagingDigests(pipeline), before);
  await world.platform.runs.updateWithLock("shop", runId, () => ({
    lock: { pipeline: "shop", runId, since: new Date().toISOString() },
    result: undefined,
  }));
  await assert.rejects(world.rollBack({ ...request, request: randomUUID() }), { code: "ROLLBACK_RUN_ACTIVE" });
  await assert.rejects(world.rollBack({ ...request, runId: "20261122-021500-000-4f9a2c" }), { code: "RUN_UNKNOWN" });
});
