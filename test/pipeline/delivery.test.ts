// What a broker may do with messages: deliver twice, late, out of order. The run ends once all the same.
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { eventsByName, ExportDone, Masked, Preserved, ReplicaLoaded } from "../../events/index.ts";
import { newRunId } from "../../events/run-id.ts";
import { SyncRequested } from "../../events/index.ts";
import { type LocalWorld, openPipeline, requestSync, stagingDigests, waitForRun } from "../support/pipeline.ts";

/** A subscription on every topic that publishes each message once more, some time after the first. */
function duplicateEverything({ platform: { bus } }: LocalWorld, delayMs: number): { count: number } {
  const seen = { count: 0 };
  for (const topic of eventsByName.keys()) {
    bus.subscribe({
      name: `duplicate-${topic}`,
      topic,
      concurrency: 20,
      async handler({ data, attributes }) {
        if (attributes["duplicate"] !== undefined) return;
        await sleep(delayMs);
        await bus.publishMessage({ topic, data, attributes: { ...attributes, duplicate: "yes" } });
        seen.count++;
      },
    });
  }
  return seen;
}

test("every event delivered twice, at once and late, syncs once with the same result", async (t) => {
  const pipeline = await openPipeline(t);
  const world = await pipeline.open();
  world.work?.start();
  for (const _ of [1, 2]) assert.equal((await waitForRun(world, await requestSync(world))).status, "synced");
  const expected = await stagingDigests(pipeline);

  for (const delayMs of [0, 700]) {
    const doubled = await pipeline.open();
    const duplicates = duplicateEverything(doubled, delayMs);
    await world.work?.stop();
    doubled.work?.start();
    const runId = await requestSync(doubled);
    const run = await waitForRun(doubled, runId);
    assert.equal(run.status, "synced", JSON.stringify(run, null, 1));
    assert.ok(duplicates.count >= 6, "events were duplicated");
    await sleep(delayMs + 500); // what comes late, comes after the end
    assert.deepEqual(await stagingDigests(pipeline), expected);
    assert.equal((await doubled.platform.runs.get(runId))?.status, "synced");
    assert.deepEqual(await doubled.platform.runs.listDeadLetters("shop", 10), []);
    await doubled.work?.stop();
  }
});

test("events that come before the stage that must be done first are not believed", async (t) => {
  const pipeline = await openPipeline(t);
  const world = await pipeline.open();
  const runId = newRunId(new Date());
  const { bus } = world.platform;
  await bus.publish(SyncRequested.create({ pipeline: "shop", runId, requestedBy: "test" }));
  const dump = { generation: "1", bytes: 1, runId };
  await bus.publish(ExportDone.create({ ...dump, origin: "replica", dump: `runs/${runId}/masked.sql` }));
  await bus.publish(ExportDone.create({ ...dump, origin: "production", dump: `runs/${runId}/production.sql` }));
  await bus.publish(Preserved.create({ runId, tables: 0, rows: 0, remapped: 0 }));
  await bus.publish(Masked.create({ runId, tables: 0, columns: 0, rows: 0 }));
  await bus.publish(ReplicaLoaded.create({ runId, tables: 0, bytes: 0 }));
  world.work?.start();
  const run = await waitForRun(world, runId);
  assert.equal(run.status, "synced", JSON.stringify(run, null, 1));
  const [leaked] = await pipeline.query(
    "staging",
    "SELECT COUNT(*) AS n FROM shop_staging.users WHERE email NOT LIKE '%@example.com' AND company_id NOT IN (SELECT id FROM shop_staging.companies WHERE is_demo = 1)",
  );
  assert.equal(leaked?.["n"], 0);
});
