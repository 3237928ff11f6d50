// Files that come into the bucket by other ways than the store.
import assert from "node:assert/strict";
import { appendFile, cp, mkdir, open, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { newFolder, openLocal } from "../../platform/open-local.ts";
import { bytes, until } from "../../platform/world.ts";

const SETTLED_MS = 300; // open-local.ts

test("a dump that is copied into the inbox is notified once, with all of its bytes", async (t) => {
  const { inbox, got, platform } = await watched(t);
  await writeFile(join(inbox, "..", "..", "mine.sql.gz"), "x".repeat(1000));
  await cp(join(inbox, "..", "..", "mine.sql.gz"), join(inbox, "mine.sql.gz"));
  await until("it is notified", () => got.length > 0);
  await sleep(3 * SETTLED_MS);
  assert.equal(got.length, 1);
  const object = await platform.objects.stat("inbox/mine.sql.gz");
  assert.equal(object?.bytes, 1000);
  assert.deepEqual(got[0], { name: "inbox/mine.sql.gz", size: "1000", generation: object.generation });
});

test("a file is no object while it grows, nor while somebody has it open for writing", async (t) => {
  const { inbox, got, platform } = await watched(t);
  const path = join(inbox, "growing.sql");
  for (let part = 0; part < 6; part++) {
    await appendFile(path, "part\n");
    await sleep(SETTLED_MS / 2);
  }
  const file = await open(path, "a");
  await sleep(3 * SETTLED_MS); // it pauses for longer than settling takes
  assert.equal(await platform.objects.stat("inbox/growing.sql"), undefined);
  assert.equal(got.length, 0);
  await file.writeFile("end\n");
  await file.close();
  await until("it is notified", () => got.length > 0);
  assert.equal(got[0]?.size, "34");
});

test("what tools keep under hidden names is no object", async (t) => {
  const { inbox, got, platform } = await watched(t);
  await writeFile(join(inbox, ".mine.sql.gz.Xy12"), "half");
  await writeFile(join(inbox, "empty.sql"), "");
  await sleep(3 * SETTLED_MS);
  assert.equal(got.length, 0);
  assert.deepEqual(await platform.objects.list(""), []);
});

test("a file that a killed process renamed into place and never announced is announced by the next", async (t) => {
  const folder = await newFolder(t);
  await mkdir(join(folder, "dumps", "runs", "one"), { recursive: true });
  await writeFile(join(folder, "dumps", "runs", "one", "production.sql.gz"), "complete");
  const { got } = await watched(t, folder);
  await until("it is notified", () => got.length > 0);
  assert.equal(got[0]?.name, "runs/one/production.sql.gz");
});

test("what a killed process had not finished is removed, and what a living one writes is not", async (t) => {
  const folder = await newFolder(t);
  const first = await openLocal(t, folder);
  const orphan = join(folder, "dumps", ".incoming", "4194305@gone.1.0a0a");
  await writeFile(orphan, "half");
  const second = await openLocal(t, folder);
  await first.objects.write("slow", withPause(second.start.bind(second)));
  assert.equal((await first.objects.stat("slow"))?.bytes, 9);
  await assert.rejects(stat(orphan), { code: "ENOENT" });
});

test("dumps can be read by nobody else", async (t) => {
  const folder = await newFolder(t);
  const { objects } = await openLocal(t, folder);
  await objects.write("runs/one/a", bytes("a"));
  const mode = async (...path: string[]) => ((await stat(join(folder, ...path))).mode & 0o777).toString(8);
  assert.equal(await mode("dumps"), "700");
  assert.equal(await mode("dumps", "runs", "one"), "700");
  assert.equal(await mode("dumps", "runs", "one", "a"), "600");
  assert.equal(await mode(".understudy", "shop", "state.sqlite"), "600");
  assert.equal(await mode(".understudy", "shop", "state.sqlite-wal"), "600");
});

test("a name cannot leave the directory", async (t) => {
  const { objects } = await openLocal(t, await newFolder(t));
  for (const name of ["../x", "/etc/x", "a/../../x", "a//b", "", ".incoming/x", "a\0b", "a\\b"]) {
    await assert.rejects(objects.write(name, bytes("x")), { code: "OBJECT_NAME_INVALID" }, name);
    await assert.rejects(objects.stat(name), { code: "OBJECT_NAME_INVALID" }, name);
  }
});

test("a full disk is told with the directory", async (t) => {
  const { objects } = await openLocal(t, await newFolder(t));
  await assert.rejects(objects.write("a", full()), { name: "FatalError", code: "DISK_FULL", message: /dumps/ });
  assert.deepEqual(await objects.list(""), []);
});

async function* full(): AsyncGenerator<Uint8Array> {
  yield Buffer.from("half");
  throw Object.assign(new Error("ENOSPC"), { code: "ENOSPC" }); // as a write throws it
}

async function* withPause(start: () => void): AsyncGenerator<Uint8Array> {
  yield Buffer.from("half");
  start();
  await sleep(3 * SETTLED_MS);
  yield Buffer.from("whole");
}

/** A local world at work, and what its bucket has notified. */
async function watched(t: TestContext, given?: string) {
  const folder = given ?? (await newFolder(t));
  const platform = await openLocal(t, folder);
  const got: { name: string; size: string; generation: string }[] = [];
  platform.bus.subscribe({
    name: "dump-finalized",
    topic: "dump-finalized",
    async handler({ data }) {
      const { name, size, generation } = JSON.parse(Buffer.from(data).toString()) as (typeof got)[number];
      got.push({ name, size, generation });
    },
  });
  platform.start();
  return { platform, got, inbox: join(folder, "dumps", "inbox") };
}
