// Compressing with several threads: one gzip file, whatever comes.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { buffer } from "node:stream/consumers";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";
import { compressed } from "../../../../deploy/local/sql-admin/compress.ts";

async function* chunks(whole: Buffer, bytes: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < whole.length; at += bytes) yield whole.subarray(at, at + bytes);
}

test("what is compressed in parts comes back whole and in its order", async () => {
  const whole = Buffer.concat([randomBytes(5_000_000), Buffer.from("a row\n".repeat(1_000_000))]);
  for (const bytes of [whole.length, 1_048_576, 70_000]) {
    const file = await buffer(compressed(chunks(whole, bytes)));
    assert.ok(gunzipSync(file).equals(whole), `chunks of ${bytes} bytes`);
    assert.ok(file.length < 5_200_000);
  }
  assert.equal(gunzipSync(await buffer(compressed(chunks(Buffer.alloc(0), 1)))).length, 0);
});

test("an input that fails fails the file", async () => {
  async function* failing() {
    yield* chunks(randomBytes(3_000_000), 100_000);
    throw new Error("The tool stopped.");
  }
  await assert.rejects(buffer(compressed(failing())), { message: "The tool stopped." });
});
