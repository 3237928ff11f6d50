// Opening runs: one at a time for a pipeline, and a failed one makes room for the next.
import assert from "node:assert/strict";
import { test } from "node:test";
import { FatalError, RetryAfter } from "../../contracts/errors.ts";
import { done } from "../../contracts/stage.ts";
import type { Event } from "../../events/define-event.ts";
import { type DeadLettered, ReplicaLoaded, SyncRequested } from "../../events/index.ts";
import { startAbandoning } from "../../handlers/state/lifecycle.ts";
import { replayStage } from "../../handlers/replay.ts";
import { recordingPorts } from "../support/recording-ports.ts";
import { openStageWorld, PIPELINE, RUN_ID, type StageWorld, toyStage } from "../support/stage-world.ts";

const NEXT_ID = "20261123-021500-000-aaaaaa";
const next = SyncRequested.create({ pipeline: PIPELINE, runId: NEXT_ID, requestedBy: "test" });
const loaded = ReplicaLoaded.create({ runId: RUN_ID, tables: 1, bytes: 1 });
const DUMP = `runs/${RUN_ID}/production.sql.gz`;
const WIPED = [
  "cancel import-1",
  "DROP DATABASE IF EXISTS `shop`",
  "DROP DATABASE IF EXISTS `_understudy`",
  `remove ${DUMP}`,
];

const requesting = toyStage(SyncRequested, async () => done([]), {
  name: "export-production",
  opens: ({ pipeline, requestedBy }) => ({ pipeline, trigger: "request", ...(requestedBy ? { requestedBy } : {}) }),
});

/** A run that failed while it followed an operation. */
async function failRun(world: StageWorld): Promise<void> {
  await world.openRun();
  const stage = toyStage(ReplicaLoaded, async (_event, { checkpoint }) => {
    await checkpoint.save({ operation: "import-1" });
    throw Object.assign(new Error("broken"), { name: "FatalError", code: "BROKEN" });
  });
  await world.deliver(stage, loaded);
  const [letter] = world.published();
  assert.ok(letter);
  assert.equal(await world.deadLetter(letter), "failed");
}

test("a request opens its run and takes the lock", async (t) => {
  const world = await openStageWorld(t);
  const event = SyncRequested.create({ pipeline: PIPELINE, runId: NEXT_ID, requestedBy: "scheduler" });
  assert.equal(await world.deliver(requesting, event), "done");
  const run = await world.run(NEXT_ID);
  assert.deepEqual([run.status, run.trigger, run.requestedBy], ["running", "request", "scheduler"]);
  assert.equal((await world.platform.runs.getLock(PIPELINE))?.runId, NEXT_ID);
});

test("a request while a run is active is refused and recorded, and disturbs nothing", async (t) => {
  const world = await openStageWorld(t);
  await world.openRun();
  const before = [await world.run(), await world.platform.runs.getLock(PIPELINE)];
  assert.equal(await world.deliver(requesting, next), "refused");
  assert.deepEqual([await world.run(), await world.platform.runs.getLock(PIPELINE)], before);
  const refused = await world.run(NEXT_ID);
  assert.match(refused.status === "refused" ? refused.reason : "", new RegExp(RUN_ID));
  assert.equal(await world.deliver(requesting, next), "closed", "nor does its redelivery");
  assert.deepEqual(world.published(), []);
});

test("of many requests at once one opens a run", async (t) => {
  const world = await openStageWorld(t);
  const requests = Array.from({ length: 8 }, (_, n) =>
    SyncRequested.create({ pipeline: PIPELINE, runId: `20261123-021500-00${n}-aaaaaa`, requestedBy: "test" }),
  );
  const outcomes = await Promise.all(requests.map((event) => world.deliver(requesting, event)));
  assert.deepEqual(outcomes.toSorted(), ["done", ...Array.from({ length: 7 }, () => "refused")]);
});

/** What a request finds while a failed run is in its way: it is told to come again, and the abandoning is asked for. */
async function askToAbandon(world: StageWorld): Promise<Event> {
  await assert.rejects(world.deliver(requesting, next), { name: "RetryAfter", code: "RUN_IN_THE_WAY" });
  const [asked, ...more] = world.published();
  assert.ok(asked && more.length === 0);
  assert.equal(asked.name, "abandon-requested");
  return asked;
}

test("a failed run is abandoned for the next one: operations stopped, replica wiped, dumps deleted, lock passed on", async (t) => {
  const { calls, platform } = recordingPorts([DUMP, `runs/${NEXT_ID}/production.sql.gz`]);
  const world = await openStageWorld(t, { platform });
  await failRun(world);
  const asked = await askToAbandon(world);
  assert.deepEqual(calls, [], "by who asks, nothing is touched");
  assert.equal(await world.abandon(asked), "done");
  assert.equal(await world.deliver(requesting, next), "done");
  assert.equal(await world.abandon(asked), "ignored");
  assert.deepEqual(calls, WIPED);
  const abandoned = await world.run();
  assert.match(abandoned.status === "abandoned" ? abandoned.reason : "", new RegExp(NEXT_ID));
  assert.equal((await world.platform.runs.getLock(PIPELINE))?.runId, NEXT_ID);
});

test("an abandonment that a crash interrupted is ended by the next request", async (t) => {
  const { calls, platform } = recordingPorts([DUMP]);
  const world = await openStageWorld(t, { platform });
  await failRun(world);
  await world.platform.runs.update(RUN_ID, (run) => startAbandoning(run, "asked to"));
  assert.equal(await world.abandon(await askToAbandon(world)), "done");
  assert.equal(await world.deliver(requesting, next), "done");
  assert.deepEqual(calls, WIPED);
  assert.equal((await world.run()).status, "abandoned");
});

test("a failed run that is replayed at the last moment is not abandoned: the request is refused", async (t) => {
  const { calls, platform } = recordingPorts([DUMP]);
  const world = await openStageWorld(t, { platform });
  await failRun(world);
  const asked = await askToAbandon(world);
  await replayStage(world.platform, RUN_ID);
  assert.equal(await world.abandon(asked), "ignored");
  assert.equal(await world.deliver(requesting, next), "refused");
  assert.deepEqual(calls, []);
  assert.equal((await world.run()).status, "running");
});

test("an abandonment that comes late does not wipe what the next run has loaded", async (t) => {
  const { calls, platform } = recordingPorts([DUMP]);
  const world = await openStageWorld(t, { platform });
  await failRun(world);
  const asked = await askToAbandon(world);
  const { databases } = world.platform;
  let late: Promise<unknown> | undefined;
  const slow = {
    ...world.platform,
    databases: {
      ...databases,
      async write(role: "replica" | "staging") {
        late ??= world.abandon(asked).then(() => world.deliver(requesting, next)); // another process, and the next run
        await late;
        return databases.write(role);
      },
    },
  };
  assert.equal(await world.abandon(asked, { platform: slow }), "done");
  assert.equal(calls.filter((call) => call.startsWith("DROP DATABASE IF EXISTS `shop`")).length, 1);
  assert.equal((await world.platform.runs.getLock(PIPELINE))?.runId, NEXT_ID);
});

async function fail(error: Error): Promise<never> {
  throw error;
}

test("a request to abandon that cannot be carried out is a dead letter, once no retry can mend it", async (t) => {
  const { platform } = recordingPorts();
  const world = await openStageWorld(t, { platform });
  await failRun(world);
  const asked = await askToAbandon(world);
  const refusing = (error: Error) => ({
    platform: { ...world.platform, sql: { ...world.platform.sql, cancel: () => fail(error) } },
  });
  await assert.rejects(world.abandon(asked, refusing(new RetryAfter("LATER", 1, "Later."))), { code: "LATER" });
  assert.equal(await world.abandon(asked, refusing(new FatalError("BROKEN", "It broke."))), "dead-lettered");
  const [letter] = world.published();
  assert.ok(letter);
  const { reason, runId } = letter.data as DeadLettered["data"];
  assert.deepEqual([reason, runId], [{ code: "BROKEN", message: "It broke." }, (await world.run()).runId]);
  assert.equal(await world.deadLetter(letter), "recorded");
  assert.equal((await world.run()).status, "abandoning", "the next request takes it up again");
});

test("a request of another pipeline is a dead letter, and opens nothing", async (t) => {
  const world = await openStageWorld(t);
  const event = SyncRequested.create({ pipeline: "warehouse", runId: NEXT_ID, requestedBy: "test" });
  assert.equal(await world.deliver(requesting, event), "dead-lettered");
  const [letter] = world.published();
  assert.ok(letter);
  const { reason, digest } = letter.data as DeadLettered["data"];
  assert.equal(reason.code, "UNKNOWN_PIPELINE");
  assert.ok(digest);
  assert.equal(await world.platform.runs.get(NEXT_ID), undefined);
  assert.equal(await world.platform.runs.getLock(PIPELINE), undefined);
});
