// Dead letters: the wrapper's own and those that the broker forwards.
import assert from "node:assert/strict";
import { test } from "node:test";
import { FatalError, type RetryAfter } from "../../contracts/errors.ts";
import type { DeadLetter } from "../../contracts/run.ts";
import { done, type Stage } from "../../contracts/stage.ts";
import { type DeadLettered, ReplicaLoaded, SyncRequested } from "../../events/index.ts";
import type { IncomingMessage } from "../../events/message.ts";
import { replayStage } from "../../handlers/replay.ts";
import { gate, openStageWorld, PIPELINE, RUN_ID, type StageWorld, toyStage } from "../support/stage-world.ts";

const loaded = ReplicaLoaded.create({ runId: RUN_ID, tables: 1, bytes: 1 });
const error = { code: "UNLISTED_COLUMN", message: "No transform for `users.phone`." };
/** Stands for a row's value. */
const SECRET = "ann@example.com";

const mask = (run: Stage<ReplicaLoaded["data"]>["run"]) => toyStage(ReplicaLoaded, run, { name: "mask" });
const succeeding = mask(async () => done([]));
const fatal = mask(async () => {
  throw new FatalError(error.code, error.message);
});
const flaky = mask(async () => {
  throw Object.assign(new Error(`lost '${SECRET}'`), { code: "ECONNRESET" });
});
const stages = [succeeding] as readonly unknown[] as Stage[];

/** The original as the broker forwards it to the dead-letter topic. */
function forwarded(world: StageWorld, change: Partial<IncomingMessage> = {}, subscription = "mask"): IncomingMessage {
  const { attributes, ...message } = world.message(loaded, change);
  return {
    ...{ ...message, topic: "dead-letter" },
    attributes: {
      ...attributes,
      CloudPubSubDeadLetterSourceSubscription: subscription,
      CloudPubSubDeadLetterSourceSubscriptionProject: "local",
      CloudPubSubDeadLetterSourceDeliveryCount: "5",
    },
  };
}

async function letterOf(world: StageWorld): Promise<{ name: string; version: number; data: DeadLettered["data"] }> {
  const letter = world.published().find(({ name }) => name === "dead-letter");
  assert.ok(letter, "no dead letter was published");
  return letter as Awaited<ReturnType<typeof letterOf>>;
}

/** A delivery that is at work until it is told to end. */
async function atWork(world: StageWorld) {
  const [begun, ending] = [gate(), gate()];
  const working = mask(async () => {
    begun.open();
    await ending.opened;
    return done([]);
  });
  const outcome = world.deliver(working, loaded);
  await begun.opened;
  return { outcome, end: ending.open };
}

const kept = (world: StageWorld): Promise<DeadLetter[]> => world.platform.runs.listDeadLetters(PIPELINE, 10);

test("a letter marks its stage and the run failed, is kept, and told twice is one", async (t) => {
  const world = await openStageWorld(t);
  await world.openRun();
  await world.deliver(fatal, loaded);
  const letter = await letterOf(world);
  assert.equal(await world.deadLetter(letter), "failed");
  const run = await world.run();
  assert.deepEqual(run.status === "failed" && [run.failedStage, run.error], ["mask", error]);
  const letters = await kept(world);
  assert.equal(await world.deadLetter(letter), "failed");
  assert.deepEqual(await kept(world), letters);
  assert.deepEqual(
    letters.map(({ id, stage, attempts, error: reason }) => ({ id, stage, attempts, reason })),
    [{ id: `${RUN_ID}/mask//1`, stage: "mask", attempts: 1, reason: error }],
  );
  assert.ok(world.logged.some((line) => line.includes('"alert":"dead-letter"')));
});

test("a crash between failed and recorded heals with the letter's redelivery", async (t) => {
  const world = await openStageWorld(t);
  await world.openRun();
  await world.deliver(fatal, loaded);
  const letter = await letterOf(world);
  const { runs } = world.platform;
  const record = runs.recordDeadLetter.bind(runs);
  runs.recordDeadLetter = async () => assert.fail("killed");
  await assert.rejects(world.deadLetter(letter), /killed/);
  await assert.rejects(world.deadLetter(forwarded(world), stages), /killed/);
  runs.recordDeadLetter = record;
  assert.equal(await world.deadLetter(forwarded(world), stages), "failed");
  assert.equal(await world.deadLetter(letter), "failed");
  assert.equal((await kept(world)).length, 1);
});

for (const subscription of ["mask", "projects/acme/subscriptions/shop-mask"]) {
  test(`what the broker forwards from \`${subscription}\` fails the stage with its own last error`, async (t) => {
    const world = await openStageWorld(t);
    await world.openRun();
    await assert.rejects(world.deliver(flaky, loaded));
    assert.equal(await world.deadLetter(forwarded(world, {}, subscription), stages), "failed");
    const run = await world.run();
    assert.deepEqual(run.status === "failed" && [run.failedStage, run.error.code], ["mask", "ECONNRESET"]);
    const [letter] = await kept(world);
    assert.deepEqual([letter?.attempts, letter?.error.code], [5, "ECONNRESET"]);
    assert.doesNotMatch(JSON.stringify([run, letter, world.logged]), new RegExp(SECRET));
  });
}

test("what the broker forwards of a stage that is done changes nothing", async (t) => {
  const world = await openStageWorld(t);
  await world.openRun();
  await world.deliver(succeeding, loaded);
  const before = await world.run();
  assert.equal(await world.deadLetter(forwarded(world), stages), "outdated");
  assert.deepEqual([await world.run(), await kept(world)], [before, []]);
});

test("what the broker forwards of a stage that is at work is asked for again when the lease ends", async (t) => {
  const world = await openStageWorld(t, { settings: { leaseMs: 5_000 } });
  await world.openRun();
  const work = await atWork(world);
  await assert.rejects(world.deadLetter(forwarded(world), stages), (thrown: RetryAfter) => {
    assert.deepEqual([thrown.name, thrown.code], ["RetryAfter", "STAGE_ALIVE"]);
    return thrown.afterMs > 4_000 && thrown.afterMs <= 5_000;
  });
  work.end();
  assert.equal(await work.outcome, "done");
  assert.equal((await world.run()).status, "running");
});

test("a claim that died in every delivery is failed when its lease has ended", async (t) => {
  const world = await openStageWorld(t, { settings: { leaseMs: 1_000 } });
  await world.openRun();
  const work = await atWork(world);
  await assert.rejects(world.deadLetter(forwarded(world), stages), { code: "STAGE_ALIVE" });
  world.pass(1_000);
  assert.equal(await world.deadLetter(forwarded(world), stages), "failed");
  const run = await world.run();
  assert.equal(run.status === "failed" && run.error.code, "DELIVERIES_EXHAUSTED");
  work.end();
  assert.equal(await work.outcome, "lost");
});

test("a letter of before a replay changes nothing after it, and a failure after it is another letter", async (t) => {
  const world = await openStageWorld(t);
  await world.openRun();
  await assert.rejects(world.deliver(flaky, loaded));
  assert.equal(await world.deadLetter(forwarded(world), stages), "failed");
  await replayStage(world.platform, RUN_ID);
  const before = await world.run();
  await assert.rejects(world.deadLetter(forwarded(world), stages), { code: "STAGE_ALIVE" });
  assert.deepEqual(await world.run(), before);
  await world.deliver(fatal, loaded);
  const letter = await letterOf(world);
  assert.equal(await world.deadLetter({ ...letter, data: { ...letter.data, epoch: 1 } }), "outdated");
  assert.equal((await world.run()).status, "running");
  assert.equal(await world.deadLetter(letter), "failed");
  await replayStage(world.platform, RUN_ID);
  await assert.rejects(world.deliver(flaky, loaded));
  assert.equal(await world.deadLetter(forwarded(world), stages), "failed");
  assert.deepEqual(
    (await kept(world)).map(({ id }) => id).toSorted(),
    [1, 3, 5].map((epoch) => `${RUN_ID}/mask//${epoch}`),
  );
});

test("a letter that cannot be read is kept by its digest's message alone, whatever stands in it", async (t) => {
  const world = await openStageWorld(t);
  const garbage = { data: Buffer.from(SECRET) };
  assert.equal(await world.deadLetter(world.message(loaded, { ...garbage, attributes: { run: SECRET } })), "recorded");
  assert.equal(await world.deadLetter(forwarded(world, garbage), stages), "recorded");
  assert.equal(await world.deadLetter(forwarded(world, {}, "nobody"), stages), "recorded");
  const letters = await kept(world);
  assert.deepEqual(letters.map(({ stage }) => stage).toSorted(), ["dead-letter", "mask", "nobody"]);
  assert.doesNotMatch(JSON.stringify([letters, world.logged]), new RegExp(SECRET));
});

test("a delivery count that is no number does not keep a letter from being kept", async (t) => {
  const world = await openStageWorld(t);
  await world.openRun();
  const message = forwarded(world);
  const attributes = { ...message.attributes, CloudPubSubDeadLetterSourceDeliveryCount: "many" };
  await assert.rejects(world.deliver(flaky, loaded));
  assert.equal(await world.deadLetter({ ...message, attributes }, stages), "failed");
  assert.equal((await kept(world))[0]?.attempts, 0);
});

test("a request that could not even open its run is kept: nobody else would hear of it", async (t) => {
  const world = await openStageWorld(t);
  const message = forwarded(world);
  assert.equal(await world.deadLetter(message, stages), "recorded");
  const [letter] = await kept(world);
  assert.deepEqual([letter?.runId, letter?.error.code], [RUN_ID, "DELIVERIES_EXHAUSTED"]);
  assert.equal(await world.platform.runs.get(RUN_ID), undefined);
});

test("the letter of a message that was no event is kept with its reason", async (t) => {
  const world = await openStageWorld(t);
  const request = world.message(SyncRequested.create({ pipeline: PIPELINE, runId: "", requestedBy: "test" }), {
    data: Buffer.from(SECRET),
  });
  await world.deliver(
    toyStage(SyncRequested, async () => done([]), { name: "export-production" }),
    request,
  );
  assert.equal(await world.deadLetter(await letterOf(world)), "recorded");
  const [letter] = await kept(world);
  assert.deepEqual(
    [letter?.stage, letter?.error.code, letter?.runId],
    ["export-production", "NOT_AN_EVENT", undefined],
  );
  assert.doesNotMatch(JSON.stringify(letter), new RegExp(SECRET));
});
