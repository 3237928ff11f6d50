// The benchmark itself: its figures are of a run that synced, and hang together.
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { afterTest } from "../support/cleanup.ts";
import { startThree, testServersOf } from "../support/sample-servers.ts";
import { benchSync } from "./sync.ts";
import { syncReport } from "./sync-report.ts";

test("a whole sync is measured against the plain way, masked and unmasked", async (t) => {
  const servers = testServersOf(await startThree(t));
  const directory = await mkdtemp(join(tmpdir(), "bench-sync-"));
  afterTest(t, () => rm(directory, { recursive: true, force: true }));
  const figures = await benchSync(servers, directory, 2_000, () => undefined);
  const { plain, unmasked, pipeline } = figures;
  assert.ok(plain.masking > unmasked.masking && plain.outageSeconds > 0, JSON.stringify(figures));
  assert.ok(pipeline.serversIdle < pipeline.seconds && pipeline.betweenStages < pipeline.seconds);
  assert.ok(pipeline.ownSeconds > 0 && pipeline.ownSeconds < pipeline.serversIdle, JSON.stringify(pipeline));
  assert.equal(figures.timesThePlain, pipeline.seconds / plain.seconds);
  assert.deepEqual(pipeline.stages.map(({ name }) => name).toSorted(), [
    ...["dump-finalized:masked", "dump-finalized:production", "export-production", "export-replica"],
    ...["load-replica", "load-staging", "mask", "preserve"],
  ]);
  assert.match(syncReport(figures), /2,000 rows in 8 tables\n/);
});
