// Raw data is short-lived: what a killed process was writing is gone as soon as anybody looks.
import assert from "node:assert/strict";
import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { abandonRun } from "../../handlers/abandon.ts";
import { assertNothingLeft } from "../support/assert-synced.ts";
import { openPipeline, requestSync, waitForRun } from "../support/pipeline.ts";
import { connect } from "../support/servers.ts";

test("a half-written dump of a killed export is gone when the run is abandoned, with nobody at work", async (t) => {
  const pipeline = await openPipeline(t);
  const incoming = join(pipeline.directory, "dumps/.incoming");
  // The dump stands still in the middle: it waits for this table.
  const holder = await connect(t, pipeline.servers.production);
  await holder.query("LOCK TABLES shop.users WRITE, shop.companies READ");
  const world = await pipeline.open();
  world.work?.start();
  const runId = await requestSync(world);
  while ((await readdir(incoming).catch(() => [])).length === 0) await sleep(20);
  await waitForRun(world, runId, (run) => run.stages["export-production"]?.checkpoint !== undefined);
  await world.work?.stop();
  process.kill(-runnerOf(pipeline.directory), "SIGKILL");
  await sleep(200);
  assert.equal((await readdir(incoming)).length, 1, "the half of a dump");
  await abandonRun(world.platform, pipeline.contract, runId, "test");
  assert.deepEqual(await readdir(incoming), []);
  await assertNothingLeft(pipeline);
});

test("what a killed process was writing is gone as soon as another opens the pipeline", async (t) => {
  const pipeline = await openPipeline(t);
  await pipeline.open();
  const incoming = join(pipeline.directory, "dumps/.incoming");
  await writeFile(join(incoming, "999999@another-boot.1.0f1e2d"), "rows");
  await pipeline.open();
  assert.deepEqual(await readdir(incoming), []);
});

/** The process that runs the one operation of a state file. */
function runnerOf(directory: string): number {
  const state = new DatabaseSync(join(directory, ".understudy/shop/state.sqlite"), { readOnly: true });
  const row = state.prepare("SELECT runner FROM operations").get();
  state.close();
  return Number(String(row?.["runner"]).split("@")[0]);
}
