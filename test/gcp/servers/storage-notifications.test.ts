// The test's Cloud Storage tells Pub/Sub what happens to its objects.
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { test } from "node:test";
import { afterTest } from "../../support/cleanup.ts";
import { ROLES } from "./storage/grants.ts";
import { startStorageServer } from "./storage/server.ts";
import { ADMIN, BUCKET, openStorageWorld } from "./storage/test-world.ts";

const TOPIC = "projects/understudy/topics/understudy-shop-dump-finalized";

test("an object that is complete is published once, with the attributes that Cloud Storage documents", async (t) => {
  const { bucket, published } = await openStorageWorld(t, {
    notifications: [{ topic: TOPIC, eventTypes: ["OBJECT_FINALIZE"], objectNamePrefix: "runs/" }],
  });
  const file = bucket.file("runs/one/a.sql.gz");
  await bucket.file("inbox/a.sql.gz").save("not below the prefix", { resumable: false });
  await file.save("bytes", { resumable: false, contentType: "application/gzip" });
  await file.setMetadata({ metadata: { not: "finalized" } });
  const first = String(file.metadata.generation);
  await file.save("again", { resumable: false });
  await file.delete();

  assert.deepEqual(
    published.map(({ topic }) => topic),
    [TOPIC, TOPIC],
  );
  const { eventTime, ...attributes } = published[0]?.message.attributes ?? {};
  assert.ok(Math.abs(Date.parse(eventTime ?? "") - Date.now()) < 10_000);
  assert.deepEqual(attributes, {
    eventType: "OBJECT_FINALIZE",
    payloadFormat: "JSON_API_V1",
    bucketId: BUCKET,
    objectId: file.name,
    objectGeneration: first,
    notificationConfig: `projects/_/buckets/${BUCKET}/notificationConfigs/1`,
  });
  assert.partialDeepStrictEqual(JSON.parse(String(published[0]?.message.data)), {
    ...{ kind: "storage#object", name: file.name, bucket: BUCKET, generation: first, size: "5" },
    contentType: "application/gzip",
  });
  assert.equal(published[1]?.message.attributes["overwroteGeneration"], first);
});

test("compositions, copies and removals are published, too", async (t) => {
  const { bucket, published } = await openStorageWorld(t, {
    notifications: [{ topic: TOPIC, payloadFormat: "NONE", customAttributes: { pipeline: "shop" } }],
  });
  const file = bucket.file("a");
  await file.save("bytes", { resumable: false });
  await bucket.combine([file], "b");
  await file.copy("c");
  await file.delete();
  const told = published.map(({ message: { attributes } }) => [attributes["eventType"], attributes["objectId"]]);
  assert.deepEqual(told, [
    ["OBJECT_FINALIZE", "a"],
    ["OBJECT_FINALIZE", "b"],
    ["OBJECT_FINALIZE", "c"],
    ["OBJECT_DELETE", "a"],
  ]);
  const [first] = published;
  assert.deepEqual([first?.message.data.length, first?.message.attributes["pipeline"]], [0, "shop"]);
});

test("a topic that refuses holds no upload up, and is told later", async (t) => {
  const directory = await mkdtemp(join(tmpdir(), "storage-notifications-"));
  afterTest(t, () => rm(directory, { recursive: true }));
  let refusals = 2;
  const told: string[] = [];
  const server = await startStorageServer({
    directory,
    buckets: [{ name: BUCKET, notifications: [{ topic: TOPIC }] }],
    grants: [{ bucket: BUCKET, member: ADMIN, permissions: ROLES["roles/storage.objectAdmin"] }],
    authorize: () => undefined,
    publish: async (_, { attributes }) => {
      if (refusals-- > 0) throw new Error("not now");
      told.push(String(attributes["objectId"]));
    },
  });
  afterTest(t, () => server.close());
  await server.as(ADMIN).write(BUCKET, "one", Readable.from([]));
  assert.deepEqual(told, []);
  while (told.length === 0) await sleep(20);
  assert.deepEqual(told, ["one"]);
});

test("a bucket lists its notification configurations to who may see the bucket", async (t) => {
  const { bucket, grants } = await openStorageWorld(t, {
    notifications: [{ topic: TOPIC, eventTypes: ["OBJECT_FINALIZE"], objectNamePrefix: "shop/" }],
  });
  await assert.rejects(bucket.getNotifications(), { code: 403, message: /storage\.buckets\.get access/ });
  grants.push({ bucket: BUCKET, member: ADMIN, permissions: ["storage.buckets.get"] });
  const [[configured]] = await bucket.getNotifications();
  assert.partialDeepStrictEqual(configured?.metadata, {
    ...{ id: "1", topic: `//pubsub.googleapis.com/${TOPIC}`, event_types: ["OBJECT_FINALIZE"] },
    ...{ object_name_prefix: "shop/", payload_format: "JSON_API_V1" },
  });
  const [{ iamConfiguration }] = await bucket.getMetadata();
  assert.equal(iamConfiguration?.uniformBucketLevelAccess?.enabled, true);
});
