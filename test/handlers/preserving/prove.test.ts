// The proof fails on anything that is not as planned.
import assert from "node:assert/strict";
import { test } from "node:test";
import { pairs, DEMO, openShop } from "./shop.ts";

const tampering = [
  ["a preserved row is gone", "DELETE FROM log WHERE company_id = 9 LIMIT 1"],
  ["a row of production's is gone", "DELETE FROM log WHERE company_id IS NULL"],
  ["a value is another", "UPDATE orders SET total = total + 1 WHERE id = 2"],
  ["a reference leads to a wrong row", "UPDATE members SET user_id = 1 WHERE project_id = 77"],
  ["a parent is gone", "DELETE FROM products WHERE id = 2"],
] as const;

const [pair] = pairs();
assert.ok(pair);

for (const [what, sql] of tampering) {
  test(`the proof fails when ${what}`, async (t) => {
    const world = await openShop(t, pair);
    const plan = await world.plan(DEMO);
    await world.carry(plan);
    await world.prove(plan);
    await world.copy.query(sql);
    await assert.rejects(world.prove(plan), { code: "PRESERVE_PROOF_FAILED" });
  });
}

test("the proof fails before the work is finished", async (t) => {
  const world = await openShop(t, pair);
  const plan = await world.plan(DEMO);
  await assert.rejects(world.prove(plan), { code: "PRESERVE_PROOF_FAILED" });
  await world.carry(plan, { signal: AbortSignal.abort() });
  await assert.rejects(world.prove(plan), { code: "PRESERVE_PROOF_FAILED" });
});
