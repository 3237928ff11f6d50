// What the contract may say of how staging takes the new data: scripts, whose objects, in place.
import assert from "node:assert/strict";
import { test } from "node:test";
import { reportOf } from "../../contracts/report.ts";
import { replayStage } from "../../handlers/replay.ts";
import { openPipeline, type Pipeline, requestSync, waitForRun } from "../support/pipeline.ts";

const names = async (pipeline: Pipeline, sql: string) =>
  (await pipeline.query("staging", sql)).map((row) => String(Object.values(row)[0]));

test("scripts run on the new data; one that fails leaves staging as it was, and the replay starts on fresh data", async (t) => {
  const pipeline = await openPipeline(t, {
    edit: (text) => `${text}after: [mail-off.sql]\nkeep_tables: [local_flags]\n`,
    scripts: {
      "mail-off.sql": "UPDATE companies SET name = CONCAT(name, '!') WHERE id = 1;\nUPDATE hooks SET url = '';",
    },
  });
  const world = await pipeline.open();
  world.work?.start();
  await pipeline.query("staging", "CREATE TABLE shop_staging.local_flags (id INT PRIMARY KEY)");
  await pipeline.query("staging", "INSERT INTO shop_staging.local_flags VALUES (7)");
  const before = await names(pipeline, "SELECT name FROM shop_staging.companies ORDER BY id");
  const runId = await requestSync(world);
  const failed = await waitForRun(world, runId);
  assert.equal(failed.status === "failed" && failed.error.code, "AFTER_FAILED");
  assert.match(failed.status === "failed" ? failed.error.message : "", /`mail-off\.sql`, line 2.*UPDATE/);
  assert.deepEqual(await names(pipeline, "SELECT name FROM shop_staging.companies ORDER BY id"), before);

  // What the second statement needs comes with the schema in real life; here it is mended where it failed.
  await pipeline.query("production", "CREATE TABLE shop.hooks (id INT PRIMARY KEY, url VARCHAR(20))");
  await pipeline.query("staging", "CREATE TABLE shop_staging__next.hooks (id INT PRIMARY KEY, url VARCHAR(20))");
  await replayStage(world.platform, runId, undefined);
  const again = await waitForRun(world, runId, (run) => run.status !== "running");
  assert.equal(again.status === "failed" && again.error.code, "AFTER_FAILED", "the next data was loaded anew");
});

test("production's views, triggers, routines and events take the place of staging's, where the contract says so", async (t) => {
  const pipeline = await openPipeline(t, {
    edit: (text) => `${text}objects: production\nafter: [none.sql]\n`,
    scripts: { "none.sql": "DO 1;" },
  });
  for (const [role, database] of [
    ["production", "shop"],
    ["staging", "shop_staging"],
  ] as const) {
    for (const sql of [
      `CREATE VIEW ${database}.shared AS SELECT '${role}' AS whose, id FROM ${database}.companies`,
      `CREATE VIEW ${database}.${role}_only AS SELECT whose FROM ${database}.shared`,
      `CREATE TRIGGER ${database}.named BEFORE INSERT ON ${database}.comments FOR EACH ROW SET NEW.body = '${role}'`,
      `CREATE FUNCTION ${database}.whose() RETURNS VARCHAR(20) DETERMINISTIC RETURN '${role}'`,
      `CREATE PROCEDURE ${database}.${role}_proc() SELECT COUNT(*) FROM ${database}.companies`,
      `CREATE EVENT ${database}.nightly ON SCHEDULE EVERY 1 YEAR DISABLE COMMENT '${role}' DO DELETE FROM ${database}.comments`,
    ])
      await pipeline.query(role, sql);
  }
  const world = await pipeline.open();
  world.work?.start();
  const runId = await requestSync(world);
  const blind = await waitForRun(world, runId);
  assert.equal(
    blind.status === "failed" && blind.error.code,
    "MYSQL_PRIVILEGE_MISSING",
    "a server hides what it may not show",
  );
  await pipeline.query("production", "GRANT TRIGGER, EVENT, EXECUTE ON shop.* TO understudy@'%'");
  await pipeline.query("production", "GRANT SELECT ON mysql.proc TO understudy@'%'");
  await replayStage(world.platform, runId, undefined);
  const run = await waitForRun(world, runId, ({ status }) => status === "synced");
  assert.equal(run.status, "synced");
  assert.deepEqual(await names(pipeline, "SELECT DISTINCT whose FROM shop_staging.production_only"), ["production"]);
  assert.deepEqual(await names(pipeline, "SELECT DISTINCT whose FROM shop_staging.staging_only"), ["production"]);
  assert.deepEqual(await names(pipeline, "SELECT shop_staging.whose()"), ["production"]);
  await pipeline.query("staging", "CALL shop_staging.production_proc()");
  await pipeline.query("staging", "CALL shop_staging.staging_proc()");
  const [event] = await pipeline.query("staging", "SHOW CREATE EVENT shop_staging.nightly");
  assert.match(String(event?.["Create Event"]), /'production' DO DELETE FROM `?shop_staging`?\.`?comments/);
  const [trigger] = await pipeline.query("staging", "SHOW CREATE TRIGGER shop_staging.named");
  assert.match(String(trigger?.["SQL Original Statement"]), /'production'/);
});

test("loaded in place, staging has the new data and its own objects, and the report tells the outage", async (t) => {
  const pipeline = await openPipeline(t, { edit: (text) => `${text}swap: in-place\nkeep_tables: ["local_*"]\n` });
  await pipeline.query("staging", "CREATE TABLE shop_staging.local_flags (id INT PRIMARY KEY)");
  await pipeline.query("staging", "INSERT INTO shop_staging.local_flags VALUES (7)");
  await pipeline.query("staging", "CREATE VIEW shop_staging.own AS SELECT id FROM shop_staging.companies");
  await pipeline.query(
    "staging",
    "CREATE TRIGGER shop_staging.own BEFORE INSERT ON shop_staging.comments FOR EACH ROW SET NEW.body = 'changed'",
  );
  const world = await pipeline.open();
  world.work?.start();
  const run = await waitForRun(world, await requestSync(world));
  assert.equal(run.status, "synced", "error" in run ? run.error.message : undefined);
  const companies = await names(pipeline, "SELECT COUNT(*) FROM shop_staging.companies");
  assert.deepEqual(await names(pipeline, "SELECT COUNT(*) FROM shop_staging.own"), companies);
  assert.deepEqual(await names(pipeline, "SELECT id FROM shop_staging.local_flags"), ["7"]);
  assert.equal((await pipeline.query("staging", "SHOW TRIGGERS FROM shop_staging")).length, 1);
  assert.deepEqual(await names(pipeline, "SHOW DATABASES LIKE 'shop\\_staging\\_\\_%'"), [], "nothing is beside it");
  assert.ok((reportOf(run, new Date()).staging?.outageMs ?? 0) > 100, "it was out for as long as the load took");
});
