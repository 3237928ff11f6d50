// What a function answers to pushes, through the real HTTP server of functions-framework.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { test, type TestContext } from "node:test";
import { http } from "@google-cloud/functions-framework";
import { getTestServer } from "@google-cloud/functions-framework/testing";
import { FatalError, RetryAfter } from "../../../contracts/errors.ts";
import type { Clock } from "../../../contracts/platform.ts";
import { openDeliveries } from "../../../deploy/gcp/deliveries.ts";
import { pushFunction, type PushFunction } from "../../../deploy/gcp/push-function.ts";
import { currentTrace } from "../../../deploy/gcp/trace.ts";
import { afterTest } from "../../support/cleanup.ts";
import { silent } from "../../platform/world.ts";

const TRACE_ID = "0af7651916cd43dd8448eb211c80319c";

/** A clock on which sleeping takes no time, with what was slept. */
function openTestClock() {
  let now = Date.parse("2026-11-22T02:15:00Z");
  const slept: number[] = [];
  const clock: Clock = {
    now: () => new Date(now),
    async sleep(ms) {
      slept.push(ms);
      now += ms;
    },
  };
  return { clock, slept, pass: (ms: number) => void (now += ms) };
}

/** Serves a function; the answer is a push's status. */
async function serve(t: TestContext, handle: PushFunction["handle"], parts: Partial<PushFunction> = {}) {
  const { clock } = openTestClock();
  const name = `f${randomUUID()}`;
  http(name, pushFunction({ topic: "masked", handle, deliveries: openDeliveries(), clock, log: silent, ...parts }));
  const server = getTestServer(name).listen(0, "127.0.0.1");
  await once(server, "listening");
  afterTest(t, async () => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const message = { messageId: "7", publishTime: "2026-11-22T02:15:00Z", data: "e30=" };
  return async (body: object = { message }, signal?: AbortSignal): Promise<number> => {
    const headers = { "content-type": "application/json" };
    const init = { method: "POST", headers, body: JSON.stringify(body), ...(signal ? { signal } : {}) };
    return (await fetch(url, init)).status;
  };
}

test("what is handled is acknowledged with 204", async (t) => {
  const push = await serve(t, async ({ topic, id }) => assert.deepEqual([topic, id], ["masked", "7"]));
  assert.equal(await push(), 204);
});

test("what fails is asked for again with 500, at once", async (t) => {
  const { clock, slept } = openTestClock();
  for (const error of [new FatalError("TOPIC_MISSING", "There is none."), new Error("unexpected"), "not an error"]) {
    const push = await serve(t, async () => Promise.reject(error), { clock });
    assert.equal(await push(), 500);
  }
  assert.deepEqual(slept, []);
});

test("a RetryAfter is answered when its time has come, and after 30 s at most", async (t) => {
  const { clock, slept } = openTestClock();
  for (const afterMs of [700, 90_000]) {
    const push = await serve(t, async () => Promise.reject(new RetryAfter("NOT_YET", afterMs, "Not yet.")), { clock });
    assert.equal(await push(), 500);
  }
  assert.deepEqual(slept, [700, 30_000]);
});

test("a RetryAfter is never waited for past the time of the request, which is 600 s", async (t) => {
  const { clock, slept, pass } = openTestClock();
  for (const workMs of [580_000, 700_000]) {
    const handle = async () => {
      pass(workMs);
      throw new RetryAfter("NOT_YET", 60_000, "Not yet.");
    };
    const push = await serve(t, handle, { clock });
    assert.equal(await push(), 500);
  }
  assert.deepEqual(slept, [15_000, 0]);
});

test("what is no push gets a 400 and is not handled", async (t) => {
  const push = await serve(t, async () => assert.fail("handled"));
  assert.equal(await push({ hello: "world" }), 400);
  assert.equal(await push([]), 400);
});

test("a message is handled in the trace that it came with", async (t) => {
  const seen: (string | undefined)[] = [];
  const push = await serve(t, async () => void seen.push(currentTrace()?.traceId));
  const attributes = { traceparent: `00-${TRACE_ID}-b7ad6b7169203331-01` };
  await push({ message: { messageId: "7", publishTime: "2026-11-22T02:15:00Z", attributes } });
  assert.deepEqual(seen, [TRACE_ID]);
});

test("a client that hangs up aborts the stage", async (t) => {
  const began = Promise.withResolvers<void>();
  const aborted = Promise.withResolvers<void>();
  const push = await serve(t, async (_message, signal) => {
    began.resolve();
    await once(signal, "abort");
    aborted.resolve();
  });
  const client = new AbortController();
  const answer = push(undefined, client.signal);
  await began.promise;
  client.abort();
  await assert.rejects(answer, { name: "AbortError" });
  await aborted.promise;
});

test("a process that has to end aborts its deliveries and waits until they are answered", async (t) => {
  const deliveries = openDeliveries();
  const began = Promise.withResolvers<void>();
  const push = await serve(
    t,
    async (_message, signal) => {
      began.resolve();
      await once(signal, "abort");
    },
    { deliveries },
  );
  const answer = push();
  await began.promise;
  await deliveries.end();
  assert.equal(await answer, 204);
  const late = await serve(t, async (_message, signal) => assert.ok(signal.aborted), { deliveries });
  assert.equal(await late(), 204);
});
