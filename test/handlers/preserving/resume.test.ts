// Interrupted at every point: out of time, and broken off before and after each statement. Every row is there once.
import assert from "node:assert/strict";
import { test } from "node:test";
import { isRetryAfter } from "../../../contracts/errors.ts";
import type { WriteSession } from "../../../contracts/platform.ts";
import { assertSameStory, DEMO, openShop, ownRows, pairs } from "./shop.ts";

const pairsOnOneServer = pairs().filter(({ staging, copy }) => staging === copy);

/** A session whose server is killed around its nth statement. */
function breaking(session: WriteSession, nth: number, when: "before" | "after"): WriteSession {
  let left = nth;
  const lose = () => Object.assign(new Error("Connection lost: The server closed the connection."), { fatal: true });
  const around = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    left -= 1;
    if (left > 0) return work();
    if (left === 0 && when === "after") await work();
    await session.close();
    throw lose();
  };
  return {
    ...session,
    query: <Row>(sql: string, values?: readonly unknown[]) => around(() => session.query<Row>(sql, values)),
    run: (sql, values) => around(() => session.run(sql, values)),
  };
}

for (const pair of pairsOnOneServer) {
  test(`with no time left, each call does one batch and the last one finishes, on ${pair.copy.name}`, async (t) => {
    const world = await openShop(t, pair);
    const before = await ownRows(world);
    const plan = await world.plan(DEMO);
    const progress: string[] = [];
    const options = {
      signal: AbortSignal.abort(),
      batchRows: 1,
      onProgress: ({ table, rowsDone, rowsTotal }: { table: string; rowsDone: number; rowsTotal: number }) =>
        void progress.push(`${table} ${rowsDone}/${rowsTotal}`),
    };
    let calls = 1;
    while ((await world.carry(plan, options)) === "out-of-time") calls += 1;
    assert.ok(calls > 25, `${calls} calls for 25 rows`);
    assert.deepEqual(
      progress.filter((line) => line.startsWith("companies")),
      ["companies 1/2", "companies 2/2"],
    );
    assert.equal(await world.carry(plan, options), "finished");
    assert.equal((await world.prove(plan)).rows, 25);
    await assertSameStory(world);
    assert.deepEqual(await ownRows(world), before);
  });
}

for (const when of ["before", "after"] as const) {
  const [pair] = pairs();
  assert.ok(pair);
  test(`broken off ${when} any statement and delivered again, every row is there once`, async (t) => {
    const world = await openShop(t, pair);
    const before = await ownRows(world);
    const plan = await world.plan(DEMO);
    let broken = 0;
    const deliver = async (nth: number) => {
      try {
        const options = { batchRows: 2, signal: AbortSignal.abort() };
        return await world.carry(plan, options, (session) => breaking(session, nth, when));
      } catch (error) {
        assert.ok(isRetryAfter(error) && error.code === "PRESERVE_INTERRUPTED", String(error));
        broken += 1;
        return "broken";
      }
    };
    // Each delivery of a batch lives for one statement more than the one before, until the batch gets through.
    for (let result = "broken"; result !== "finished";) {
      for (let nth = 1; (result = await deliver(nth)) === "broken"; nth += nth < 20 ? 1 : 17);
    }
    assert.ok(broken > 200, `broken off ${broken} times`);
    assert.equal((await world.prove(plan)).rows, 25);
    await assertSameStory(world);
    assert.deepEqual(await ownRows(world), before);
  });
}

test("a rule that changes before anything is inserted starts afresh; afterwards it is refused", async (t) => {
  const [pair] = pairs();
  assert.ok(pair);
  const world = await openShop(t, pair);
  const time = { signal: AbortSignal.abort() };
  assert.equal(await world.carry(await world.plan(DEMO), time), "out-of-time");
  const one = await world.plan([{ table: "companies", where: "slug = 'demo-nine'" }]);
  while ((await world.carry(one, time)) === "out-of-time");
  assert.equal((await world.prove(one)).perTable[0]?.rows, 1);
  await assert.rejects(world.carry(await world.plan(DEMO), time), { code: "PRESERVE_PLAN_CHANGED" });
});
