// Backups are billed until they are deleted: a run's own old ones go, and nobody else's.
import assert from "node:assert/strict";
import { test } from "node:test";
import { openCloudSql } from "../../gcp/open-sql.ts";
import { ended, instanceOn } from "../../platform/world.ts";
import { createDatabase, mainServer } from "../../support/servers.ts";

test("three of our backups are kept, and somebody else's stay", async (t) => {
  const server = mainServer();
  const database = await createDatabase(t, server);
  const world = await openCloudSql(t, { staging: instanceOn(server, database) });
  const { sql } = world.platform;
  const back = async (key: string) => {
    const name = await sql.start({ type: "backup", key, role: "staging", database });
    const { error, backup } = await ended(world.platform, name);
    assert.equal(error, undefined);
    return String(backup);
  };
  const theirs = await back("before the migration");
  const ours: string[] = [];
  for (const day of [1, 2, 3, 4, 5]) ours.push(await back(`2026112${day}-020000-000-aaaaaa/backup-staging/1`));
  const { project, name: instance } = world.contract.staging;
  const { data } = await world.api.backupRuns.list({ project, instance });
  assert.deepEqual(
    data.items?.map(({ id }) => id),
    [...ours.slice(-3).toReversed(), theirs],
  );
});
