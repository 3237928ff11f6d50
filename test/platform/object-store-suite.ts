// What every world's object store promises.
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { DumpFinalized } from "../../events/index.ts";
import { decode, type IncomingMessage } from "../../events/message.ts";
import type { Platform } from "../../contracts/platform.ts";
import { bytes, type PlatformUnderTest, textOf, until } from "./world.ts";

/** Opens a store of its own for one test, and the bus that its notifications go to. */
export type OpenObjects = (
  t: TestContext,
) => Promise<Pick<PlatformUnderTest, "subscribe" | "start"> & { readonly platform: Pick<Platform, "objects"> }>;

export function describeObjectStore(world: string, open: OpenObjects): void {
  test(`${world}: an object is read as it was written, in parts or whole`, async (t) => {
    const { objects } = (await open(t)).platform;
    const written = await objects.write("runs/one/dump.sql.gz", bytes("ab", "", "cdef"));
    assert.equal(written.bytes, 6);
    assert.match(written.generation, /^\d+$/);
    assert.deepEqual(await objects.stat("runs/one/dump.sql.gz"), written);
    assert.equal(await textOf(objects.read("runs/one/dump.sql.gz", written.generation)), "abcdef");
  });

  test(`${world}: an object may be empty`, async (t) => {
    const { objects } = (await open(t)).platform;
    const written = await objects.write("empty", bytes());
    assert.deepEqual(await objects.stat("empty"), written);
    assert.equal(written.bytes, 0);
    assert.equal(await textOf(objects.read("empty", written.generation)), "");
  });

  test(`${world}: every write has another generation, and only the last can be read`, async (t) => {
    const { objects } = (await open(t)).platform;
    const first = await objects.write("a", bytes("same"));
    const second = await objects.write("a", bytes("same"));
    assert.ok(BigInt(second.generation) > BigInt(first.generation));
    await assert.rejects(textOf(objects.read("a", first.generation)), { code: "OBJECT_GONE" });
    assert.equal(await textOf(objects.read("a", second.generation)), "same");
  });

  test(`${world}: what reads an object reads its generation to the end, whatever becomes of the name`, async (t) => {
    const { objects } = (await open(t)).platform;
    await objects.write("a", bytes("x".repeat(3_000_000)));
    let read = 0;
    for await (const chunk of objects.read("a")) {
      if (read === 0) await objects.write("a", bytes("short"));
      read += chunk.byteLength;
    }
    assert.equal(read, 3_000_000);
  });

  test(`${world}: a source that fails leaves nothing, and leaves what stood there before`, async (t) => {
    const { objects } = (await open(t)).platform;
    await assert.rejects(objects.write("new", failing()), /the source broke/);
    assert.equal(await objects.stat("new"), undefined);
    const before = await objects.write("old", bytes("whole"));
    await assert.rejects(objects.write("old", failing()), /the source broke/);
    assert.deepEqual(await objects.list(""), [before]);
    assert.equal(await textOf(objects.read("old")), "whole");
  });

  test(`${world}: bytes are not seen under the name before they are complete`, async (t) => {
    const { objects } = (await open(t)).platform;
    async function* watched() {
      yield Buffer.from("half");
      assert.equal(await objects.stat("slow"), undefined);
      yield Buffer.from("whole");
    }
    await objects.write("slow", watched());
    assert.equal((await objects.stat("slow"))?.bytes, 9);
  });

  test(`${world}: objects are composed in order into a new one, and stay`, async (t) => {
    const { objects } = (await open(t)).platform;
    for (const part of ["1", "2", "3"]) await objects.write(`parts/${part}`, bytes(part));
    const whole = await objects.compose("whole", ["parts/1", "parts/2", "parts/3", "parts/1"]);
    assert.equal(await textOf(objects.read("whole", whole.generation)), "1231");
    const one = await objects.compose("one", ["parts/2"]);
    await objects.remove("parts/2");
    assert.equal(await textOf(objects.read("one", one.generation)), "2");
    await assert.rejects(objects.compose("none", ["parts/2"]), { code: "OBJECT_GONE" });
    assert.equal(await objects.stat("none"), undefined);
  });

  test(`${world}: an object that is removed is gone, and removing it again does nothing`, async (t) => {
    const { objects } = (await open(t)).platform;
    await objects.write("runs/one/a", bytes("a"));
    await objects.remove("runs/one/a");
    await objects.remove("runs/one/a");
    assert.equal(await objects.stat("runs/one/a"), undefined);
    await assert.rejects(textOf(objects.read("runs/one/a")), { code: "OBJECT_GONE" });
    await objects.write("runs/one/a", bytes("again"));
  });

  test(`${world}: objects are listed by prefix, in the order of their names`, async (t) => {
    const { objects } = (await open(t)).platform;
    for (const name of ["runs/b/2", "runs/a/1", "runs-of-another/x", "top"]) await objects.write(name, bytes(name));
    const names = async (prefix: string) => (await objects.list(prefix)).map(({ name }) => name);
    assert.deepEqual(await names("runs/"), ["runs/a/1", "runs/b/2"]);
    assert.deepEqual(await names("runs/b"), ["runs/b/2"]);
    assert.equal((await names("")).length, 4);
    assert.deepEqual(await names("nowhere/"), []);
  });

  test(`${world}: a finished object is notified as Cloud Storage does, and can be located`, async (t) => {
    const { platform, subscribe, start } = await open(t);
    const got: IncomingMessage[] = [];
    subscribe({ name: "dump-finalized", topic: "dump-finalized", handler: async (message) => void got.push(message) });
    await start();
    const written = await platform.objects.write("runs/one/dump.sql.gz", bytes("abc"));
    await until("it is notified", () => got.length > 0);
    const message = got[0] ?? assert.fail();
    const { data } = decode(DumpFinalized, message);
    assert.equal(platform.objects.locate(data), written.name);
    assert.equal(data.generation, written.generation);
    assert.equal(data.size, "3");
    assert.equal(message.attributes["eventType"], "OBJECT_FINALIZE");
    assert.equal(message.attributes["payloadFormat"], "JSON_API_V1");
    assert.equal(platform.objects.locate({ ...data, bucket: "another bucket" }), undefined);
  });
}

async function* failing(): AsyncGenerator<Uint8Array> {
  yield Buffer.from("half");
  throw new Error("the source broke");
}
