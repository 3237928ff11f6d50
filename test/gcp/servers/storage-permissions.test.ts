// The test's Cloud Storage: each account may do what it was granted, and is told what it lacks.
import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { test } from "node:test";
import type { Permission } from "./storage/grants.ts";
import { ADMIN, BUCKET, openStorageWorld, OTHER, type StorageWorld } from "./storage/test-world.ts";

test("an account without a permission is told which one it lacks", async (t) => {
  const world = await openStorageWorld(t);
  await world.bucket.file("one").save("x", { resumable: false });
  const bucket = await world.bucketAs(OTHER);
  const lacks = (permission: string, what: string) => ({
    code: 403,
    message: `${OTHER} does not have ${permission} access to the Google Cloud Storage ${what}. Permission '${permission}' denied on resource (or it may not exist).`,
  });
  const file = bucket.file("one");
  await assert.rejects(file.getMetadata(), lacks("storage.objects.get", "object"));
  await assert.rejects(file.download(), { code: 403 });
  await assert.rejects(file.save("y", { resumable: false }), lacks("storage.objects.create", "object"));
  await assert.rejects(file.createResumableUpload(), lacks("storage.objects.create", "object"));
  await assert.rejects(file.delete(), lacks("storage.objects.delete", "object"));
  await assert.rejects(file.setMetadata({ metadata: { a: "b" } }), lacks("storage.objects.update", "object"));
  await assert.rejects(bucket.getFiles(), lacks("storage.objects.list", "bucket"));
  await assert.rejects(bucket.getMetadata(), lacks("storage.buckets.get", "bucket"));
  await assert.rejects(bucket.iam.getPolicy(), lacks("storage.buckets.getIamPolicy", "bucket"));

  grant(world, ["storage.objects.get"]);
  assert.equal((await file.download())[0].toString(), "x", "granted at once");
});

test("a token that nobody gave out is a 401", async (t) => {
  const { server } = await openStorageWorld(t);
  const status = async (headers: Record<string, string>) =>
    (await fetch(`${server.url}/storage/v1/b/${BUCKET}/o`, { headers })).status;
  assert.equal(await status({}), 401);
  assert.equal(await status({ authorization: "Bearer ya29.c.made-up" }), 401);
});

test("who may create and not delete cannot overwrite", async (t) => {
  const world = await openStorageWorld(t);
  grant(world, ["storage.objects.create"]);
  const bucket = await world.bucketAs(OTHER);
  await bucket.file("one").save("x", { resumable: false });
  await assert.rejects(bucket.file("one").save("y", { resumable: false }), {
    code: 403,
    message: /storage\.objects\.delete access/,
  });
  assert.equal((await world.bucket.file("one").download())[0].toString(), "x");
});

test("that an object is not there is told only to who may list", async (t) => {
  const world = await openStorageWorld(t);
  grant(world, ["storage.objects.get"]);
  const bucket = await world.bucketAs(OTHER);
  await assert.rejects(bucket.file("gone").exists(), { code: 403, message: /storage\.objects\.list access/ });
  grant(world, ["storage.objects.list"]);
  assert.deepEqual(await bucket.file("gone").exists(), [false]);
});

test("a grant below a prefix holds for no other object, and lets nobody list", async (t) => {
  const world = await openStorageWorld(t);
  grant(world, ["storage.objects.create", "storage.objects.list"], "inbox/");
  const bucket = await world.bucketAs(OTHER);
  await bucket.file("inbox/a").save("x", { resumable: false });
  await assert.rejects(bucket.file("runs/a").save("x", { resumable: false }), { code: 403 });
  await assert.rejects(bucket.getFiles({ prefix: "inbox/" }), { code: 403 });
});

test("within the process an account has the same permissions", async (t) => {
  const { server } = await openStorageWorld(t);
  const [admin, other] = [server.as(ADMIN), server.as(OTHER)];
  await admin.write(BUCKET, "one", Readable.from([Buffer.from("by"), Buffer.from("tes")]));
  assert.equal(admin.exists(BUCKET, "one"), true);
  assert.equal(Buffer.concat(await admin.read(BUCKET, "one").toArray()).toString(), "bytes");
  const denied = { code: 403, reason: "forbidden" };
  assert.throws(() => other.read(BUCKET, "one"), denied);
  assert.throws(() => other.exists(BUCKET, "one"), denied);
  await assert.rejects(other.write(BUCKET, "two", Readable.from([])), denied);
  const once = admin.write(BUCKET, "one", Readable.from([]), { preconditions: { generationMatch: 0 } });
  await assert.rejects(once, { code: 412 });
});

test("a bucket shows its IAM policy, and what of a list of permissions the caller holds", async (t) => {
  const world = await openStorageWorld(t);
  grant(world, ["storage.objects.create"], "inbox/");
  world.grants.push({ bucket: BUCKET, member: ADMIN, permissions: ["storage.buckets.getIamPolicy"] });
  const [policy] = await world.bucket.iam.getPolicy({ requestedPolicyVersion: 3 });
  assert.partialDeepStrictEqual(policy.bindings, [
    { role: "roles/storage.objectAdmin", members: [`serviceAccount:${ADMIN}`] },
    {
      role: "roles/storage.objectCreator",
      members: [`serviceAccount:${OTHER}`],
      condition: { expression: `resource.name.startsWith("projects/_/buckets/${BUCKET}/objects/inbox/")` },
    },
  ]);
  const asked = ["storage.objects.get", "storage.buckets.get"];
  const [held] = await world.bucket.iam.testPermissions(asked);
  assert.deepEqual(held, { "storage.objects.get": true, "storage.buckets.get": false });
});

function grant({ grants }: StorageWorld, permissions: Permission[], objectNamePrefix?: string): void {
  grants.push({ bucket: BUCKET, member: OTHER, permissions, ...(objectNamePrefix && { objectNamePrefix }) });
}
