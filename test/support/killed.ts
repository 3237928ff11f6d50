// Runs a sync in processes of their own: one that is killed at a point, then one that ends what it left.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import type { TestContext } from "node:test";
import type { Run } from "../../contracts/run.ts";
import { afterTest } from "./cleanup.ts";
import {
  type LocalWorld,
  openPipeline,
  type Pipeline,
  type PipelineOptions,
  requestSync,
  stagingDigests,
  waitForRun,
} from "./pipeline.ts";

interface KilledOptions extends PipelineOptions {
  /** Changes the servers before the first sync. */
  readonly prepare?: (pipeline: Pipeline) => Promise<void>;
  /** What else must hold after each. */
  readonly check?: (pipeline: Pipeline) => Promise<void>;
}

/** One test for each point, in one pipeline: the staging of each killed sync is that of an undisturbed one. */
export async function testKilledAt(
  t: TestContext,
  points: readonly (readonly [name: string, point: string])[],
  { prepare, check, ...options }: KilledOptions = {},
) {
  const pipeline = await openPipeline(t, options);
  await prepare?.(pipeline);
  const world = await pipeline.open();
  // Twice: the first gives the demo rows their new ids, which they keep from then on.
  for (const _ of [1, 2]) {
    world.work?.start();
    assert.equal((await waitForRun(world, await requestSync(world))).status, "synced");
    await world.work?.stop();
  }
  const expected = await stagingDigests(pipeline);
  for (const [name, point] of points) {
    await t.test(name, async (killing) => {
      const run = await syncKilledAt(killing, pipeline, world, point);
      assert.equal(run.status, "synced", JSON.stringify(run, null, 1));
      assert.deepEqual(await stagingDigests(pipeline), expected);
      await check?.(pipeline);
    });
  }
}

/**
 * Requests a sync, lets a worker be killed at `point`, starts another and waits for the run's end.
 *
 * @param world only publishes and looks; it does not work.
 */
async function syncKilledAt(t: TestContext, pipeline: Pipeline, world: LocalWorld, point: string): Promise<Run> {
  const runId = await killedAt(t, pipeline, world, point);
  const finisher = startWorker(t, pipeline, "");
  const run = await waitForRun(world, runId);
  finisher.kill("SIGKILL");
  await once(finisher, "exit");
  return run;
}

/** Requests a sync, lets a worker be killed at `point`, and leaves the run as it is then; gives its id. */
export async function killedAt(t: TestContext, pipeline: Pipeline, world: LocalWorld, point: string): Promise<string> {
  const runId = await requestSync(world);
  const killed = startWorker(t, pipeline, point);
  const [, signal] = (await once(killed, "exit")) as [number | null, string | null];
  assert.equal(signal, "SIGKILL", `the worker was to be killed at: ${point}`);
  const before = await world.platform.runs.get(runId);
  assert.equal(before?.status ?? "running", "running", "the worker was killed after the run had ended");
  return runId;
}

function startWorker(t: TestContext, { contractFile, environment }: Pipeline, point: string) {
  const worker = spawn(
    process.execPath,
    ["--disable-warning=ExperimentalWarning", new URL("worker.ts", import.meta.url).pathname, ...point.split(" ")],
    { stdio: ["ignore", "ignore", "inherit"], env: { ...environment, UNDERSTUDY_TEST_CONTRACT: contractFile } },
  );
  afterTest(t, async () => void worker.kill("SIGKILL"));
  return worker;
}
