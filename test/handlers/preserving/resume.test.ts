// Interrupted at every point: out of time, and broken off before and after each statement. Every row is there once.
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { isRetryAfter } from "../../../contracts/errors.ts";
import type { WriteSession } from "../../../contracts/platform.ts";
import type { PreserveRule } from "../../../contracts/sync-contract.ts";
import type { PreservePlan } from "../../../handlers/preserving/index.ts";
import { assertSameStory, DEMO, openShop, ownRows, pairs } from "./shop.ts";
import { rowsOf, type World } from "./world.ts";

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

/** Delivers again and again, each delivery of a batch one statement longer than the one before, until all is carried. */
async function carryBroken(world: World, plan: PreservePlan, when: "before" | "after"): Promise<number> {
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
  for (let result = "broken"; result !== "finished";) {
    for (let nth = 1; (result = await deliver(nth)) === "broken"; nth += nth < 20 ? 1 : 17);
  }
  return broken;
}

// The statements are the same everywhere: each of these long tests runs on another server.
const [first = must(pairs()[0]), second = first, third = second] = pairsOnOneServer;

for (const [when, pair] of [
  ["before", first],
  ["after", third],
] as const) {
  test(`broken off ${when} any statement and delivered again, every row is there once, on ${pair.copy.name}`, async (t) => {
    const world = await openShop(t, pair);
    const before = await ownRows(world);
    const plan = await world.plan(DEMO);
    const broken = await carryBroken(world, plan, when);
    assert.ok(broken > 200, `broken off ${broken} times`);
    assert.equal((await world.prove(plan)).rows, 25);
    await assertSameStory(world);
    assert.deepEqual(await ownRows(world), before);
  });
}

for (const pair of pairsOnOneServer) {
  test(`broken off while several tables are worked on, every row is there once, on ${pair.copy.name}`, async (t) => {
    const world = await openShop(t, pair);
    const before = await ownRows(world);
    const plan = await world.plan(DEMO);
    let inserting = 0;
    const deliver = async (nth: number) => {
      // Every session breaks at its nth statement: with one of them gone, the others end their batches.
      const wrap = (session: WriteSession) => breaking(session, nth, nth % 2 === 0 ? "before" : "after");
      try {
        return await world.carry(plan, { batchRows: 1, onProgress: () => void inserting++ }, wrap);
      } catch (error) {
        assert.ok(isRetryAfter(error) && error.code === "PRESERVE_INTERRUPTED", String(error));
        return "broken";
      }
    };
    assert.equal(await world.carry(plan, { signal: AbortSignal.abort() }), "out-of-time"); // it has collected
    let deliveries = 1;
    // Longer and longer until the check is passed; then so short that inserts are broken off.
    const length = () => (inserting === 0 ? 3 + deliveries : 6 + (deliveries % 13));
    while ((await deliver(length())) === "broken") deliveries += 1;
    assert.ok(deliveries > 20, `${deliveries} deliveries`);
    assert.ok(inserting > 12, `${inserting} batches inserted`);
    assert.equal((await world.prove(plan)).rows, 25);
    await assertSameStory(world);
    assert.deepEqual(await ownRows(world), before);
  });
}

for (const pair of pairsOnOneServer) {
  test(`a proof out of time or broken off goes on where it was, and one that failed begins afresh, on ${pair.copy.name}`, async (t) => {
    const world = await openShop(t, pair);
    const plan = await world.plan(DEMO);
    await world.carry(plan);
    const proven: unknown[] = [];
    const noting = (session: WriteSession): WriteSession => ({
      ...session,
      run: async (sql, values) => {
        const result = await session.run(sql, values);
        if (/^REPLACE INTO .*progress/.test(sql)) proven.push(values?.[0]);
        return result;
      },
    });
    const steps = plan.tables.length + plan.references.length;
    const tampering = await rowsOf(world.copy, "SELECT name FROM projects WHERE id = 1");
    await world.copy.query("UPDATE projects SET name = 'other' WHERE id = 1");
    let calls = 0;
    const proveAll = async () => {
      for (let summary; ; calls += 1) {
        summary = await world.proveInHaste(plan, noting);
        if (summary !== "out-of-time") return summary;
      }
    };
    await assert.rejects(proveAll, { code: "PRESERVE_PROOF_FAILED" });
    await world.copy.query("UPDATE projects SET name = ? WHERE id = 1", tampering.flat());
    proven.length = 0;
    calls = 0;
    assert.equal((await proveAll()).rows, 25);
    assert.ok(calls > 20, `${calls} calls for ${steps} steps`);
    assert.equal(proven.length, steps, "each step once");
    assert.equal(new Set(proven).size, steps);
    let broken = 0;
    for (let nth = 0; ; nth += 1) {
      try {
        // So short that a call proves two or three at the most.
        const summary = await world.proveInHaste(plan, (session) => breaking(session, 8 + (nth % 12), "after"));
        if (summary !== "out-of-time") break;
      } catch (error) {
        assert.ok(isRetryAfter(error) && error.code === "PRESERVE_INTERRUPTED", String(error));
        broken += 1;
      }
    }
    assert.ok(broken > 3, `broken off ${broken} times`);
  });
}

for (const pair of pairsOnOneServer) {
  test(`reading that takes too long is refused, not begun again for ever, and a replay begins afresh, on ${pair.copy.name}`, async (t) => {
    const world = await openShop(t, pair);
    const before = await ownRows(world);
    const plan = await world.plan(DEMO);
    const slow = (session: WriteSession): WriteSession => ({
      ...session,
      run: async (sql, values) => {
        if (/^INSERT INTO \S*preserve_rows/.test(sql)) await sleep(40);
        return session.run(sql, values);
      },
    });
    await assert.rejects(world.carry(plan, { collectMs: 60 }, slow), {
      code: "PRESERVE_COLLECTING_TOO_LONG",
      message: /longer than the 0\.?\d* minutes that a function has: it was stopped after \d+ rows\. Nothing was/,
    });
    assert.deepEqual(await ownRows(world), before);
    assert.equal(await world.carry(plan, { collectMs: 600_000 }), "finished");
    assert.equal((await world.prove(plan)).rows, 25);
    await assertSameStory(world);
  });
}

test(`broken off around statements, rows that production has are kept, overwritten and renamed once, on ${second.copy.name}`, async (t) => {
  const more = {
    copy: `INSERT INTO companies VALUES (5, 'DEMO-nine', 0, 'de', NULL), (6, 'demo-one', 0, 'de', NULL);
INSERT INTO projects VALUES (8, 5, 'Ninth'), (9, 6, 'other');
INSERT INTO users VALUES (9, 2, NULL, 'BOSS@demo', NULL, NOW(), '1999-01-01'), (8, 2, NULL, 'x-Boss@demo', NULL, NOW(), '1999-01-01');
`.replaceAll("NOW()", "'2020-01-01 00:00:00'"),
  };
  const rules: PreserveRule[] = [
    { ...must(DEMO[0]), match: ["slug"], onMatch: { kind: "overwrite" } },
    { table: "projects", match: ["company_id", "name"], onMatch: { kind: "keep-production" } },
    { table: "users", match: ["email"], onMatch: { kind: "rename", pattern: "x-{value}" } },
  ];
  const carry = async (work: (world: World, plan: PreservePlan) => Promise<unknown>) => {
    const world = await openShop(t, second, more);
    const plan = await world.plan(rules, { isMasked: () => false });
    await work(world, plan);
    const { perTable } = await world.prove(plan);
    const tables = await Promise.all(
      perTable.map(({ table }) => rowsOf(world.copy, `SELECT * FROM ${table} ORDER BY 1, 2`)),
    );
    return { perTable, tables };
  };
  const atOnce = await carry((world, plan) => world.carry(plan));
  const sums = atOnce.perTable.map(({ kept, overwritten, renamed }) => kept + 10 * overwritten + 100 * renamed);
  assert.deepEqual(
    sums.filter((sum) => sum > 0).toSorted((a, b) => a - b),
    [1, 20, 100],
  );
  assert.deepEqual(await carry((world, plan) => carryBroken(world, plan, "after")), atOnce);
});

function must<Value>(value: Value | undefined): Value {
  assert.ok(value);
  return value;
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
