// What an operator does with a failed run: replay it or abandon it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { FatalError } from "../../contracts/errors.ts";
import { done } from "../../contracts/stage.ts";
import { ReplicaLoaded } from "../../events/index.ts";
import { abandonRun } from "../../handlers/abandon.ts";
import { replayStage } from "../../handlers/replay.ts";
import { recordingPorts } from "../support/recording-ports.ts";
import { openStageWorld, PIPELINE, RUN_ID, type StageWorld, toyStage } from "../support/stage-world.ts";

const UNKNOWN = "20261231-000000-000-ffffff";
const loaded = ReplicaLoaded.create({ runId: RUN_ID, tables: 1, bytes: 1 });
const succeeding = toyStage(ReplicaLoaded, async () => done([]));

async function failRun(world: StageWorld): Promise<void> {
  await world.openRun();
  const stage = toyStage(ReplicaLoaded, async (_event, { checkpoint }) => {
    await checkpoint.save({ operation: "import-1" });
    throw new FatalError("BROKEN", "It broke.");
  });
  await world.deliver(stage, loaded);
  const [letter] = world.published();
  assert.ok(letter);
  await world.deadLetter(letter);
}

test("a replay moves the failed stage once, publishes its event, and the stage goes on from its checkpoint", async (t) => {
  const world = await openStageWorld(t);
  await failRun(world);
  assert.deepEqual(await replayStage(world.platform, RUN_ID), { moved: 1 });
  assert.deepEqual(world.published(), [loaded]);
  assert.deepEqual(await replayStage(world.platform, RUN_ID), { moved: 0 });
  let seen: unknown;
  const resumed = toyStage(ReplicaLoaded, async (_event, { checkpoint }) => {
    seen = checkpoint.value;
    return done([]);
  });
  assert.equal(await world.deliver(resumed, loaded), "done");
  assert.deepEqual(seen, { operation: "import-1" });
  assert.deepEqual(await replayStage(world.platform, RUN_ID), { moved: 0 });
});

test("a replay that died before it published is healed by the next, which moves none", async (t) => {
  const world = await openStageWorld(t);
  await failRun(world);
  world.crashBeforePublishing();
  await assert.rejects(replayStage(world.platform, RUN_ID), /ended before it published/);
  assert.deepEqual(world.published(), []);
  assert.deepEqual(await replayStage(world.platform, RUN_ID), { moved: 0 });
  assert.deepEqual(world.published(), [loaded]);
});

test("a replay of a stage that has not failed moves none", async (t) => {
  const world = await openStageWorld(t);
  await failRun(world);
  assert.deepEqual(await replayStage(world.platform, RUN_ID, "preserve"), { moved: 0 });
  assert.equal((await world.run()).status, "failed");
  assert.deepEqual(await replayStage(world.platform, RUN_ID, "toy"), { moved: 1 });
});

test("two replays at once move the stage once", async (t) => {
  const world = await openStageWorld(t);
  await failRun(world);
  const moved = await Promise.all([replayStage(world.platform, RUN_ID), replayStage(world.platform, RUN_ID)]);
  assert.equal(moved[0].moved + moved[1].moved, 1);
});

test("a run that is over, or that nobody knows, is not replayed", async (t) => {
  const world = await openStageWorld(t);
  await world.openRun();
  await world.deliver({ ...succeeding, closesRun: true }, loaded);
  await assert.rejects(replayStage(world.platform, RUN_ID), {
    name: "FatalError",
    code: "RUN_CLOSED",
    message: /synced/,
  });
  await assert.rejects(replayStage(world.platform, UNKNOWN), { name: "FatalError", code: "RUN_UNKNOWN" });
});

test("abandoning a run stops its operations, wipes the replica, deletes its dumps and frees the lock", async (t) => {
  const { calls, platform } = recordingPorts([
    `runs/${RUN_ID}/production.sql.gz`,
    `runs/${RUN_ID}/load-replica/part-1-1.sql.gz`,
  ]);
  const world = await openStageWorld(t, { platform });
  await failRun(world);
  await abandonRun(world.platform, world.contract, RUN_ID, "asked to");
  assert.deepEqual(calls, [
    "cancel import-1",
    "DROP DATABASE IF EXISTS `shop`",
    "DROP DATABASE IF EXISTS `_understudy`",
    `remove runs/${RUN_ID}/production.sql.gz`,
    `remove runs/${RUN_ID}/load-replica/part-1-1.sql.gz`,
  ]);
  const run = await world.run();
  assert.deepEqual(run.status === "abandoned" && run.reason, "asked to");
  assert.equal(await world.platform.runs.getLock(PIPELINE), undefined);
  assert.equal(await world.deliver(succeeding, loaded), "closed");
  const again = { name: "FatalError", code: "RUN_CLOSED" };
  await assert.rejects(abandonRun(world.platform, world.contract, RUN_ID, "again"), again);
  await assert.rejects(replayStage(world.platform, RUN_ID), again);
});

test("an abandonment that a crash interrupted goes on when it is called again", async (t) => {
  const { calls, platform } = recordingPorts();
  const world = await openStageWorld(t, { platform });
  await failRun(world);
  const { sql } = world.platform;
  const cancel = sql.cancel.bind(sql);
  sql.cancel = async () => assert.fail("killed");
  await assert.rejects(abandonRun(world.platform, world.contract, RUN_ID, "asked to"), /killed/);
  assert.equal((await world.run()).status, "abandoning");
  assert.equal((await world.platform.runs.getLock(PIPELINE))?.runId, RUN_ID, "the lock is kept until nothing is left");
  await assert.rejects(replayStage(world.platform, RUN_ID), { code: "RUN_CLOSED", message: /abandoning/ });
  sql.cancel = cancel;
  await abandonRun(world.platform, world.contract, RUN_ID, "again");
  const run = await world.run();
  assert.deepEqual([run.status, run.status === "abandoned" && run.reason, calls.length], ["abandoned", "asked to", 3]);
});

test("a run that nobody knows is not abandoned, and nothing is touched", async (t) => {
  const { calls, platform } = recordingPorts();
  const world = await openStageWorld(t, { platform });
  await assert.rejects(abandonRun(world.platform, world.contract, UNKNOWN, ""), { code: "RUN_UNKNOWN" });
  assert.deepEqual(calls, []);
});
