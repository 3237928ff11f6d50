// The object store on Cloud Storage when things go wrong: lost connections, damaged bytes, missing permissions, strange buckets.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { bytes, once, textOf, until } from "../../platform/world.ts";
import { BUCKET, openStorageObjects, type ObjectsWorld, STAGE, STRANGER } from "./open-objects.ts";

const MIB = 1024 * 1024;
const isMedia = (line: string) => line.includes("alt=media");

test("a read goes on where the connection broke, at the generation that it began with", async (t) => {
  const { objects, proxy } = await openStorageObjects(t);
  const content = randomBytes(3 * MIB);
  const { generation } = await objects.write("dump.gz", once(content));
  let cuts = 0;
  proxy.fault = (line) => (isMedia(line) && cuts++ < 2 ? { cutAfter: MIB } : undefined);
  const read = Buffer.from(await textAsBytes(objects.read("dump.gz", generation)));
  assert.ok(read.equals(content));
  const reads = proxy.requests.filter(({ line }) => isMedia(line));
  assert.equal(reads.length, 3);
  assert.ok(reads.every(({ line }) => line.includes(`generation=${generation}`)));
  // What was on its way when the connection ended may have arrived or not.
  assert.match(reads[2]?.headers.range ?? "", /^bytes=\d{6,7}-$/);
});

test("a read whose object is replaced while its connection is lost says that it is gone", async (t) => {
  const { objects, proxy } = await openStorageObjects(t);
  await objects.write("dump.gz", once(randomBytes(3 * MIB)));
  proxy.fault = (line) => (isMedia(line) && !line.includes("again") ? { cutAfter: MIB } : undefined);
  const reading = objects.read("dump.gz")[Symbol.asyncIterator]();
  await reading.next();
  await objects.write("dump.gz", bytes("another"));
  await assert.rejects(
    async () => {
      while (!(await reading.next()).done);
    },
    { name: "FatalError", code: "OBJECT_GONE" },
  );
});

test("a connection that brings nothing is not asked for ever", async (t) => {
  const { objects, proxy } = await openStorageObjects(t);
  await objects.write("dump.gz", bytes("abc"));
  proxy.fault = (line) => (isMedia(line) ? { status: 200 } : undefined);
  await assert.rejects(textOf(objects.read("dump.gz")), { name: "RetryAfter" });
});

test("bytes that were damaged on their way are not given to their end", async (t) => {
  const { objects, proxy } = await openStorageObjects(t);
  await objects.write("dump.gz", once(randomBytes(MIB)));
  proxy.fault = (line) => (isMedia(line) ? { damaged: true } : undefined);
  let read = 0;
  await assert.rejects(
    async () => {
      for await (const chunk of objects.read("dump.gz")) read += chunk.byteLength;
    },
    { name: "RetryAfter", code: "OBJECT_DAMAGED" },
  );
  assert.ok(read < MIB);
});

test("a reader that takes its time gets every byte, and one that leaves frees its connection", async (t) => {
  const { objects } = await openStorageObjects(t);
  const content = randomBytes(8 * MIB);
  await objects.write("dump.gz", once(content));
  let read = 0;
  for await (const chunk of objects.read("dump.gz")) {
    if (read % (64 * 1024) === 0) await sleep(1);
    read += chunk.byteLength;
  }
  assert.equal(read, content.byteLength);
  for await (const chunk of objects.read("dump.gz")) {
    assert.ok(chunk.byteLength < content.byteLength);
    break;
  }
  await until(
    "no connection is held",
    () => process.getActiveResourcesInfo().every((kind) => kind !== "Timeout"),
    2_000,
  );
});

test("a source that fails ends the upload's session, and nothing is left of it", async (t) => {
  const world = await openStorageObjects(t);
  async function* failing() {
    for (let i = 0; i < 20; i++) yield randomBytes(MIB);
    throw new Error("the source broke");
  }
  await assert.rejects(world.objects.write("dump.gz", failing()), /the source broke/);
  assert.ok(world.proxy.requests.some(({ line }) => line.startsWith("DELETE ") && line.includes("upload_id=")));
  assert.deepEqual(await filesOf(world), []);
});

test("an upload goes on after a chunk's connection is lost and after a 503", async (t) => {
  const { objects, proxy } = await openStorageObjects(t);
  const content = Array.from({ length: 20 }, () => randomBytes(MIB));
  let puts = 0;
  proxy.fault = (line) => {
    if (!line.startsWith("PUT ")) return undefined;
    puts++;
    return puts === 2 ? { cutAfter: 0 } : puts === 4 ? { status: 503 } : undefined;
  };
  const written = await objects.write("dump.gz", from(content));
  assert.equal(written.bytes, 20 * MIB);
  assert.ok(Buffer.concat(content).equals(await textAsBytes(objects.read("dump.gz"))));
});

test("an upload whose last answer is lost has not failed", async (t) => {
  const { objects, proxy } = await openStorageObjects(t);
  let lost = false;
  proxy.fault = () => {
    if (lost) return undefined;
    lost = proxy.requests.at(-1)?.headers["content-range"]?.endsWith(`/${20 * MIB}`) ?? false;
    return lost ? { cutAfter: 0 } : undefined;
  };
  const written = await objects.write("dump.gz", from(Array.from({ length: 20 }, () => randomBytes(MIB))));
  assert.ok(lost);
  assert.deepEqual(await objects.stat("dump.gz"), written);
});

test("what another writes at the same moment is not overwritten", async (t) => {
  const { objects } = await openStorageObjects(t);
  async function* slow() {
    yield Buffer.from("mine");
    await objects.write("contested", bytes("theirs"));
  }
  await assert.rejects(objects.write("contested", slow()), { name: "RetryAfter", code: "OBJECT_CHANGED" });
  assert.equal(await textOf(objects.read("contested")), "theirs");
});

test("a hundred parts are joined in their order, and nothing else is left", async (t) => {
  const { objects } = await openStorageObjects(t);
  const parts = Array.from({ length: 100 }, (_, i) => `parts/${String(i).padStart(3, "0")}`);
  for (const part of parts) await objects.write(part, bytes(`${part} `));
  const whole = await objects.compose("whole.sql.gz", parts);
  assert.equal(await textOf(objects.read("whole.sql.gz", whole.generation)), parts.map((part) => `${part} `).join(""));
  const names = (await objects.list("")).map(({ name }) => name);
  assert.deepEqual(names, [...parts, "whole.sql.gz"]);
});

test("a part that is missing is the one that is named", async (t) => {
  const { objects } = await openStorageObjects(t);
  await objects.write("a", bytes("a"));
  await assert.rejects(objects.compose("whole", ["a", "b"]), { code: "OBJECT_GONE", message: /`gs:\/\/dumps\/b`/ });
});

test("memory does not grow with the object", async (t) => {
  const { objects } = await openStorageObjects(t);
  const block = randomBytes(MIB);
  let most = 0;
  const watch = () => void (most = Math.max(most, process.memoryUsage().arrayBuffers));
  async function* large() {
    for (let i = 0; i < 160; i++) {
      watch();
      yield block;
    }
  }
  await objects.write("large", large());
  for await (const chunk of objects.read("large")) if (chunk.byteLength > 0) watch();
  assert.ok(most < 120 * MIB, `${most} bytes of buffers`);
});

test("a missing permission is named with who lacks it and what to grant", async (t) => {
  const world = await openStorageObjects(t);
  await world.objects.write("a", bytes("a"));
  const stranger = await world.as(STRANGER);
  await assert.rejects(stranger.list(""), {
    name: "FatalError",
    code: "BUCKET_DENIED",
    message: `Cloud Storage refuses \`gs://dumps\`: \`${STRANGER}\` lacks \`storage.objects.list\`. Grant it \`roles/storage.objectUser\` on the bucket \`dumps\`, then replay the run.`,
  });
  await assert.rejects(textOf(stranger.read("a")), { code: "BUCKET_DENIED", message: /`storage\.objects\.get`/ });
  await assert.rejects(stranger.write("b", bytes("b")), { code: "BUCKET_DENIED" });
  await assert.rejects(stranger.remove("a"), { code: "BUCKET_DENIED", message: /`storage\.objects\.delete`/ });
});

test("a bucket that is not there is not taken for a missing object", async (t) => {
  const { as } = await openStorageObjects(t);
  const objects = await as(STAGE, "gs://no-such-bucket/prefix");
  const questions = [
    () => objects.stat("a"),
    () => objects.list(""),
    () => objects.write("a", bytes("a")),
    () => textOf(objects.read("a")),
  ];
  for (const ask of questions) {
    await assert.rejects(ask, { name: "FatalError", code: "BUCKET_MISSING", message: /`no-such-bucket`/ });
  }
});

test("trouble at Google's is tried again, and then told as such", async (t) => {
  const { objects, proxy } = await openStorageObjects(t);
  await objects.write("a", bytes("a"));
  let busy = 2;
  proxy.fault = () => (busy-- > 0 ? { status: 503 } : undefined);
  assert.equal((await objects.stat("a"))?.bytes, 1);
  const refusals = [
    [403, { reason: "retentionPolicyNotMet" }, "OBJECT_RETAINED"],
    [403, { reason: "accountDisabled" }, "BILLING_DISABLED"],
    [403, { reason: "accessNotConfigured" }, "API_NOT_ENABLED"],
    [401, { reason: "authError" }, "CREDENTIALS_REFUSED"],
  ] as const;
  for (const [status, error, code] of refusals) {
    proxy.fault = () => ({ status, json: { error: { code: status, message: "No.", errors: [error] } } });
    await assert.rejects(objects.remove("a"), { name: "FatalError", code });
  }
});

test("folders that the console makes are no objects", async (t) => {
  const world = await openStorageObjects(t, { prefix: "/team" });
  const bucket = await world.as(STAGE, `gs://${BUCKET}`);
  await bucket.write("team/inbox/", bytes(""));
  await bucket.write("teamwork", bytes("not ours"));
  await world.objects.write("inbox/a.sql", bytes("a"));
  assert.deepEqual(
    (await world.objects.list("")).map(({ name }) => name),
    ["inbox/a.sql"],
  );
  const { objects } = world;
  assert.equal(objects.locate({ bucket: BUCKET, name: "team/inbox/" }), undefined);
  assert.equal(objects.locate({ bucket: BUCKET, name: "teamwork" }), undefined);
  assert.equal(objects.locate({ bucket: BUCKET, name: "team/inbox/a.sql" }), "inbox/a.sql");
});

test("a bucket that keeps what is deleted is refused, with every setting that does so", async (t) => {
  const forgets = await openStorageObjects(t, { resource: { softDeletePolicy: { retentionDurationSeconds: "0" } } });
  forgets.grants.push({ bucket: BUCKET, member: STAGE, permissions: ["storage.buckets.get"] });
  await forgets.objects.checkForgets();
  const keeps = await openStorageObjects(t, {
    resource: {
      softDeletePolicy: { retentionDurationSeconds: "604800" },
      versioning: { enabled: true },
      retentionPolicy: { retentionPeriod: "60" },
      defaultEventBasedHold: true,
    },
  });
  keeps.grants.push({ bucket: BUCKET, member: STAGE, permissions: ["storage.buckets.get"] });
  await assert.rejects(keeps.objects.checkForgets(), {
    name: "FatalError",
    code: "BUCKET_REMEMBERS",
    message:
      /for 7 days .*--clear-soft-delete.*--no-versioning.*--clear-retention-period.*--no-default-event-based-hold/,
  });
});

async function* from(chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* chunks;
}

async function textAsBytes(source: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of source) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function filesOf({ directory }: ObjectsWorld): Promise<string[]> {
  const entries = await readdir(join(directory, BUCKET), { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map(({ name }) => name);
}
