// What is Firestore's own about the run store: its documents, what it writes, and what it does when others are faster.
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { Timestamp, type Firestore } from "@google-cloud/firestore";
import type { FatalError } from "../../../contracts/errors.ts";
import type { Run } from "../../../contracts/run.ts";
import { openFirestoreRunStore } from "../../../deploy/gcp/run-store.ts";
import { claim } from "../../../handlers/state/claims.ts";
import { countWrites, openFirestore } from "../../gcp/firestore.ts";
import { aRun } from "../../platform/world.ts";

const DAY_MS = 86_400_000;

test("a run is a document that one can read: native maps, instants as text, and when it may be deleted", async (t) => {
  const { client, runs } = open(t);
  const run = await claimed(runs);
  const stored = (await client.doc(`runs/${run.runId}`).get()).data() ?? {};
  assert.deepEqual(Object.keys(stored).toSorted(), [
    ...["expireAt", "openedAt", "pipeline", "revision", "runId", "stages", "status", "trigger"],
  ]);
  assert.equal(stored["openedAt"], run.openedAt);
  assert.deepEqual(stored["stages"].mask.event, { name: "replica-loaded", version: 1, data: { rows: 5 } });
  const expiresInMs = (stored["expireAt"] as Timestamp).toMillis() - Date.now();
  assert.ok(expiresInMs > 89.9 * DAY_MS && expiresInMs <= 90 * DAY_MS, `expires in ${expiresInMs / DAY_MS} days`);
});

test("what Firestore cannot hold as it is stands as JSON text", async (t) => {
  const { client, runs } = open(t);
  const run = await claimed(runs);
  const stages = (checkpoint: unknown): Run["stages"] => ({ mask: { ...run.stages["mask"], checkpoint } as never });
  const storedAs = async (checkpoint: unknown) => {
    await runs.update(run.runId, () => ({ run: { ...run, stages: stages(checkpoint) }, result: undefined }));
    const document = await client.doc(`runs/${run.runId}`).get();
    return (document.get("stages") as { mask: { checkpoint: unknown } }).mask.checkpoint;
  };
  assert.deepEqual(await storedAs({ table: "users", done: [1, 2] }), { table: "users", done: [1, 2] });
  assert.equal(await storedAs({ chunks: [[1, 2]] }), '{"chunks":[[1,2]]}');
  assert.equal(await storedAs({ __users__: 1 }), '{"__users__":1}');
  assert.equal(await storedAs({ name: "\ud800" }), '{"name":"\\ud800"}');
  assert.equal(await storedAs("text"), '"text"');
  let deep: unknown = "bottom";
  for (let level = 0; level < 20; level++) deep = { deep };
  assert.equal(await storedAs(deep), JSON.stringify(deep));
});

test("a text that was cut in the middle of a character is kept without the half", async (t) => {
  const { runs } = open(t);
  const run = aRun({ requestedBy: "ann 😀".slice(0, -1) });
  await runs.update(run.runId, () => ({ run, result: undefined }));
  assert.equal((await runs.get(run.runId))?.requestedBy, "ann \ufffd");
});

test("a change costs one write, with its lock two, a decision without a document none", async (t) => {
  const { client, runs } = open(t);
  const writes = countWrites(client);
  const run = aRun();
  const lock = { pipeline: "shop", runId: run.runId, since: run.openedAt };
  await runs.updateWithLock("shop", run.runId, () => ({ run, lock, result: undefined }));
  assert.equal(writes(), 2);
  await runs.update(run.runId, () => ({ run, result: undefined }));
  assert.equal(writes(), 3);
  await runs.update(run.runId, () => ({ result: undefined }));
  await runs.updateWithLock("shop", run.runId, () => ({ result: undefined }));
  assert.equal(writes(), 3);
  await runs.updateWithLock("shop", run.runId, () => ({ run, lock: "free", result: undefined }));
  assert.equal(writes(), 5);
  const revision = String((await client.doc(`runs/${run.runId}`).get()).get("revision"));
  assert.match(revision, /^3-[0-9a-f]{12}$/, "the document counts its writes");
});

for (const [what, spoil] of [
  ["the answer to a write is lost", async (commit: () => Promise<unknown>) => void (await commit())],
  ["a write is refused for now", async () => undefined],
] as const) {
  test(`where ${what}, a claim is given all the same, and once`, async (t) => {
    const { client, runs } = open(t);
    const run = aRun();
    await runs.update(run.runId, () => ({ run, result: undefined }));
    onceAtCommit(client, async (commit) => {
      await spoil(commit);
      throw Object.assign(new Error("14 UNAVAILABLE"), { code: 14 });
    });
    assert.deepEqual(await claimOf(runs, run), { kind: "claimed", epoch: 1, checkpoint: undefined });
    assert.equal((await runs.get(run.runId))?.stages["mask"]?.epoch, 1);
  });
}

for (const [what, before, between] of [
  ["is taken", undefined, { pipeline: "shop", runId: aRun().runId, since: new Date().toISOString() }],
  ["is freed", { pipeline: "shop", runId: aRun().runId, since: new Date().toISOString() }, undefined],
] as const) {
  test(`a decision about the run alone is made again when the lock ${what} meanwhile`, async (t) => {
    const { client, runs } = open(t);
    const run = aRun();
    await runs.updateWithLock("shop", run.runId, () => ({ run, lock: before ?? "free", result: undefined }));
    onceAtCommit(client, async (commit) => {
      await runs.updateWithLock("shop", aRun().runId, () => ({ lock: between ?? "free", result: undefined }));
      return commit();
    });
    const seen: unknown[] = [];
    await runs.updateWithLock("shop", run.runId, (current, lock) => {
      seen.push(lock);
      return { run: { ...run, requestedBy: "decided" }, result: current };
    });
    assert.deepEqual(seen, [before, between]);
    assert.deepEqual(await runs.getLock("shop"), between);
    assert.equal((await runs.get(run.runId))?.requestedBy, "decided");
  });
}

test("a lock that was taken over meanwhile is not freed", async (t) => {
  const { client, runs } = open(t);
  const [run, other] = [aRun(), aRun()];
  const lockOf = ({ runId, openedAt }: Run) => ({ pipeline: "shop", runId, since: openedAt });
  await runs.updateWithLock("shop", run.runId, () => ({ run, lock: lockOf(run), result: undefined }));
  onceAtCommit(client, async (commit) => {
    await runs.updateWithLock("shop", other.runId, () => ({ run: other, lock: lockOf(other), result: undefined }));
    return commit();
  });
  const freed = await runs.updateWithLock("shop", run.runId, (_current, lock) =>
    lock?.runId === run.runId ? { lock: "free", result: true } : { result: false },
  );
  assert.equal(freed, false);
  assert.deepEqual(await runs.getLock("shop"), lockOf(other));
});

test("stages come in the order in which they started, in whatever order Firestore has them", async (t) => {
  const { client, runs } = open(t);
  const run = await claimed(runs);
  const mask = run.stages["mask"];
  const later = { ...mask, stage: "alpha", startedAt: new Date(Date.now() + DAY_MS).toISOString() };
  await client.doc(`runs/${run.runId}`).update({ stages: { alpha: later, mask } });
  assert.deepEqual(Object.keys((await runs.get(run.runId))?.stages ?? {}), ["mask", "alpha"]);
});

test("a document that somebody changed by hand is refused by its field, not by its value", async (t) => {
  const { client, runs } = open(t);
  const run = await claimed(runs);
  const path = `runs/${run.runId}`;
  const refusal = async (fields: Record<string, unknown>) => {
    await client.doc(path).update(fields);
    const read = runs.update(run.runId, () => ({ result: undefined }));
    return read.then(assert.fail, ({ code, message }: FatalError) => `${code} ${message}`);
  };
  const wrongEpoch = await refusal({ "stages.mask.epoch": "ann@example.com" });
  assert.match(
    wrongEpoch,
    /^STATE_UNREADABLE The document `runs\/\S+` in Firestore is not .* at `stages\.mask\.epoch`\./,
  );
  assert.doesNotMatch(wrongEpoch, /ann@/);
  const brokenText = await refusal({ "stages.mask.epoch": 1, "stages.mask.checkpoint": '{"ann@example.com' });
  assert.match(brokenText, /^STATE_UNREADABLE .* at `a JSON text`\./);
  assert.doesNotMatch(brokenText, /ann@/);
  assert.match(await refusal({ stages: 5 }), /at `stages`\./);
});

test("a run that outgrows a document is refused before it is sent, with the part that is to blame", async (t) => {
  const { runs } = open(t);
  const run = await claimed(runs);
  const mask = run.stages["mask"];
  assert.ok(mask);
  const withTables = (count: number): Run => {
    const checkpoint = Object.fromEntries(
      Array.from({ length: count }, (_, table) => [`table_${table}`, [table, "done"]]),
    );
    return { ...run, stages: { mask: { ...mask, checkpoint } } };
  };
  const fits = { ...run, stages: { mask: { ...mask, checkpoint: { text: "x".repeat(1_043_000) } } } };
  await runs.update(run.runId, () => ({ run: fits, result: undefined }));
  assert.deepEqual(await runs.get(run.runId), fits);
  await assert.rejects(
    runs.update(run.runId, () => ({ run: withTables(50_000), result: undefined })),
    {
      name: "FatalError",
      code: "RUN_STATE_TOO_LARGE",
      message: /^The document `runs\/\S+` would take 1,\d{3} KiB of the 1,024 KiB .*; `stages\.mask\.checkpoint` alone/,
    },
  );
  assert.deepEqual(await runs.get(run.runId), fits);
});

test("dead letters of any id are kept apart", async (t) => {
  const { client, runs } = open(t);
  const ids = ["mask//1", "mask/20261122-021500-000-4f9a2c/replica/1", "mask%2F%2F1", "__mask__", ".", "mask/é 山/1"];
  ids.push(`dump-finalized/${"ж".repeat(400)}.sql#1/1`, `dump-finalized/${"ж".repeat(400)}.sql#2/1`);
  for (const id of ids) {
    const failedAt = new Date(Date.UTC(2026, 0, 1, 0, 0, ids.indexOf(id))).toISOString();
    const error = { code: "BOOM", message: "It went boom." };
    await runs.recordDeadLetter({
      ...{ id, pipeline: "shop", stage: "mask", messageId: "1", attempts: 5 },
      error,
      failedAt,
    });
  }
  const listed = await runs.listDeadLetters("shop", 100);
  assert.deepEqual(listed.map(({ id }) => id).toReversed(), ids);
  const [stored] = (await client.collection("deadLetters").get()).docs;
  assert.ok(stored?.get("expireAt") instanceof Timestamp);
});

function open(t: TestContext) {
  const database = openFirestore(t);
  return { client: database.client, runs: openFirestoreRunStore(database) };
}

type Runs = ReturnType<typeof openFirestoreRunStore>;

/** A stored run whose stage `mask` is leased. */
async function claimed(runs: Runs): Promise<Run> {
  const run = aRun();
  await runs.update(run.runId, () => ({ run, result: undefined }));
  await claimOf(runs, run);
  return (await runs.get(run.runId)) ?? assert.fail("the run is not there");
}

function claimOf(runs: Runs, { runId }: Run) {
  const event = { name: "replica-loaded", version: 1, data: { rows: 5 } };
  const request = { stage: "mask", key: "", event, owner: "test", now: new Date(), leaseMs: 1000, requires: undefined };
  return runs.update(runId, (run) => claim(run, request));
}

/** Puts `act` in the place of the next commit, which it is given. */
function onceAtCommit(client: Firestore, act: (commit: () => Promise<unknown>) => Promise<unknown>): void {
  const batch = client.batch.bind(client);
  client.batch = () => {
    client.batch = batch;
    const spoilt = batch();
    const commit = spoilt.commit.bind(spoilt);
    spoilt.commit = async () => (await act(commit)) as never;
    return spoilt;
  };
}
