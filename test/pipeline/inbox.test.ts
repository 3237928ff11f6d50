// A dump that somebody else made chains too: put under inbox/, it opens a run of its own.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createWriteStream } from "node:fs";
import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline as pipe } from "node:stream/promises";
import { test } from "node:test";
import { promisify } from "node:util";
import { setTimeout as sleep } from "node:timers/promises";
import { findTools } from "../../deploy/local/sql-admin/tools.ts";
import { DumpFinalized } from "../../events/index.ts";
import { assertNothingLeft, assertSynced } from "../support/assert-synced.ts";
import { openPipeline, requestSync, waitForRun } from "../support/pipeline.ts";

test("a plain dump of one database, copied into the inbox, is synced once and is gone from there", async (t) => {
  const pipeline = await openPipeline(t);
  const world = await pipeline.open();
  // A dump made by hand brings them: they must neither fire on the replica nor stop the run.
  await pipeline.query(
    "production",
    "CREATE TRIGGER shop.acts BEFORE UPDATE ON shop.users FOR EACH ROW SET NEW.name = OLD.name",
  );
  world.work?.start();
  const { port } = pipeline.servers.production;
  const [tool] = await findTools("dump", pipeline.servers.production.flavour);
  assert.ok(tool);
  // Without --databases: no CREATE DATABASE and no USE in it, as people make dumps by hand.
  const { stdout } = await promisify(execFile)(
    tool.path,
    ["--no-defaults", "-h", "127.0.0.1", "-P", String(port), "-u", "root", "--hex-blob", "shop"],
    { encoding: "buffer", maxBuffer: 100_000_000 },
  );
  await pipe(Readable.from([stdout]), createWriteStream(join(pipeline.directory, "dumps/inbox/by-hand.sql")));
  let run = (await world.platform.runs.list("shop", 10))[0];
  for (let i = 0; !run && i < 500; i++) {
    await sleep(20);
    run = (await world.platform.runs.list("shop", 10))[0];
  }
  assert.ok(run, "the inbox opened a run");
  assert.equal(run.trigger, "inbox");
  const ended = await waitForRun(world, run.runId);
  assert.equal(ended.status, "synced", JSON.stringify(ended, null, 1));
  assert.equal(ended.stages["export-production"], undefined);
  await assertSynced(pipeline);
  await assertNothingLeft(pipeline);
  assert.deepEqual(await readdir(join(pipeline.directory, "dumps/inbox")), []);
  assert.equal((await world.platform.runs.list("shop", 10)).length, 1);
});

test("a rule to preserve that staging does not take stops a dump from the inbox before it is loaded", async (t) => {
  for (const [wrong, code] of [
    ["where: is_demo == 1", "PRESERVE_WHERE"],
    ["where: is_demo = 1, follow: [userz]", "PRESERVE_TABLE_UNKNOWN"],
  ] as const) {
    const pipeline = await openPipeline(t, { edit: (text) => text.replace("where: is_demo = 1", wrong) });
    const world = await pipeline.open();
    world.work?.start();
    const dump = "CREATE TABLE t (id INT);\n-- Dump completed on 2026-01-01\n";
    await writeFile(join(pipeline.directory, "dumps/inbox/by-hand.sql"), `-- MySQL dump 10.13\n${dump}`);
    let run = (await world.platform.runs.list("shop", 10))[0];
    for (; !run; run = (await world.platform.runs.list("shop", 10))[0]) await sleep(20);
    const ended = await waitForRun(world, run.runId);
    assert.equal(
      ended.status === "failed" && `${ended.failedStage} ${ended.error.code}`,
      `load-replica:production ${code}`,
    );
    assert.deepEqual(await pipeline.query("replica", "SHOW DATABASES LIKE 'shop'"), []);
  }
});

test("a dump that is taken away before it is taken in fails the run that it opened, and the next run is not held up", async (t) => {
  const pipeline = await openPipeline(t);
  const world = await pipeline.open();
  const { bus, objects, runs } = world.platform;
  const gone = { bucket: objects.directory, name: "inbox/gone.sql", generation: "1795369180951000", size: "1" };
  await bus.publish(DumpFinalized.create(gone));
  world.work?.start();
  const runId = DumpFinalized.run(gone);
  assert.ok(runId);
  const run = await waitForRun(world, runId);
  assert.equal(run.status, "failed");
  assert.equal(run.error.code, "OBJECT_GONE");
  assert.equal((await waitForRun(world, await requestSync(world))).status, "synced");
  assert.equal((await runs.get(runId))?.status, "abandoned");
});
