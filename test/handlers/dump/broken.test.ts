// Broken input is told from whole input, with the offset at which it breaks.
import assert from "node:assert/strict";
import { test } from "node:test";
import { gunzipSync, gzipSync } from "node:zlib";
import { gunzipped, gzipped } from "../../../handlers/dump/index.ts";
import { dumpOf, inChunks, rewrite, samples } from "./rewriting.ts";

const sample = samples.find(({ name }) => name === "mysql-9.7.sql")!.dump;

async function collect(input: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of input) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function* failing(head: Buffer) {
  yield head;
  throw new Error("connection reset");
}

test("a dump that is cut off anywhere is refused, and the message says where it ends", async () => {
  const end = sample.indexOf("-- Dump completed") + "-- Dump completed".length;
  const lengths = [
    ...Array.from({ length: 200 }, (_, i) => end - 1 - i),
    ...Array.from({ length: 200 }, (_, i) => 1100 + i * 60),
  ];
  for (const length of lengths) {
    await assert.rejects(rewrite(sample.subarray(0, length)), (error) => {
      assert.ok(error instanceof Error && "code" in error);
      assert.equal(error.code, "DUMP_INCOMPLETE", `cut at ${length}`);
      const offset = Number(/\(byte (\d+) of/.exec(error.message)?.[1]);
      assert.ok(offset <= length && offset >= 0);
      return true;
    });
  }
});

test("a completion line in the middle does not make a dump complete", async () => {
  const dump = Buffer.from(`${dumpOf("").toString()}CREATE TABLE a (b int);\n`);
  await assert.rejects(rewrite(dump), { code: "DUMP_INCOMPLETE" });
});

for (const [what, bytes] of [
  ["nothing", Buffer.alloc(0)],
  ["a custom-format PostgreSQL dump", Buffer.from("PGDMP\u0001\u000e")],
  ["SQL of another tool", Buffer.from("-- phpMyAdmin SQL Dump\nCREATE TABLE a (b int);\n-- Dump completed\n")],
  ["a dump with text before it", Buffer.concat([Buffer.alloc(2000, "x"), dumpOf("")])],
] as const) {
  test(`not a dump: ${what}`, async () => {
    await assert.rejects(rewrite(bytes), { name: "FatalError", code: "DUMP_NOT_RECOGNISED" });
  });
}

test("a statement that is no INSERT and never ends is refused before it fills the memory", async () => {
  let fed = 0;
  async function* input() {
    yield dumpOf("").subarray(0, -43);
    for (;;) {
      fed += 1024 * 1024;
      yield Buffer.alloc(1024 * 1024, "CREATE ");
    }
  }
  await assert.rejects(rewrite(input()), { code: "DUMP_STATEMENT_TOO_LONG" });
  assert.ok(fed < 20 * 1024 * 1024);
});

test("gzip of one member or of several, in chunks of one byte, is decompressed; what is not gzip passes", async () => {
  const members = Buffer.concat([gzipSync(sample.subarray(0, 5000)), gzipSync(sample.subarray(5000))]);
  const everywhere = Array.from({ length: members.length }, (_, at) => at);
  assert.deepEqual(await collect(gunzipped(inChunks(members, everywhere))), sample);
  assert.deepEqual(await collect(gunzipped(inChunks(sample, [1, 2]))), sample);
  assert.deepEqual(await collect(gunzipped(inChunks(Buffer.alloc(0)))), Buffer.alloc(0));
});

test("what is compressed decompresses to the same", async () => {
  const compressed = await collect(gzipped(inChunks(sample, [10_000])));
  assert.deepEqual(gunzipSync(compressed), sample);
  assert.ok(compressed.length < sample.length);
});

test("gzip data that is cut off or damaged is refused with the offset", async () => {
  const packed = gzipSync(sample);
  const damaged = Buffer.from(packed);
  damaged.fill(0xff, 2000, 2100);
  for (const bytes of [packed.subarray(0, -1), packed.subarray(0, 2000), damaged]) {
    await assert.rejects(rewrite(gunzipped(inChunks(bytes, [100]))), (error) => {
      assert.ok(error instanceof Error && "code" in error);
      assert.equal(error.code, "DUMP_GZIP_CORRUPT");
      assert.match(error.message, /after \d+ compressed bytes were read, \d+ bytes came out/);
      return true;
    });
  }
});

test("an error of the input, compressed or not, comes through as it is", async () => {
  await assert.rejects(collect(gunzipped(failing(gzipSync(sample).subarray(0, 3000)))), /connection reset/);
  await assert.rejects(rewrite(gunzipped(failing(sample.subarray(0, 3000)))), /connection reset/);
  await assert.rejects(collect(gzipped(failing(sample))), /connection reset/);
});

test("leaving early closes a compressed input", async () => {
  let closed = false;
  async function* input() {
    try {
      for (;;) yield gzipSync(sample);
    } finally {
      closed = true;
    }
  }
  for await (const chunk of gzipped(gunzipped(input()))) if (chunk.length > 0) break;
  assert.equal(closed, true);
});
