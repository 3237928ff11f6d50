// Several sessions at one list of steps: who runs what when, and what happens to the others when one fails.
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { WriteSession } from "../../../contracts/platform.ts";
import type { MaskingJob } from "../../../handlers/masking/job.ts";
import { type Step, withWorkers } from "../../../handlers/masking/workers.ts";

const STEP_MS = 5;

/** A session that answers nothing, and a job of three. */
function job(signal = new AbortController().signal): MaskingJob {
  const session = {
    query: () => Promise.resolve([]),
    setVariable: () => Promise.resolve(),
    close: () => Promise.resolve(),
  } as unknown as WriteSession;
  const open = () => Promise.resolve(session);
  return { plan: { tables: [] }, database: "x", run: "r", key: Buffer.alloc(32), connections: 3, open, signal };
}

/** Steps that log when they begin and end. */
function stepsOf(log: string[], ...names: string[]): Step[] {
  return names.map((name) => ({
    table: { table: name, rule: "columns", columns: [] },
    ...(name.startsWith("client") && { onClient: true as const }),
    async run() {
      log.push(`${name} begins`);
      await sleep(STEP_MS);
      log.push(`${name} ends`);
      if (name === "fails") throw new Error(name);
    },
  }));
}

test("one step at a time is the client's while there are others, and then all sessions take what is left", async () => {
  const log: string[] = [];
  const names = ["client 1", "client 2", "client 3", "client 4", "a", "b", "c", "d"];
  assert.equal(await withWorkers(job(), (workers) => workers.runAll(stepsOf(log, ...names))), true);
  assert.deepEqual(log.slice(0, 3), ["client 1 begins", "a begins", "b begins"]);
  assert.ok(log.indexOf("client 2 begins") > log.indexOf("client 1 ends"), log.join());
  assert.equal(log.length, 2 * names.length);
  assert.ok(log.indexOf("client 4 begins") < log.indexOf("client 3 ends"), log.join());
});

test("what the client's step shares comes before other steps, for as long as there is something", async () => {
  const log: string[] = [];
  const [client, part, a, b] = stepsOf(log, "client", "part", "a", "b");
  const parts = [part!.run, part!.run];
  const sharing: Step = { ...client!, share: () => parts.shift() };
  assert.equal(await withWorkers(job(), (workers) => workers.runAll([sharing, a!, b!])), true);
  assert.deepEqual(log.slice(0, 3), ["client begins", "part begins", "part begins"]);
  assert.equal(log.length, 10);
});

test("a session without work takes what another's step gives rise to", async () => {
  const log: string[] = [];
  const [first, second, third] = stepsOf(log, "first", "second", "third");
  const queue = [first!];
  const grown: Step = { ...first!, run: (session) => first!.run(session).then(() => void queue.push(second!, third!)) };
  queue[0] = grown;
  assert.equal(await withWorkers(job(), (workers) => workers.runFrom(() => queue.shift())), true);
  assert.deepEqual(log.slice(2, 4), ["second begins", "third begins"]);
});

test("after the first error steps that run end, none begins, and sessions without work wait for nothing", async () => {
  const log: string[] = [];
  const queue = stepsOf(log, "fails", "beside");
  const take = () => queue.shift();
  await assert.rejects(
    withWorkers(job(), (workers) => workers.runFrom(take)),
    /fails/,
  );
  assert.deepEqual(log.toSorted(), ["beside begins", "beside ends", "fails begins", "fails ends"]);
  const more = stepsOf(log, "fails", "a", "b", "never");
  await assert.rejects(withWorkers(job(), (workers) => workers.runAll(more)));
  assert.ok(!log.includes("never begins"));
});

test("when time is over one step is done, and what is left is told", async () => {
  const log: string[] = [];
  const steps = stepsOf(log, "a", "b", "client");
  assert.equal(await withWorkers(job(AbortSignal.abort()), (workers) => workers.runAll(steps)), false);
  assert.equal(log.length, 2);
});
