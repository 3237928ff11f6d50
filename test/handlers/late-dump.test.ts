// A dump that comes when its run is over: it may be production's rows, and nobody else would remove it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { FatalError } from "../../contracts/errors.ts";
import { done } from "../../contracts/stage.ts";
import { type DeadLettered, DumpFinalized, ReplicaLoaded } from "../../events/index.ts";
import { abandonRun } from "../../handlers/abandon.ts";
import { dumpFinalized } from "../../handlers/dump-finalized.ts";
import { recordingPorts } from "../support/recording-ports.ts";
import { gate, openStageWorld, RUN_ID, type StageWorld, toyStage } from "../support/stage-world.ts";

const DUMP = `runs/${RUN_ID}/production.sql.gz`;
const finalized = DumpFinalized.create({ bucket: "dumps", name: DUMP, generation: "1", size: "7" });

/** A run whose export of production goes on. */
async function openExporting(t: Parameters<typeof openStageWorld>[0]) {
  const { calls, platform } = recordingPorts([DUMP]);
  const world = await openStageWorld(t, { platform });
  await world.openRun();
  const exporting = toyStage(
    ReplicaLoaded,
    async (_event, { checkpoint }) => {
      await checkpoint.save({ operation: "export-1" });
      throw new FatalError("BROKEN", "It broke.");
    },
    { name: "export-production" },
  );
  await world.deliver(exporting, ReplicaLoaded.create({ runId: RUN_ID, tables: 1, bytes: 1 }));
  for (const letter of world.published()) await world.deadLetter(letter);
  return { calls, world };
}

test("a second object in the place of the masked dump is not believed, also where the export tells no generation", async (t) => {
  const name = `runs/${RUN_ID}/masked.sql.gz`;
  const { platform } = recordingPorts([name]);
  let generation = "1";
  const objects = { ...platform.objects, stat: async () => ({ name, generation, bytes: 7 }) };
  const sql = { ...platform.sql, poll: { firstMs: 1, longestMs: 1 } };
  const world = await openStageWorld(t, { platform: { ...platform, objects, sql } });
  await world.openRun();
  const exported = toyStage(
    ReplicaLoaded,
    async (_event, { checkpoint }) => {
      await checkpoint.save({ attempt: 1, operation: "export-1" });
      return done([]);
    },
    { name: "export-replica" },
  );
  await world.deliver(exported, ReplicaLoaded.create({ runId: RUN_ID, tables: 1, bytes: 1 }));
  const reported = () => DumpFinalized.create({ bucket: "dumps", name, generation, size: "7" });
  assert.equal(await world.deliver(dumpFinalized, reported()), "done");
  assert.equal(await world.deliver(dumpFinalized, reported()), "duplicate");
  generation = "2";
  world.published();
  assert.equal(await world.deliver(dumpFinalized, reported()), "dead-lettered");
  const letters = world.published().map(({ data }) => (data as DeadLettered["data"]).reason.code);
  assert.deepEqual(letters, ["DUMP_REPLACED"]);
});

test("the masked dump goes on to staging when it is complete, while the replica is wiped", async (t) => {
  const name = `runs/${RUN_ID}/masked.sql.gz`;
  const { platform } = recordingPorts();
  const objects = { ...platform.objects, stat: async () => ({ name, generation: "1", bytes: 7 }) };
  const sql = { ...platform.sql, poll: { firstMs: 1, longestMs: 1 } };
  const world = await openStageWorld(t, { platform: { ...platform, objects, sql } });
  await world.openRun();
  const [exported, wiped] = [gate(), gate()];
  const exporting = toyStage(
    ReplicaLoaded,
    async (_event, { checkpoint }) => {
      await checkpoint.save({ attempt: 1, operation: "export-1", exported: { generation: "1" } });
      exported.open();
      await wiped.opened;
      return done([]);
    },
    { name: "export-replica" },
  );
  const wiping = world.deliver(exporting, ReplicaLoaded.create({ runId: RUN_ID, tables: 1, bytes: 1 }));
  await exported.opened;
  const report = (generation: string) => DumpFinalized.create({ bucket: "dumps", name, generation, size: "7" });
  assert.equal(await world.deliver(dumpFinalized, report("1")), "done");
  assert.deepEqual(
    world.published().map(({ name: event }) => event),
    ["export-done"],
  );
  wiped.open();
  assert.equal(await wiping, "done");
});

const removals = (calls: readonly string[]) => calls.filter((call) => call === `remove ${DUMP}`).length;

async function abandon({ platform, contract }: StageWorld, cancel?: () => Promise<void>): Promise<void> {
  const sql = cancel ? { ...platform.sql, cancel } : platform.sql;
  await abandonRun({ ...platform, sql }, contract, RUN_ID, "asked to");
}

test("a dump that is complete after its run was abandoned is removed", async (t) => {
  const { calls, world } = await openExporting(t);
  await abandon(world);
  const before = removals(calls);
  assert.equal(await world.deliver(dumpFinalized, finalized), "closed");
  assert.equal(removals(calls), before + 1);
});

test("the dump of a run that failed stays: a replay needs it", async (t) => {
  const { calls, world } = await openExporting(t);
  assert.equal(await world.deliver(dumpFinalized, finalized), "closed");
  assert.equal(removals(calls), 0);
});

test("a run is abandoned also by who may not stop an export of production", async (t) => {
  const { world } = await openExporting(t);
  await abandon(world, () => Promise.reject(new FatalError("SQL_PERMISSION_MISSING", "Not you.")));
  assert.equal((await world.run()).status, "abandoned");
});

test("what may mend itself is not passed over when an export is stopped", async (t) => {
  const { world } = await openExporting(t);
  await assert.rejects(
    abandon(world, () => Promise.reject(new Error("connection lost"))),
    /connection lost/,
  );
  assert.equal((await world.run()).status, "abandoning");
});
