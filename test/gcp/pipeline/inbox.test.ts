// A dump that somebody else made: put under inbox/, it begins a run by itself.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { promisify } from "node:util";
import { findTools } from "../../../deploy/local/sql-admin/tools.ts";
import { assertReplicaIsEmpty, assertSynced } from "../../support/assert-synced.ts";
import { DATABASES } from "../../support/sample-servers.ts";
import { openCloudPipeline } from "../world/cloud-pipeline.ts";

test("an object under inbox/ is taken in and synced, and production is not asked for anything", async (t) => {
  const pipeline = await openCloudPipeline(t);
  const { platform, servers, sql, contract } = pipeline;
  const { host, port, user, flavour } = servers.production;
  const [tool] = await findTools("dump", flavour);
  assert.ok(tool);
  const options = [`--host=${host}`, `--port=${port}`, `--user=${user}`, "--protocol=tcp", "--hex-blob"];
  const { stdout } = await promisify(execFile)(
    tool.path,
    ["--no-defaults", ...options, "--skip-triggers", "--databases", DATABASES.production],
    { encoding: "buffer", maxBuffer: 1 << 28 },
  );
  await platform.objects.write("inbox/by-hand.sql.gz", only(gzipSync(stdout)));

  let opened: string | undefined;
  while (opened === undefined) {
    opened = (await platform.runs.list(contract.pipeline, 1))[0]?.runId;
    await sleep(200);
  }
  const run = await pipeline.waitFor(opened);
  assert.equal(run.status, "synced", `${JSON.stringify(run, null, 1)}\n${await pipeline.log()}`);
  assert.equal(run.trigger, "inbox");
  await assertSynced(pipeline);
  await assertReplicaIsEmpty(pipeline);
  assert.deepEqual(await pipeline.objects(), []);
  assert.deepEqual(
    sql.requests.filter(({ instance }) => instance === contract.production.name),
    [],
  );
});

async function* only(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes;
}
