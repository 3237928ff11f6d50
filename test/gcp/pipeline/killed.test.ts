// A function's process may end at any moment, in the middle of what it does: the run ends all the same.
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { stages } from "../../../handlers/stages.ts";
import { assertReplicaIsEmpty, assertSynced } from "../../support/assert-synced.ts";
import { stagingDigests } from "../../support/sample-servers.ts";
import { type CloudPipeline, openCloudPipeline } from "../world/cloud-pipeline.ts";

/** Kills the process of each of these stages once, as soon as the stage is at work, until the run ends. */
async function killWhileAtWork(
  { platform, run }: CloudPipeline,
  runId: string,
  names: readonly string[],
): Promise<void> {
  const killed = new Set<string>();
  for (;;) {
    const found = await platform.runs.get(runId);
    if (found && found.status !== "running") return;
    for (const state of Object.values(found?.stages ?? {})) {
      if (state.status !== "leased" || killed.has(state.stage) || !names.includes(state.stage)) continue;
      killed.add(state.stage);
      await run.kill(state.stage);
    }
    await sleep(10);
  }
}

/** A stage may end between the look at it and the kill: then another run has to show it. */
const RUNS = 5;

test("with every stage's process killed while it works, staging is what it would have been", async (t) => {
  const pipeline = await openCloudPipeline(t);
  const undisturbed = await pipeline.waitFor(await pipeline.request());
  assert.equal(undisturbed.status, "synced", JSON.stringify(undisturbed, null, 1));
  const expected = await stagingDigests(pipeline);

  let left: readonly string[] = stages.map(({ name }) => name);
  for (let runs = 1; left.length > 0; runs++) {
    assert.ok(runs <= RUNS, `in ${RUNS} runs ${left.join(" and ")} never lost a claim`);
    const runId = await pipeline.request();
    await killWhileAtWork(pipeline, runId, left);
    const run = await pipeline.waitFor(runId);
    assert.equal(run.status, "synced", `${JSON.stringify(run, null, 1)}\n${await pipeline.log()}`);
    // A claim after a kill has a new epoch, and is neither a continuation nor a retry.
    const lost = Object.values(run.stages).filter((state) => state.epoch > 1 + state.continuations + state.failures);
    left = left.filter((name) => !lost.some(({ stage }) => stage === name));
    await assertSynced(pipeline);
    await assertReplicaIsEmpty(pipeline);
    assert.deepEqual(await pipeline.objects(), []);
    assert.deepEqual(await stagingDigests(pipeline), expected);
  }
});
