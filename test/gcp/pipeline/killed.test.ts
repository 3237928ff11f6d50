// A function's process may end at any moment, in the middle of what it does: the run ends all the same.
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { stages } from "../../../handlers/stages.ts";
import { assertReplicaIsEmpty, assertSynced } from "../../support/assert-synced.ts";
import { stagingDigests } from "../../support/sample-servers.ts";
import { type CloudPipeline, openCloudPipeline } from "../world/cloud-pipeline.ts";

/** Kills each stage's process once, as soon as the stage is at work. Resolves with those that it met. */
async function killEachOnce({ platform, run }: CloudPipeline, runId: string): Promise<Set<string>> {
  const killed = new Set<string>();
  for (;;) {
    const found = await platform.runs.get(runId);
    if (found && found.status !== "running") return killed;
    for (const state of Object.values(found?.stages ?? {})) {
      if (state.status !== "leased" || killed.has(state.stage)) continue;
      killed.add(state.stage);
      await run.kill(state.stage);
    }
    await sleep(10);
  }
}

test("with every stage's process killed once while it works, staging is what it would have been", async (t) => {
  const pipeline = await openCloudPipeline(t);
  const undisturbed = await pipeline.waitFor(await pipeline.request());
  assert.equal(undisturbed.status, "synced", JSON.stringify(undisturbed, null, 1));
  const expected = await stagingDigests(pipeline);

  const runId = await pipeline.request();
  const killed = await killEachOnce(pipeline, runId);
  const run = await pipeline.waitFor(runId);
  assert.equal(run.status, "synced", `${JSON.stringify(run, null, 1)}\n${await pipeline.log()}`);
  assert.deepEqual(
    stages.map(({ name }) => name).filter((name) => !killed.has(name)),
    [],
    "every stage was killed",
  );
  for (const { stage, epoch } of Object.values(run.stages)) {
    if (stage !== "dump-finalized") assert.ok(epoch > 1, `${stage} was claimed again`);
  }
  await assertSynced(pipeline);
  await assertReplicaIsEmpty(pipeline);
  assert.deepEqual(await pipeline.objects(), []);
  assert.deepEqual(await stagingDigests(pipeline), expected);
});
