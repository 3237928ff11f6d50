// The test's Cloud Storage, asked by the vendor's client: reading, listing, composing, copying, removing.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { type ApiError, CRC32C, type File } from "@google-cloud/storage";
import { ADMIN, BUCKET, openStorageWorld } from "./storage/test-world.ts";

test("an object has the checksums of its bytes, a growing generation and metageneration 1", async (t) => {
  const { bucket } = await openStorageWorld(t);
  const file = bucket.file("runs/one/production.sql.gz");
  const bytes = randomBytes(300_000);
  const before = Date.now() * 1000;
  const crc = new CRC32C();
  crc.update(bytes);

  await file.save(bytes, { resumable: false, contentType: "application/gzip" });
  const [first] = await file.getMetadata();
  assert.equal(first.crc32c, crc.toString());
  assert.equal(first.metageneration, "1");
  assert.equal(first.contentType, "application/gzip");
  assert.equal(Number(first.size), bytes.length);
  assert.ok(Number(first.generation) >= before, "microseconds");

  await file.save("other", { resumable: false });
  const [second] = await file.getMetadata();
  assert.ok(Number(second.generation) > Number(first.generation));
  await file.setMetadata({ metadata: { run: "one" } });
  const [third] = await file.getMetadata();
  assert.deepEqual([third.generation, third.metageneration], [second.generation, "2"]);
  assert.deepEqual(third.metadata, { run: "one" });
});

test("a reader gets the whole object or a range of it", async (t) => {
  const { bucket, send } = await openStorageWorld(t);
  const file = bucket.file("a b/ü?.bin");
  const bytes = randomBytes(1_000_000);
  await file.save(bytes, { resumable: false });

  const [whole] = await file.download({ validation: "crc32c" });
  assert.ok(whole.equals(bytes));
  assert.ok((await read(file, { start: 10, end: 19 })).equals(bytes.subarray(10, 20)), "both ends count");
  assert.ok((await read(file, { start: 999_990 })).equals(bytes.subarray(999_990)));
  assert.ok((await read(file, { end: -7 })).equals(bytes.subarray(-7)), "the last ones");
  await assert.rejects(read(file, { start: 1_000_000 }), { code: 416 });

  const path = `/storage/v1/b/${BUCKET}/o/${encodeURIComponent(file.name)}?alt=media`;
  const part = await send(path, { headers: { range: "bytes=0-4" } });
  assert.equal(part.status, 206);
  assert.equal(part.headers.get("content-range"), "bytes 0-4/1000000");
  assert.match(part.headers.get("x-goog-hash") ?? "", /^crc32c=.{8},md5=.{24}$/);
  await part.arrayBuffer();
});

test("a generation that is not the live one is refused to a reader", async (t) => {
  const { bucket, send } = await openStorageWorld(t);
  const file = bucket.file("one");
  await file.save("old", { resumable: false });
  const stale = Number(file.metadata.generation);
  await file.save("new", { resumable: false });

  await assert.rejects(bucket.file("one", { generation: stale }).download(), {
    code: 404,
    message: /No such object: dumps\/one/,
  });
  const conditional = async (query: string) => (await send(`/storage/v1/b/${BUCKET}/o/one?${query}`)).status;
  assert.equal(await conditional(`ifGenerationMatch=${stale}`), 412);
  assert.equal(await conditional(`ifGenerationNotMatch=${stale}`), 200);
  assert.equal(await conditional(`ifGenerationNotMatch=${Number(file.metadata.generation)}`), 304);
  assert.equal(await conditional("ifMetagenerationMatch=2"), 412);
  assert.equal(await conditional("ifGenerationMatch=x"), 400);
});

test("a reader that has begun reads its generation to the end", async (t) => {
  const { server, bucket } = await openStorageWorld(t);
  await bucket.file("one").save("old bytes", { resumable: false });
  const admin = server.as(ADMIN);
  const stream = admin.read(BUCKET, "one");
  admin.remove(BUCKET, "one");
  assert.equal(Buffer.concat(await stream.toArray()).toString(), "old bytes");
});

test("a writer's precondition decides between two writers", async (t) => {
  const { bucket } = await openStorageWorld(t);
  const file = bucket.file("one");
  await file.save("first", { resumable: false, preconditionOpts: { ifGenerationMatch: 0 } });
  const again = file.save("again", { resumable: false, preconditionOpts: { ifGenerationMatch: 0 } });
  await assert.rejects(again, (error: ApiError) => {
    assert.deepEqual([error.code, error.errors?.[0]?.reason], [412, "conditionNotMet"]);
    return true;
  });
  await assert.rejects(file.delete({ ifGenerationMatch: 1 }), { code: 412 });
  assert.equal((await file.download())[0].toString(), "first");
});

test("a list comes in pages, in the order of the names' bytes", async (t) => {
  const { bucket, send } = await openStorageWorld(t, { maxPage: 3 });
  const names = ["runs/1/a", "runs/1/b", "runs/2/a", "runs/é", "runs/z", "runs/😀", "runs/\uffee", "inbox/x"];
  for (const name of names) await bucket.file(name).save("", { resumable: false });

  const [files] = await bucket.getFiles({ prefix: "runs/" });
  const inOrder = ["runs/1/a", "runs/1/b", "runs/2/a", "runs/z", "runs/é", "runs/\uffee", "runs/😀"];
  assert.deepEqual(
    files.map(({ name }) => name),
    inOrder,
  );

  const [page, next] = await bucket.getFiles({ prefix: "runs/", maxResults: 2, autoPaginate: false });
  assert.deepEqual(
    page.map(({ name }) => name),
    inOrder.slice(0, 2),
  );
  assert.ok(next && "pageToken" in next);
  const response = await send(`/storage/v1/b/${BUCKET}/o?maxResults=1000`);
  const { items, kind } = (await response.json()) as { items: unknown[]; kind: string };
  assert.deepEqual([items.length, kind], [3, "storage#objects"], "never more than the server's page");
});

test("a list by delimiter has each folder once", async (t) => {
  const { bucket, send } = await openStorageWorld(t, { maxPage: 2 });
  for (const name of ["runs/1/a", "runs/1/b", "runs/2/a", "runs/3/a", "runs/x"]) {
    await bucket.file(name).save("", { resumable: false });
  }
  const seen: string[] = [];
  let token = "";
  do {
    const response = await send(`/storage/v1/b/${BUCKET}/o?prefix=runs/&delimiter=/&pageToken=${token}`);
    const page = (await response.json()) as { items: { name: string }[]; prefixes: string[]; nextPageToken?: string };
    seen.push(...page.prefixes, ...page.items.map(({ name }) => name));
    token = page.nextPageToken ?? "";
  } while (token !== "");
  assert.deepEqual(seen, ["runs/1/", "runs/2/", "runs/3/", "runs/x"]);
});

test("a partial response has the fields that were asked for and no other", async (t) => {
  const { bucket, send } = await openStorageWorld(t);
  await bucket.file("one").save("x", { resumable: false, metadata: { metadata: { a: "b", c: "d" } } });
  const ask = async (path: string) => (await send(`/storage/v1/b/${BUCKET}/${path}`)).json();
  const list = await ask("o?fields=items(name,metadata(a),size),prefixes,nextPageToken");
  assert.deepEqual(list, { items: [{ name: "one", size: "1", metadata: { a: "b" } }], prefixes: [] });
  assert.deepEqual(await ask("o/one?fields=name,metadata/c"), { name: "one", metadata: { c: "d" } });
  for (const fields of ["items(", "a,,b", "a)", "()"]) {
    assert.equal((await send(`/storage/v1/b/${BUCKET}/o?fields=${fields}`)).status, 400, fields);
  }
});

test("32 objects are composed into one; 33 are refused", async (t) => {
  const { bucket } = await openStorageWorld(t);
  const parts = Array.from({ length: 33 }, (_, index) => bucket.file(`part-${index}`));
  for (const [index, part] of parts.entries()) await part.save(`${index},`, { resumable: false });

  const [whole] = await bucket.combine(parts.slice(0, 32), "whole");
  const expected = Array.from({ length: 32 }, (_, index) => `${index},`).join("");
  assert.equal((await whole.download({ validation: "crc32c" }))[0].toString(), expected);
  const [metadata] = await whole.getMetadata();
  assert.deepEqual([metadata.componentCount, metadata.md5Hash], [32, undefined]);

  await assert.rejects(bucket.combine(parts, "more"), { code: 400, message: /\(33\) exceeds the maximum \(32\)/ });
  assert.deepEqual(await bucket.file("more").exists(), [false]);
});

test("compose checks the generation of each source and of the destination", async (t) => {
  const { bucket, send } = await openStorageWorld(t);
  for (const name of ["a", "b", "whole"]) await bucket.file(name).save(name, { resumable: false });
  const [{ generation }] = await bucket.file("a").getMetadata();
  const compose = async (sourceObjects: unknown[], query = "") => {
    const init = { method: "POST", body: JSON.stringify({ sourceObjects }) };
    return (await send(`/storage/v1/b/${BUCKET}/o/whole/compose?${query}`, init)).status;
  };
  assert.equal(await compose([{ name: "a", objectPreconditions: { ifGenerationMatch: "1" } }]), 412);
  assert.equal(await compose([{ name: "a", generation: "1" }]), 404);
  assert.equal(await compose([{ name: "a" }, { name: "gone" }]), 404);
  assert.equal(await compose([{ name: "a" }], "ifGenerationMatch=0"), 412);
  assert.equal(await compose([]), 400);
  assert.equal((await bucket.file("whole").download())[0].toString(), "whole");
  const exact = { name: "a", generation, objectPreconditions: { ifGenerationMatch: generation } };
  assert.equal(await compose([exact, { name: "b" }, { name: "whole" }]), 200);
  assert.equal((await bucket.file("whole").download())[0].toString(), "abwhole", "it may be its own source");
});

test("a copy has the bytes and fields of its source", async (t) => {
  const { bucket, send } = await openStorageWorld(t);
  await bucket.file("a").save("bytes", { resumable: false, contentType: "text/x", metadata: { metadata: { k: "v" } } });
  const [copy] = await bucket.file("a").copy("b");
  assert.equal((await copy.download())[0].toString(), "bytes");
  const [metadata] = await copy.getMetadata();
  assert.deepEqual([metadata.contentType, metadata.metadata], ["text/x", { k: "v" }]);
  const stale = `/storage/v1/b/${BUCKET}/o/a/rewriteTo/b/${BUCKET}/o/c?ifSourceGenerationMatch=1`;
  assert.equal((await send(stale, { method: "POST" })).status, 412);
});

test("what is removed is gone, and removing it again is a 404", async (t) => {
  const { bucket } = await openStorageWorld(t);
  const file = bucket.file("one");
  await file.save("x", { resumable: false });
  await file.delete();
  assert.deepEqual(await file.exists(), [false]);
  await assert.rejects(file.delete(), { code: 404, message: /No such object: dumps\/one/ });
  await file.delete({ ignoreNotFound: true });
  await assert.rejects(bucket.storage.bucket("nowhere").file("x").getMetadata(), {
    code: 404,
    message: /The specified bucket does not exist/,
  });
});

test("an object stored with Content-Encoding gzip comes unpacked to who does not take gzip", async (t) => {
  const { bucket, send } = await openStorageWorld(t);
  const packed = gzipSync("plain text");
  await bucket.file("a.gz").save(packed, { resumable: false, metadata: { contentEncoding: "gzip" } });
  const path = `/storage/v1/b/${BUCKET}/o/a.gz?alt=media`;
  const identity = await send(path, { headers: { "accept-encoding": "identity" } });
  assert.equal(identity.headers.get("content-encoding"), null);
  assert.equal(await identity.text(), "plain text");
  const [as] = await bucket.file("a.gz").download({ decompress: false });
  assert.ok(as.equals(packed));
});

async function read(file: File, range: { start?: number; end?: number }): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of file.createReadStream(range)) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
