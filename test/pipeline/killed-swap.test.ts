// A process killed with SIGKILL at each step of the swap: either the old staging or the new, and the run goes on.
// killed-load.test.ts has the steps before it, and those of loading in place.
import assert from "node:assert/strict";
import { test } from "node:test";
import { testKilledAt } from "../support/killed.ts";
import type { Pipeline } from "../support/pipeline.ts";

/** What is staging's own: a trigger, and a table that stays and refers to one that is swapped. */
async function prepare(pipeline: Pipeline): Promise<void> {
  for (const sql of [
    "CREATE TRIGGER shop_staging.own BEFORE INSERT ON shop_staging.comments FOR EACH ROW SET NEW.body = 'changed'",
    `CREATE TABLE shop_staging.own_notes (id INT PRIMARY KEY, code CHAR(2),
       CONSTRAINT own_country FOREIGN KEY (code) REFERENCES countries (code)) CHARSET utf8mb4 COLLATE utf8mb4_unicode_ci`,
    "INSERT INTO shop_staging.own_notes SELECT 1, MIN(code) FROM shop_staging.countries",
  ])
    await pipeline.query("staging", sql);
}

async function assertOwnIsThere(pipeline: Pipeline): Promise<void> {
  assert.equal((await pipeline.query("staging", "SHOW TRIGGERS FROM shop_staging")).length, 1);
  const [key] = await pipeline.query(
    "staging",
    "SELECT unique_constraint_schema AS parent FROM information_schema.referential_constraints WHERE constraint_name = 'own_country'",
  );
  assert.equal(key?.["parent"], "shop_staging");
  const [script] = await pipeline.query(
    "staging",
    "SELECT COUNT(*) AS n FROM shop_staging.countries WHERE name LIKE '%!!%'",
  );
  assert.equal(Number(script?.["n"]), 0, "no script ran twice on the same data");
}

test("a process killed from the count of the masked copy to the end of the swap", (t) =>
  testKilledAt(
    t,
    [
      ["while the masked copy is counted", "ran 2 REPLACE INTO `_understudy`.`exported_facts`"],
      ["when the next database is made", "ran 1 CREATE DATABASE `shop_staging__next`"],
      ["in the middle of a script", "ran 1 UPDATE countries"],
      ["while foreign keys of a table that stays are tried", "ran 1 CREATE TABLE `shop_staging__next`"],
      ["while triggers are tried on the next data", "ran 1 CREATE TRIGGER"],
      ["when staging's objects are stored", "wrote load-staging/objects"],
      ["when staging's triggers are dropped", "ran 1 DROP TRIGGER IF EXISTS `shop_staging`"],
      ["when the place of the previous data is made", "ran 1 CREATE DATABASE `shop_staging__prev`"],
      ["between the swap and what follows it", "ran 1 ALTER TABLE `shop_staging`.`own_notes` DROP FOREIGN KEY"],
      ["before staging's triggers are back", "running 2 CREATE TRIGGER"],
      ["when what is left of the next database is dropped", "ran 2 DROP DATABASE IF EXISTS `shop_staging__next`"],
    ],
    {
      prepare,
      check: assertOwnIsThere,
      edit: (text) => `${text}keep_tables: [own_notes]\nafter: [mark.sql]\n`,
      scripts: { "mark.sql": "UPDATE countries SET name = CONCAT(name, '!');\nDO 1;\n" },
    },
  ));
