// What every world's bus promises.
import assert from "node:assert/strict";
import { test } from "node:test";
import { SyncRequested } from "../../events/index.ts";
import { decode, type IncomingMessage } from "../../events/message.ts";
import { RetryAfter } from "../../contracts/errors.ts";
import { type OpenBus, until } from "./world.ts";

const topic = "sync-requested";
const request = () => SyncRequested.create({ pipeline: "shop", runId: "", requestedBy: "a test" });

export function describeBus(world: string, open: OpenBus): void {
  test(`${world}: an event reaches every subscription of its topic, as it was published`, async (t) => {
    const { platform, subscribe, start } = await open(t);
    const got: Record<string, IncomingMessage[]> = { one: [], two: [], other: [] };
    subscribe({ name: "one", topic, handler: async (message) => void got["one"]?.push(message) });
    subscribe({ name: "two", topic, handler: async (message) => void got["two"]?.push(message) });
    subscribe({ name: "other", topic: "masked", handler: async (message) => void got["other"]?.push(message) });
    await start();
    await platform.bus.publish(request());
    await until("both have it", () => got["one"]?.length === 1 && got["two"]?.length === 1);
    const [message] = got["one"] ?? [];
    assert.ok(message);
    assert.equal(message.topic, topic);
    assert.equal(message.attempt, 1);
    assert.equal(message.attributes["event"], topic);
    assert.ok(Math.abs(message.publishedAt.getTime() - Date.now()) < 60_000);
    assert.deepEqual(decode(SyncRequested, message).data, {
      ...request().data,
      runId: decode(SyncRequested, message).data.runId,
    });
    assert.equal(got["other"]?.length, 0);
  });

  test(`${world}: an event published while nobody listens waits`, async (t) => {
    const { platform, declare, subscribe, start } = await open(t);
    await declare({ name: "later", topic });
    await platform.bus.publish(request());
    const got: string[] = [];
    subscribe({ name: "later", topic, handler: async ({ id }) => void got.push(id) });
    await start();
    await until("it is delivered", () => got.length === 1);
  });

  test(`${world}: what a handler refuses is delivered again, with the same id and the attempt counted`, async (t) => {
    const { platform, subscribe, start, attemptsUncounted } = await open(t);
    if (attemptsUncounted !== undefined) t.diagnostic(`The attempt is 1 each time: ${attemptsUncounted}`);
    const got: IncomingMessage[] = [];
    subscribe({
      name: "twice",
      topic,
      async handler(message) {
        got.push(message);
        if (got.length === 1) throw new Error("not yet");
      },
    });
    await start();
    await platform.bus.publish(request());
    await until("it came twice", () => got.length === 2);
    assert.deepEqual(
      got.map(({ attempt }) => attempt),
      attemptsUncounted === undefined ? [1, 2] : [1, 1],
    );
    assert.equal(got[0]?.id, got[1]?.id);
    assert.deepEqual(got[0]?.publishedAt, got[1]?.publishedAt);
  });

  test(`${world}: a RetryAfter is delivered again no sooner than it says`, async (t) => {
    const { platform, subscribe, start } = await open(t);
    const times: number[] = [];
    subscribe({
      name: "patient",
      topic,
      async handler() {
        times.push(performance.now());
        if (times.length === 1) throw new RetryAfter("NOT_YET", 700, "Not yet.");
      },
    });
    await start();
    await platform.bus.publish(request());
    await until("it came twice", () => times.length === 2);
    const [first = 0, second = 0] = times;
    assert.ok(second - first >= 690, `came after ${second - first} ms`);
  });

  test(`${world}: a message that no attempt could handle goes to the dead letters, with where it came from`, async (t) => {
    const { publishMessage, maxAttempts, subscribe, start } = await open(t);
    let attempts = 0;
    const dead: IncomingMessage[] = [];
    subscribe({
      name: "hopeless",
      topic,
      async handler() {
        attempts++;
        throw new Error("never");
      },
    });
    subscribe({ name: "dead-letter", topic: "dead-letter", handler: async (message) => void dead.push(message) });
    await start();
    await publishMessage({ topic, attributes: { colour: "blue" }, data: Buffer.from("no event") });
    await until("it is dead", () => dead.length === 1);
    assert.ok(attempts >= maxAttempts);
    const { attributes, data } = dead[0] ?? assert.fail();
    assert.equal(Buffer.from(data).toString(), "no event");
    assert.equal(attributes["colour"], "blue");
    // A world may put a prefix before its subscriptions' names.
    assert.match(attributes["CloudPubSubDeadLetterSourceSubscription"] ?? "", /(?:^|-)hopeless$/);
    assert.ok(Number(attributes["CloudPubSubDeadLetterSourceDeliveryCount"]) >= maxAttempts);
    assert.ok(attributes["CloudPubSubDeadLetterSourceSubscriptionProject"]);
    const published = Date.parse(attributes["CloudPubSubDeadLetterSourceTopicPublishTime"] ?? "");
    assert.ok(Math.abs(published - Date.now()) < 60_000);
  });
}
