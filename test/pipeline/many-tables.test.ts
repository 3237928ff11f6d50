// A schema of many small tables: what is done for each of them must stay little.
import assert from "node:assert/strict";
import { test } from "node:test";
import { classified } from "../support/classified.ts";
import { DATABASES, openPipeline, requestSync, waitForRun } from "../support/pipeline.ts";
import { asRoot, startThree, testServersOf } from "../support/sample-servers.ts";

/** 2,000 are for a run by hand: they take minutes. Loaded and swapped they are in test/handlers/swapping/many-tables.test.ts. */
const TABLES = Number(process.env["UNDERSTUDY_MANY_TABLES"] ?? 200);
/** One table in so many refers to the one before. */
const REFERRING = 4;

test(`${TABLES} small tables come through a whole sync`, async (t) => {
  const servers = testServersOf(await startThree(t));
  const pipeline = await openPipeline(t, {
    servers,
    fill: async (server, role, database) => {
      if (role !== "production") return;
      await asRoot(server, async (root) => {
        await root.query(`USE ${database}`);
        for (let i = 0; i < TABLES; i++) {
          const key = i % REFERRING === 1 ? `, FOREIGN KEY (other) REFERENCES table_${i - 1} (id)` : "";
          await root.query(
            `CREATE TABLE table_${i} (id INT AUTO_INCREMENT PRIMARY KEY, email VARCHAR(80), other INT, KEY (email)${key})`,
          );
          await root.query(`INSERT INTO table_${i} VALUES (1, 'person${i}@example.org', 1), (2, NULL, NULL)`);
        }
      });
    },
    edit: classified(servers.production, DATABASES.production),
  });
  const world = await pipeline.open();
  world.work?.start();
  const started = performance.now();
  const run = await waitForRun(world, await requestSync(world));
  assert.equal(run.status, "synced", run.status === "failed" ? `${run.failedStage}: ${run.error.message}` : "");
  t.diagnostic(`${TABLES} tables in ${Math.round((performance.now() - started) / 1000)} s`);
  const [found] = await pipeline.query(
    "staging",
    `SELECT (SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = ?) AS tables,
       (SELECT COUNT(*) FROM information_schema.referential_constraints WHERE constraint_schema = ?) AS foreignKeys`,
    [DATABASES.staging, DATABASES.staging],
  );
  assert.deepEqual({ ...found }, { tables: TABLES, foreignKeys: Math.ceil((TABLES - 1) / REFERRING) });
  const last = await pipeline.query(
    "staging",
    `SELECT email FROM ${DATABASES.staging}.table_${TABLES - 1} ORDER BY id`,
  );
  assert.equal(last.length, 2);
  assert.notEqual(last[0]?.["email"], `person${TABLES - 1}@example.org`);
});
