// A download's own decisions, without a server: when a connection is given up, and what is asked for next.
import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { test } from "node:test";
import { crc32c, crc32cText } from "../../../deploy/gcp/crc32c.ts";
import { download } from "../../../deploy/gcp/objects/download.ts";
import { textOf } from "../../platform/world.ts";

const CONTENT = Buffer.from("0123456789");
const object = { place: "gs://b/o", bytes: CONTENT.length, checksum: crc32cText(crc32c(CONTENT)) };

test("a connection that stalls is given up, and the rest is asked for", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const starts: number[] = [];
  const streams: Readable[] = [];
  const open = (start: number) => {
    starts.push(start);
    const stream = starts.length === 1 ? stalling(CONTENT.subarray(0, 4)) : Readable.from([CONTENT.subarray(start)]);
    streams.push(stream);
    return stream;
  };
  const reading = textOf(download({ ...object, open }));
  while (!streams[0]?.readableDidRead) await new Promise(setImmediate);
  await new Promise(setImmediate);
  t.mock.timers.tick(30_000);
  assert.equal(await reading, CONTENT.toString());
  assert.deepEqual(starts, [0, 4]);
  assert.ok(streams.every(({ destroyed }) => destroyed));
});

test("the time that a reader takes does not count as a stall", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  let opened = 0;
  const open = () => (opened++, Readable.from([CONTENT.subarray(0, 4), CONTENT.subarray(4)]));
  let read = "";
  for await (const chunk of download({ ...object, open })) {
    read += Buffer.from(chunk).toString();
    t.mock.timers.tick(600_000);
    await new Promise(setImmediate);
  }
  assert.equal(read, CONTENT.toString());
  assert.equal(opened, 1);
});

test("an object with no bytes needs no connection", async () => {
  const open = () => assert.fail("nothing is to be read");
  assert.equal(await textOf(download({ ...object, bytes: 0, checksum: "AAAAAA==", open })), "");
});

test("the checksum is that of RFC 3720, in pieces as a whole", () => {
  const whole = Buffer.from("123456789");
  assert.equal(crc32c(whole), 0xe3069283);
  for (let cut = 0; cut <= whole.length; cut++) {
    assert.equal(crc32c(whole.subarray(cut), crc32c(whole.subarray(0, cut))), 0xe3069283);
  }
  assert.equal(crc32c(Buffer.alloc(32)), 0x8a9136aa); // RFC 3720, appendix B.4: 32 bytes of zeros, read low byte first
});

function stalling(first: Buffer): Readable {
  const stream = new Readable({ read: () => undefined });
  stream.push(first);
  return stream;
}
