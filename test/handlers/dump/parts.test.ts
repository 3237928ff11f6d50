// However a dump is cut into chunks or into parts, the same bytes come out.
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { RewriteCheckpoint, rewriteDump } from "../../../handlers/dump/index.ts";
import { dumpOf, inChunks, OPTIONS, rewrite, samples } from "./rewriting.ts";

const withoutRowsOf = (table: string) => table === "tokens";
/** So that keys wait at every pause. */
const laterKeysFromBytes = 1;

for (const { name, dump } of samples) {
  test(`${name} cut into chunks at any bytes gives the same output`, async () => {
    const { bytes, outcome } = await rewrite(dump, { withoutRowsOf, laterKeysFromBytes });
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(dump.length), { maxLength: 200 }), async (cuts) => {
        const cut = await rewrite(inChunks(dump, cuts), { withoutRowsOf, laterKeysFromBytes });
        assert.ok(cut.bytes.equals(bytes));
        assert.deepEqual(cut.outcome, outcome);
      }),
      { numRuns: 100 },
    );
  });

  test(`${name} read into two buffers in turn gives the same output`, async () => {
    const { bytes } = await rewrite(dump, { withoutRowsOf, laterKeysFromBytes: 2000 });
    for (const size of [1, 7, 100, 4096]) {
      const { output } = rewriteDump(inTurns(dump, size), { ...OPTIONS, withoutRowsOf, laterKeysFromBytes: 2000 });
      const copies: Buffer[] = [];
      for await (const chunk of output) copies.push(Buffer.from(chunk));
      assert.ok(Buffer.concat(copies).equals(bytes), `${size} bytes at a time`);
    }
  });

  test(`${name} in chunks of one byte gives the same output`, async () => {
    const everywhere = Array.from({ length: dump.length }, (_, at) => at);
    const whole = await rewrite(dump, { withoutRowsOf, laterKeysFromBytes });
    const cut = await rewrite(inChunks(dump, everywhere), { withoutRowsOf, laterKeysFromBytes });
    assert.ok(cut.bytes.equals(whole.bytes));
  });

  test(`${name} rewritten in parts, each gone on from a stored checkpoint, gives the same output`, async () => {
    const [behind, beside] = [{}, { keysBeside: "beside" }].map((more) => ({
      withoutRowsOf,
      laterKeysFromBytes,
      ...more,
    }));
    const wholes = new Map([behind, beside].map((options) => [options, rewrite(dump, options)]));
    await fc.assert(
      fc.asyncProperty(fc.infiniteStream(fc.nat(20_000)), fc.constantFrom(behind, beside), async (pauses, options) => {
        const whole = (await wholes.get(options)) ?? assert.fail();
        const parts: Buffer[] = [];
        let from: RewriteCheckpoint | undefined;
        for (;;) {
          const enough = new AbortController();
          const stopAt = pauses.next().value ?? 0;
          const input = abortingAfter(dump, (from?.offset ?? 0) + stopAt, enough);
          const part = await rewrite(input, options, { ...(from ? { from } : {}), signal: enough.signal });
          parts.push(part.bytes);
          if (part.outcome.complete) {
            assert.deepEqual(part.outcome, whole.outcome);
            break;
          }
          assert.ok(part.outcome.checkpoint.offset > (from?.offset ?? 0));
          from = RewriteCheckpoint.parse(JSON.parse(JSON.stringify(part.outcome.checkpoint)));
        }
        assert.ok(Buffer.concat(parts).equals(whole.bytes));
      }),
      { numRuns: 30 },
    );
  });
}

test("statements with odd heads, cut at any byte, give the same output", async () => {
  const dump = dumpOf(
    `-- ${"x".repeat(1024)}`, // behind what is read at once to know the header
    "/*!50000                      INSERT INTO*/ `selected` (`VALUES`) VALUES (1);",
    "/*                                  */INSERT INTO `a``b` VALUES (1);",
    "DELIMITER                   //",
    "/*!50003 CREATE*/ /*!50017 DEFINER=`a`@`b`*/ /*!50003 TRIGGER t BEFORE INSERT ON shop.a FOR EACH ROW BEGIN END */ //",
    "DELIMITER ;",
  );
  const { bytes } = await rewrite(dump);
  for (let at = 1024; at < dump.length; at++) {
    const cut = await rewrite(inChunks(dump, [at, at + 1]));
    assert.equal(cut.bytes.toString(), bytes.toString());
  }
});

async function* inTurns(dump: Buffer, size: number) {
  const buffers = [Buffer.alloc(size), Buffer.alloc(size)] as const;
  for (let at = 0; at < dump.length; at += size) {
    const buffer = buffers[(at / size) % 2 === 0 ? 0 : 1];
    yield buffer.subarray(0, dump.copy(buffer, 0, at));
  }
}

async function* abortingAfter(dump: Buffer, offset: number, enough: AbortController) {
  yield dump.subarray(0, offset);
  enough.abort();
  yield dump.subarray(offset);
}

test("a part whose signal has aborted before it begins still goes on by one statement", async () => {
  const dump = dumpOf("CREATE TABLE `a` (`id` int);", "INSERT INTO `a` VALUES (1);");
  const offsets: number[] = [];
  let from: RewriteCheckpoint | undefined;
  for (let complete = false; !complete;) {
    const { outcome } = await rewrite(dump, {}, { ...(from ? { from } : {}), signal: AbortSignal.abort() });
    from = outcome.checkpoint;
    complete = outcome.complete;
    offsets.push(outcome.bytesIn);
  }
  // SET, CREATE DATABASE, USE, CREATE TABLE, INSERT, and the completion line.
  assert.equal(offsets.length, 6);
  assert.equal(offsets.at(-1), dump.length);
});

test("a part that stops closes its input", async () => {
  let closed = false;
  async function* input() {
    try {
      for (;;) yield dumpOf("CREATE TABLE `a` (`id` int);");
    } finally {
      closed = true;
    }
  }
  const { outcome } = await rewrite(input(), {}, { signal: AbortSignal.abort() });
  assert.equal(outcome.complete, false);
  assert.equal(closed, true);
});

test("a part that goes on in a dump which is shorter than its checkpoint is refused", async () => {
  const { outcome } = await rewrite(dumpOf("SET @a = 1;"), {}, {});
  await assert.rejects(rewrite(dumpOf(""), {}, { from: outcome.checkpoint }), { code: "DUMP_INCOMPLETE" });
});

test("the outcome is not told before the output is read", async () => {
  const part = rewriteDump(inChunks(dumpOf("")), { from: "a", to: "b", withoutRowsOf });
  assert.throws(() => part.outcome(), /has not been read/);
});
