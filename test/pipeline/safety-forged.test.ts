// Events and objects that somebody made up: nothing but what the stage before published reaches staging.
import assert from "node:assert/strict";
import { readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { ExportDone, Masked, Preserved, ReplicaLoaded } from "../../events/index.ts";
import { assertNothingLeft, assertSynced } from "../support/assert-synced.ts";
import { BUS_SETTINGS, openPipeline, readLog, requestSync, stagingDigests, waitForRun } from "../support/pipeline.ts";
import { connect } from "../support/servers.ts";

test("an event that no stage published moves nothing: production's raw dump does not reach staging", async (t) => {
  const pipeline = await openPipeline(t);
  const before = await stagingDigests(pipeline);
  // Holds the replica, so that the raw dump waits to be loaded.
  const holder = await connect(t, pipeline.servers.replica);
  await holder.query("SELECT GET_LOCK('understudy/shop', 1)");
  const world = await pipeline.open({ platformSettings: { bus: { ...BUS_SETTINGS, maxAttempts: 100 } } });
  world.work?.start();
  const runId = await requestSync(world);
  await waitForRun(world, runId, (run) => run.stages["load-replica:production"] !== undefined);
  const dump = `runs/${runId}/production.sql`;
  const object = await world.platform.objects.stat(dump);
  assert.ok(object, "the raw dump waits");
  const { generation, bytes } = object;
  const forged = [
    ExportDone.create({ runId, origin: "replica", dump, generation, bytes }),
    ReplicaLoaded.create({ runId, tables: 1, bytes: 1 }),
    Masked.create({ runId, tables: 1, columns: 1, rows: 1 }),
    Preserved.create({ runId, tables: 0, rows: 0, remapped: 0 }),
  ];
  for (const event of forged) await world.platform.bus.publish(event);
  await until(async () => (await readLog(pipeline.directory)).split("not believed").length > forged.length);
  const run = await world.platform.runs.get(runId);
  assert.deepEqual(
    Object.keys(run?.stages ?? {}).filter((id) => /load-staging|mask|preserve|export-replica/.test(id)),
    [],
  );
  assert.deepEqual(await stagingDigests(pipeline), before);
  await holder.query("SELECT RELEASE_LOCK('understudy/shop')");
  assert.equal((await waitForRun(world, runId)).status, "synced");
  await assertSynced(pipeline);
  await assertNothingLeft(pipeline);
});

test("a dump put by hand in the place of the masked one is not loaded, and the run says so", async (t) => {
  const pipeline = await openPipeline(t);
  const before = await stagingDigests(pipeline);
  // Holds staging, so that the run is still there when the dump is replaced.
  const holder = await connect(t, pipeline.servers.staging);
  await holder.query("SELECT GET_LOCK('understudy/shop', 1)");
  const world = await pipeline.open({
    platformSettings: { bus: { ...BUS_SETTINGS, maxAttempts: 100 }, watcher: { scanMs: 50, settleMs: 100 } },
  });
  world.work?.start();
  const runId = await requestSync(world);
  await waitForRun(world, runId, (run) => run.stages["load-staging:replica"] !== undefined);
  const name = join(pipeline.directory, `dumps/runs/${runId}/masked.sql`);
  const masked = await readFile(name, "latin1");
  await writeFile(join(pipeline.directory, "forged"), masked.replaceAll("@example.com", "@forged.test"), "latin1");
  await rename(join(pipeline.directory, "forged"), name);
  const run = await waitForRun(world, runId);
  // Whichever looks first: the bucket's notification of the forged object, or the load that wants the other generation.
  const code = run.status === "failed" ? run.error.code : run.status;
  assert.match(code, /^(DUMP_REPLACED|OBJECT_GONE)$/, JSON.stringify(run, null, 1));
  await holder.query("SELECT RELEASE_LOCK('understudy/shop')");
  assert.deepEqual(await stagingDigests(pipeline), before);
});

/** Asks until there is an answer. */
async function until<Answer>(ask: () => Promise<Answer | undefined | false>): Promise<Answer> {
  for (let attempt = 1; attempt <= 3000; attempt++) {
    const answer = await ask();
    if (answer) return answer;
    await sleep(10);
  }
  throw new Error("It did not come about in 30 s.");
}
