// What is staging's own over a swap: triggers, and tables that production does not have.
import assert from "node:assert/strict";
import { test } from "node:test";
import { reportOf } from "../../contracts/report.ts";
import { abandonRun } from "../../handlers/abandon.ts";
import { replayStage } from "../../handlers/replay.ts";
import { killedAt } from "../support/killed.ts";
import { openPipeline, requestSync, waitForRun } from "../support/pipeline.ts";
import { startTestServer } from "../support/servers.ts";

test("triggers that staging's binary log forbids are told by name; with the flag set the replay brings them", async (t) => {
  const [production, replica, staging] = await Promise.all([
    startTestServer(t),
    startTestServer(t),
    startTestServer(t, { flags: ["--log-bin", "--server-id=3"] }),
  ]);
  const servers = { production: production.test, replica: replica.test, staging: staging.test };
  const pipeline = await openPipeline(t, { servers });
  const triggers = () => pipeline.query("staging", "SHOW TRIGGERS FROM shop_staging");
  await pipeline.query(
    "staging",
    "CREATE TRIGGER shop_staging.`it's` BEFORE INSERT ON shop_staging.comments FOR EACH ROW SET NEW.body = 'changed'",
  );
  const world = await pipeline.open();
  world.work?.start();
  const runId = await requestSync(world);
  const failed = await waitForRun(world, runId);
  assert.equal(failed.status, "failed");
  assert.equal(failed.error.code, "TRIGGERS_NOT_TRUSTED");
  assert.match(failed.error.message, /`it's`.*Set `log_bin_trust_function_creators` to ON/);
  assert.equal((await triggers()).length, 1, "staging still has it");

  await pipeline.query("staging", "SET GLOBAL log_bin_trust_function_creators = ON");
  await replayStage(world.platform, failed.runId, undefined);
  const synced = await waitForRun(world, runId);
  assert.equal(synced.status, "synced", "error" in synced ? synced.error.message : undefined);
  assert.deepEqual(
    (await triggers()).map((trigger) => trigger["Trigger"]),
    ["it's"],
  );
  const changed = await pipeline.query("staging", "SELECT 1 FROM shop_staging.comments WHERE body = 'changed'");
  assert.deepEqual(changed, [], "it did not fire while the rows were loaded");
});

test("a run killed between dropping staging's triggers and the swap gives them back when it is abandoned", async (t) => {
  const pipeline = await openPipeline(t);
  await pipeline.query(
    "staging",
    "CREATE TRIGGER shop_staging.own BEFORE INSERT ON shop_staging.comments FOR EACH ROW SET NEW.body = 'changed'",
  );
  const triggers = async () =>
    (await pipeline.query("staging", "SHOW TRIGGERS FROM shop_staging")).map((trigger) => trigger["Trigger"]);
  const world = await pipeline.open();
  const runId = await killedAt(t, pipeline, world, "running 1 RENAME");
  assert.deepEqual(await triggers(), [], "it was killed in between");
  await abandonRun(world.platform, pipeline.contract, runId, "The test says so.");
  assert.deepEqual(await triggers(), ["own"]);
});

test("tables that only staging has are set aside with the previous data, columns are dropped, and the report names both", async (t) => {
  const pipeline = await openPipeline(t);
  await pipeline.query("staging", "ALTER TABLE shop_staging.companies ADD COLUMN nick VARCHAR(9)");
  await pipeline.query("staging", "CREATE TABLE shop_staging.only_here (id INT PRIMARY KEY)");
  await pipeline.query("staging", "INSERT INTO shop_staging.only_here VALUES (7)");
  const world = await pipeline.open();
  world.work?.start();
  const run = await waitForRun(world, await requestSync(world));
  assert.equal(run.status, "synced");
  const { staging, preserved } = reportOf(run, new Date());
  assert.deepEqual(staging?.setAside, ["only_here"]);
  assert.deepEqual(preserved?.notes, ["`companies.nick` is dropped: production has no such column."]);
  const kept = await pipeline.query("staging", "SELECT id FROM shop_staging__prev.only_here");
  assert.deepEqual(
    kept.map(({ id }) => id),
    [7],
  );
});
