// The test's Cloud Storage, written to: whole uploads, and resumable ones that are cut off, resumed and cancelled.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { readdir } from "node:fs/promises";
import { request } from "node:http";
import { type AddressInfo, connect, createServer } from "node:net";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { test, type TestContext } from "node:test";
import { afterTest } from "../../support/cleanup.ts";
import { ADMIN, BUCKET, openStorageWorld, type StorageWorld } from "./storage/test-world.ts";

const KIB = 1024;
const MIB = 1024 * KIB;

test("bytes that are not those of the given checksum are refused", async (t) => {
  const world = await openStorageWorld(t);
  const file = world.bucket.file("one");
  for (const metadata of [{ crc32c: "AAAAAA==" }, { md5Hash: "AAAAAAAAAAAAAAAAAAAAAA==" }]) {
    const wrong = file.save("bytes", { resumable: false, validation: false, metadata });
    await assert.rejects(wrong, { code: 400, message: /Provided (CRC32C|MD5 hash) ".*" doesn't match calculated/ });
  }
  await file.save("123456789", { resumable: false, metadata: { crc32c: "4waSgw==" } }); // RFC 3720's own example
  await file.delete();
  await assertNothingLeft(world);
});

test("a media upload takes its name from the address and its type from the header", async (t) => {
  const { send, bucket } = await openStorageWorld(t);
  const init = { method: "POST", body: "bytes", headers: { "content-type": "text/plain" } };
  const response = await send(`/upload/storage/v1/b/${BUCKET}/o?uploadType=media&name=a%2Fb`, init);
  assert.partialDeepStrictEqual(await response.json(), { name: "a/b", contentType: "text/plain", size: "5" });
  assert.equal((await bucket.file("a/b").download())[0].toString(), "bytes");
});

test("a multipart upload's bytes may look like its boundary", async (t) => {
  const { send, bucket } = await openStorageWorld(t);
  const upload = async (media: string, end = "\r\n--xx--\r\n") => {
    const head = `--xx\r\nContent-Type: application/json\r\n\r\n{"name":"m"}\r\n--xx\r\nContent-Type: text/sql\r\n\r\n`;
    const headers = { "content-type": 'multipart/related; boundary="xx"' };
    const init = { method: "POST", body: head + media + end, headers };
    return send(`/upload/storage/v1/b/${BUCKET}/o?uploadType=multipart`, init);
  };
  for (const media of ["", "\r\n--xx\r\n\r\n--xx-", "--xx--\r\n", "x".repeat(300_000)]) {
    assert.equal((await upload(media)).status, 200);
    assert.equal((await bucket.file("m").download())[0].toString(), media);
  }
  assert.equal((await upload("cut o", "")).status, 400);
  assert.equal((await bucket.file("m").getMetadata())[0].contentType, "text/sql");
});

test("the client resumes an upload of 5 MiB whose connection breaks within a chunk", async (t) => {
  const world = await openStorageWorld(t);
  const proxy = await startBreakingProxy(t, world.server.url, 2.6 * MIB);
  const bucket = await world.bucketAs(ADMIN, { apiEndpoint: proxy.url });
  const bytes = randomBytes(5 * MIB + 77);
  const file = bucket.file("big");
  const preconditionOpts = { ifGenerationMatch: 0 }; // without one the client tries nothing again
  const [uri] = await file.createResumableUpload({ preconditionOpts });
  await pipeline(
    Readable.from(slices(bytes, 64 * KIB)),
    file.createWriteStream({ uri, chunkSize: MIB, preconditionOpts }),
  );

  assert.equal(proxy.broken(), 1);
  assert.ok(proxy.bytes() < bytes.length + 1.1 * MIB, "only the chunk that was cut was sent again");
  assert.ok((await file.download({ validation: "crc32c" }))[0].equals(bytes));
});

test("another process finishes what one that was killed began", async (t) => {
  const world = await openStorageWorld(t);
  const bytes = randomBytes(4 * MIB);
  const file = world.bucket.file("big");
  const [uri] = await file.createResumableUpload();
  const killed = new AbortController();
  async function* half() {
    yield* slices(bytes.subarray(0, 2.5 * MIB), 64 * KIB);
    killed.abort();
    yield Buffer.alloc(0);
  }
  await assert.rejects(
    pipeline(Readable.from(half()), file.createWriteStream({ uri, chunkSize: MIB }), { signal: killed.signal }),
  );
  assert.deepEqual(await file.exists(), [false], "nothing is seen before all of it is there");
  const { range = "" } = await put(uri, "", "bytes */*");
  assert.ok(Number(range.split("-")[1]) + 1 >= MIB, "the first chunk was acknowledged before the second was taken");

  await pipeline(Readable.from(slices(bytes, 64 * KIB)), file.createWriteStream({ uri, chunkSize: MIB }));
  assert.ok((await file.download({ validation: "crc32c" }))[0].equals(bytes));
});

test("a session says which bytes it holds, in whole multiples of 256 KiB", async (t) => {
  const world = await openStorageWorld(t);
  const uri = await startUpload(world, "one");
  assert.partialDeepStrictEqual(await put(uri, "", "bytes */*"), { status: 308, range: undefined });

  const bytes = randomBytes(600 * KIB);
  assert.partialDeepStrictEqual(await put(uri, bytes.subarray(0, 300 * KIB), `bytes 0-${300 * KIB - 1}/*`), {
    status: 308,
    range: `bytes=0-${256 * KIB - 1}`,
  });
  assert.partialDeepStrictEqual(await put(uri, "", "bytes */*"), { status: 308, range: `bytes=0-${256 * KIB - 1}` });
  const gap = await put(uri, bytes.subarray(300 * KIB), `bytes ${300 * KIB}-${600 * KIB - 1}/*`);
  assert.match(gap.text, /offset is 307200 byte\(s\), which exceeds already uploaded size of 262144 byte/);
  const short = await put(uri, bytes.subarray(0, 7), "bytes 262144-262151/*");
  assert.match(short.text, /There were 7 byte\(s\) in the request body. There should have been 8 byte/);

  // What is known already may be sent again: it is passed over.
  const rest = await put(uri, bytes.subarray(200 * KIB), `bytes ${200 * KIB}-${600 * KIB - 1}/${600 * KIB}`);
  assert.equal(rest.status, 200);
  assert.equal(
    (await put(uri, bytes.subarray(-7), "bytes 614393-614399/614400")).status,
    200,
    "an answer that was lost",
  );
  assert.equal((await put(uri, "", "bytes */*")).status, 200, "asked again, it says that it is done");
  assert.ok((await world.bucket.file("one").download())[0].equals(bytes));
});

test("a total that comes last ends an upload", async (t) => {
  const world = await openStorageWorld(t);
  const uri = await startUpload(world, "one");
  await put(uri, Buffer.alloc(256 * KIB), `bytes 0-${256 * KIB - 1}/*`);
  assert.equal((await put(uri, "", `bytes */${256 * KIB}`)).status, 200);
  const empty = await startUpload(world, "empty");
  assert.equal((await put(empty, "", "bytes */0")).status, 200);
  const [files] = await world.bucket.getFiles();
  assert.deepEqual(
    files.map(({ name, metadata }) => [name, metadata.size]),
    [
      ["empty", "0"],
      ["one", String(256 * KIB)],
    ],
  );
});

test("a corrupt resumable upload is refused at its end and leaves nothing", async (t) => {
  const world = await openStorageWorld(t);
  const uri = await startUpload(world, "one");
  const refused = await put(uri, "bytes", "bytes 0-4/5", { "x-goog-hash": "crc32c=AAAAAA==" });
  assert.equal(refused.status, 400);
  assert.equal((await put(uri, "bytes", "bytes 0-4/5")).status, 404, "the session ended with it");
  await assertNothingLeft(world);
});

test("a precondition that no longer holds at the end of an upload refuses it", async (t) => {
  const world = await openStorageWorld(t);
  const file = world.bucket.file("one");
  const uri = await startUpload(world, "one", "&ifGenerationMatch=0");
  await file.save("faster", { resumable: false });
  assert.equal((await put(uri, "slower", "bytes 0-5/6")).status, 412);
  assert.equal((await file.download())[0].toString(), "faster");
  await assert.rejects(startUpload(world, "one", "&ifGenerationMatch=0"), /412/);
});

test("a cancelled session answers 499 and leaves nothing", async (t) => {
  const world = await openStorageWorld(t);
  const uri = await startUpload(world, "one");
  await put(uri, Buffer.alloc(256 * KIB), `bytes 0-${256 * KIB - 1}/*`);
  assert.equal((await fetch(uri, { method: "DELETE" })).status, 499);
  assert.equal((await put(uri, "", "bytes */*")).status, 499);
  await assertNothingLeft(world);
});

test("a body that breaks off midway keeps its whole multiples", async (t) => {
  const world = await openStorageWorld(t);
  const uri = await startUpload(world, "one");
  const headers = { "content-range": `bytes 0-${2 * MIB - 1}/*`, "content-length": 2 * MIB };
  const broken = request(uri, { method: "PUT", headers });
  broken.on("error", () => {});
  broken.write(Buffer.alloc(700 * KIB, 1));
  const kept = `bytes=0-${512 * KIB - 1}`;
  // Asking takes the session over from the request that still hangs.
  while ((await readdir(join(world.directory, BUCKET, "incoming"))).length === 0) await new Promise(setImmediate);
  await new Promise((done) => setTimeout(done, 100));
  assert.partialDeepStrictEqual(await put(uri, "", "bytes */*"), { status: 308, range: kept });
  broken.destroy();
});

test("the last chunk sent twice at once makes one object", async (t) => {
  const world = await openStorageWorld(t);
  const uri = await startUpload(world, "one");
  const answers = await Promise.allSettled([put(uri, "bytes", "bytes 0-4/5"), put(uri, "bytes", "bytes 0-4/5")]);
  const statuses = answers.map((answer) => (answer.status === "fulfilled" ? answer.value.status : "broken off"));
  assert.ok(statuses.includes(200) && !statuses.includes(500), statuses.join());
  assert.equal((await world.bucket.file("one").download())[0].toString(), "bytes");
  assert.equal((await readdir(join(world.directory, BUCKET))).length, 2, "one file, and the folder for uploads");
});

async function startUpload({ send }: StorageWorld, name: string, query = ""): Promise<string> {
  const init = { method: "POST", body: "{}" };
  const response = await send(`/upload/storage/v1/b/${BUCKET}/o?uploadType=resumable&name=${name}${query}`, init);
  assert.equal(response.status, 200);
  return response.headers.get("location") ?? "";
}

async function put(uri: string, body: string | Buffer, contentRange: string, headers: Record<string, string> = {}) {
  const response = await fetch(uri, {
    method: "PUT",
    body: Buffer.from(body),
    headers: { "content-range": contentRange, ...headers },
  });
  const range = response.headers.get("range") ?? undefined;
  return { status: response.status, range, text: await response.text() };
}

async function assertNothingLeft({ bucket, directory }: StorageWorld): Promise<void> {
  const [files] = await bucket.getFiles();
  assert.deepEqual(files, []);
  assert.deepEqual(await readdir(join(directory, BUCKET), { recursive: true }), ["incoming"]);
}

function* slices(bytes: Buffer, size: number): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** Forwards to `target`, and breaks one connection, when so many bytes have gone there in all. */
async function startBreakingProxy(t: TestContext, target: string, breakAtBytes: number) {
  let bytes = 0;
  let broken = 0;
  const { port, hostname } = new URL(target);
  const server = createServer((client) => {
    const upstream = connect(Number(port), hostname);
    client.on("data", (chunk) => {
      bytes += chunk.length;
      upstream.write(chunk);
      if (broken > 0 || bytes < breakAtBytes) return;
      broken++;
      client.destroy();
      upstream.destroy();
    });
    upstream.pipe(client);
    client.on("close", () => upstream.destroy());
    client.on("error", () => upstream.destroy());
    upstream.on("error", () => client.destroy());
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  afterTest(t, async () => void server.close());
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    bytes: () => bytes,
    broken: () => broken,
  };
}
