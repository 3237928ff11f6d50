// Delivery that fails: what is tried again, what is a dead letter, and what nobody may read in either.
import assert from "node:assert/strict";
import { test } from "node:test";
import { FatalError, RetryAfter } from "../../contracts/errors.ts";
import { done } from "../../contracts/stage.ts";
import type { Event } from "../../events/define-event.ts";
import { type DeadLettered, ReplicaLoaded } from "../../events/index.ts";
import { digestOf } from "../../events/message.ts";
import { openStageWorld, RUN_ID, toyStage } from "../support/stage-world.ts";

const loaded = ReplicaLoaded.create({ runId: RUN_ID, tables: 1, bytes: 1 });
/** Stands for a row's value: it may be kept or told nowhere. */
const SECRET = "ann@example.com";

const succeeding = () => toyStage(ReplicaLoaded, async () => done([]));

test("a fatal error is a dead letter with the claim's epoch, at once, and is acknowledged", async (t) => {
  const world = await openStageWorld(t);
  await world.openRun();
  const stage = toyStage(ReplicaLoaded, async () => {
    throw new FatalError("UNLISTED_COLUMN", "No transform for `users.phone`. Add it to sync.yaml.");
  });
  assert.equal(await world.deliver(stage, world.message(loaded, { id: "m7", attempt: 3 })), "dead-lettered");
  const { failedAt, ...data } = letterOf(world.published());
  assert.deepEqual(data, {
    ...{ stage: "toy", runId: RUN_ID, key: "", epoch: 1 },
    source: { topic: "replica-loaded", messageId: "m7", attempts: 3 },
    event: loaded,
    reason: { code: "UNLISTED_COLUMN", message: "No transform for `users.phone`. Add it to sync.yaml." },
  });
  assert.ok(!Number.isNaN(Date.parse(failedAt)));
});

test("an unknown error is thrown on for a redelivery, and kept without its own words", async (t) => {
  const world = await openStageWorld(t);
  await world.openRun();
  const stage = toyStage(ReplicaLoaded, async () => {
    throw Object.assign(new Error(`Duplicate entry '${SECRET}' for key 'email'`), {
      ...{ errno: 1062, code: "ER_DUP_ENTRY", sqlState: "23000" },
    });
  });
  await assert.rejects(world.deliver(stage, loaded), { code: "ER_DUP_ENTRY" });
  const run = await world.run();
  const state = run.stages["toy"];
  assert.deepEqual([state?.status, state?.failures, state?.continuations], ["waiting", 1, 0]);
  assert.deepEqual([state?.lastError?.code, run.status], ["ER_DUP_ENTRY", "running"]);
  assert.doesNotMatch(JSON.stringify(run), new RegExp(SECRET));
  assert.doesNotMatch(world.logged.join("\n"), new RegExp(SECRET));
  assert.deepEqual(world.published(), []);
  assert.equal(await world.deliver(succeeding(), loaded), "done", "the next delivery may succeed");
  assert.equal((await world.run()).stages["toy"]?.lastError, undefined);
});

test("what is thrown and is no Error is kept as that", async (t) => {
  const world = await openStageWorld(t);
  await world.openRun();
  const stage = toyStage(ReplicaLoaded, () => Promise.reject(SECRET as unknown as Error));
  await assert.rejects(world.deliver(stage, loaded), (error) => error === SECRET);
  assert.equal((await world.run()).stages["toy"]?.lastError?.code, "UNEXPECTED");
  assert.doesNotMatch(JSON.stringify(await world.run()) + world.logged.join("\n"), new RegExp(SECRET));
});

test("a stage's own wish to be asked later is passed on", async (t) => {
  const world = await openStageWorld(t);
  await world.openRun();
  const stage = toyStage(ReplicaLoaded, async () => {
    throw new RetryAfter("MYSQL_UNREACHABLE", 4321, "It went away.");
  });
  await assert.rejects(world.deliver(stage, loaded), { name: "RetryAfter", afterMs: 4321 });
  assert.equal((await world.run()).stages["toy"]?.lastError?.code, "MYSQL_UNREACHABLE");
});

test("while another is at work a stage waits under its claim: no delivery fails, however long it takes", async (t) => {
  const world = await openStageWorld(t);
  await world.openRun();
  let busy = 20;
  const stage = toyStage(ReplicaLoaded, async () => {
    if (busy-- > 0) throw new RetryAfter("OPERATION_IN_PROGRESS", 1, "The instance is busy.", { busy: true });
    return done([]);
  });
  assert.equal(await world.deliver(stage, loaded), "done");
  const state = (await world.run()).stages["toy"];
  assert.deepEqual([state?.epoch, state?.failures, state?.lastError], [1, 0, undefined]);
  assert.equal(world.logged.filter((line) => line.includes("OPERATION_IN_PROGRESS")).length, 1, "it is told once");
});

test("another that is at work until the time is up is waited for in a continuation", async (t) => {
  const world = await openStageWorld(t, { settings: { budgetMs: 50 } });
  await world.openRun();
  const stage = toyStage(ReplicaLoaded, async () => {
    throw new RetryAfter("INSTANCE_FENCED", 600_000, "Another session works there.", { busy: true });
  });
  assert.equal(await world.deliver(stage, loaded), "waiting");
  assert.deepEqual(world.published(), [loaded]);
  const state = (await world.run()).stages["toy"];
  assert.deepEqual([state?.status, state?.failures, state?.continuations], ["waiting", 0, 1]);
  assert.equal(state?.progress?.doing, "waiting (INSTANCE_FENCED)");
});

test("bytes that are no event are a dead letter with their digest and without themselves", async (t) => {
  const world = await openStageWorld(t);
  const message = world.message(loaded, { data: Buffer.from(`{"runId":"${SECRET}"}`) });
  assert.equal(await world.deliver(succeeding(), message), "dead-lettered");
  const data = letterOf(world.published());
  assert.deepEqual([data.stage, data.digest, data.reason.code], ["toy", digestOf(message), "NOT_AN_EVENT"]);
  assert.deepEqual([data.event, data.runId], [undefined, RUN_ID], "the run is known by the attribute");
  assert.doesNotMatch(JSON.stringify(data) + world.logged.join("\n"), new RegExp(SECRET));
});

test("an attribute that is no run's id is not taken for one", async (t) => {
  const world = await openStageWorld(t);
  const message = world.message(loaded, { data: Buffer.from("{}"), attributes: { run: SECRET } });
  assert.equal(await world.deliver(succeeding(), message), "dead-lettered");
  assert.equal(letterOf(world.published()).runId, undefined);
});

test("an event from the future is a dead letter that says so", async (t) => {
  const world = await openStageWorld(t);
  const attributes = { event: "replica-loaded", version: "2" };
  assert.equal(await world.deliver(succeeding(), world.message(loaded, { attributes })), "dead-lettered");
  assert.equal(letterOf(world.published()).reason.code, "EVENT_FROM_THE_FUTURE");
});

/** What the only event that was published says, which is a dead letter. */
function letterOf(events: readonly Event[]): DeadLettered["data"] {
  const [letter, ...more] = events;
  assert.deepEqual([letter?.name, more], ["dead-letter", []]);
  return letter?.data as DeadLettered["data"];
}
