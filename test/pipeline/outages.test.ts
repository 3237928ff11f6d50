// Servers that go away and come back.
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { openPipeline, requestSync, stagingDigests, waitForRun } from "../support/pipeline.ts";

/** For each server: the stage in which it is killed. It is back a moment later. */
const OUTAGES = [
  ["production", "export-production"],
  ["replica", "load-replica:production"],
  ["replica", "mask"],
  ["staging", "preserve"],
  ["replica", "export-replica"],
  ["staging", "load-staging:replica"],
] as const;

test("a server that goes away and comes back", async (t) => {
  const pipeline = await openPipeline(t, { rows: 2_000 });
  const world = await pipeline.open({
    platformSettings: { bus: { minBackoffMs: 100, maxBackoffMs: 1_000, maxAttempts: 20, pollMs: 20 } },
  });
  world.work?.start();
  for (const _ of [1, 2]) assert.equal((await waitForRun(world, await requestSync(world))).status, "synced");
  const expected = await stagingDigests(pipeline);
  for (const [role, stage] of OUTAGES) {
    await t.test(`${role}, in ${stage}`, async () => {
      const runId = await requestSync(world);
      await waitForRun(world, runId, (run) => run.stages[stage]?.status === "leased");
      const server = pipeline.processes![role];
      await server.kill();
      await sleep(300);
      await server.restart();
      const run = await waitForRun(world, runId);
      assert.equal(run.status, "synced", JSON.stringify(run, null, 1));
      assert.deepEqual(await stagingDigests(pipeline), expected);
    });
  }
});
