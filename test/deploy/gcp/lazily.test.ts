// Parts of the platform that are opened with their first use.
import assert from "node:assert/strict";
import { test } from "node:test";
import { lazily } from "../../../deploy/gcp/lazily.ts";

test("a part is opened once, by whichever of its methods is called first", async () => {
  let opened = 0;
  const part = lazily(async () => {
    opened++;
    return { add: async (a: number, b: number) => a + b, negate: async (a: number) => -a };
  });
  const { add, negate } = part.methods("add", "negate");
  const before = part.opened;
  assert.deepEqual([before, opened], [undefined, 0]);
  assert.deepEqual(await Promise.all([add(2, 3), negate(7)]), [5, -7]);
  assert.equal(await add(1, 1), 2);
  assert.equal(opened, 1);
  assert.equal(await (await part.opened)?.negate(1), -1);
});

test("an opening that failed is tried again by the next call", async () => {
  let attempts = 0;
  const { ask } = lazily(async () => {
    if (++attempts === 1) throw new Error("not yet");
    return { ask: async () => "answer" };
  }).methods("ask");
  await assert.rejects(ask(), /not yet/);
  assert.equal(await ask(), "answer");
});
