// The local bus loses nothing when processes are killed.
import assert from "node:assert/strict";
import { test } from "node:test";
import { newFolder, openLocal } from "../../platform/open-local.ts";
import { until } from "../../platform/world.ts";
import { startVictim } from "./kill.ts";

test("what a killed process was handling is delivered at once to the next, and the attempt counted", async (t) => {
  const folder = await newFolder(t);
  const platform = await openLocal(t, folder);
  platform.bus.subscribe({ name: "kept", topic: "t", handler: async (message) => void got.push(message.attempt) });
  const got: number[] = [];
  await platform.bus.publishMessage({ topic: "t", attributes: {}, data: Buffer.from("x") });
  const victim = startVictim(t, folder, "hold");
  await until("it holds the message", () => victim.lines.length === 1);
  await victim.kill();
  const killed = performance.now();
  platform.start();
  await until("it is delivered", () => got.length === 1);
  assert.ok(performance.now() - killed < 500, "its lease had 30 s to go");
  assert.deepEqual(got, [2]);
});

test("a process that already works takes over from one that is killed", async (t) => {
  const folder = await newFolder(t);
  const victim = startVictim(t, folder, "hold");
  const platform = await openLocal(t, folder);
  await until("it is there", async () => {
    if (victim.lines.length > 0) return true;
    await platform.bus.publishMessage({ topic: "t", attributes: {}, data: Buffer.from("x") });
    return false;
  });
  const got: string[] = [];
  platform.bus.subscribe({ name: "kept", topic: "t", handler: async ({ id }) => void got.push(id) });
  platform.start();
  await victim.kill();
  await until("it is delivered", () => got.includes(victim.lines[0] ?? ""), 3_000);
});

test("what lives keeps its messages for as long as it handles them", async (t) => {
  const folder = await newFolder(t);
  const victim = startVictim(t, folder, "hold");
  const platform = await openLocal(t, folder);
  await until("it holds one", async () => {
    if (victim.lines.length > 0) return true;
    await platform.bus.publishMessage({ topic: "t", attributes: {}, data: Buffer.from("x") });
    return false;
  });
  const got: string[] = [];
  platform.bus.subscribe({ name: "kept", topic: "t", handler: async ({ id }) => void got.push(id) });
  platform.start();
  await new Promise((resolve) => setTimeout(resolve, 1_500)); // longer than the look-out for the dead
  assert.ok(!got.includes(victim.lines[0] ?? ""));
});

test("a publisher that is killed has published all that it was told so, each once", async (t) => {
  const folder = await newFolder(t);
  const victim = startVictim(t, folder, "publish");
  await until("it has published some", () => victim.lines.length > 50);
  await victim.kill();
  const platform = await openLocal(t, folder);
  const got: string[] = [];
  platform.bus.subscribe({ name: "kept", topic: "t", concurrency: 50, handler: async ({ id }) => void got.push(id) });
  platform.start();
  await until("all are there", () => victim.lines.every((id) => got.includes(id)));
  assert.equal(new Set(got).size, got.length);
  assert.ok(got.length - victim.lines.length <= 1, "one may be taken and not yet told");
});

test("stopping waits for the handlers, tells them, and costs no attempt", async (t) => {
  const folder = await newFolder(t);
  const platform = await openLocal(t, folder);
  const attempts: number[] = [];
  let isHandling = false;
  platform.bus.subscribe({
    name: "kept",
    topic: "t",
    async handler({ attempt }, signal) {
      attempts.push(attempt);
      if (attempts.length > 1) return;
      isHandling = true;
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
      isHandling = false;
      throw new Error("stopped");
    },
  });
  platform.start();
  await platform.bus.publishMessage({ topic: "t", attributes: {}, data: Buffer.from("x") });
  await until("it is handled", () => isHandling);
  await platform.stop();
  assert.ok(!isHandling);
  platform.start();
  await until("it came again", () => attempts.length === 2);
  assert.deepEqual(attempts, [1, 1]);
});
