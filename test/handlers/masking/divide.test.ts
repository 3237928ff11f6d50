// The proof's ranges: every row is in one, and none has many more than it should, whatever the key's numbers are.
import assert from "node:assert/strict";
import { test } from "node:test";
import { rangesUpTo, withinRange } from "../../../handlers/masking/chunk-range.ts";
import { divide } from "../../../handlers/masking/divide.ts";
import { servers } from "../../support/servers.ts";
import { contractOf, createCopy, manyRows } from "./support.ts";

const ROWS = 90;
const RANGE_ROWS = 20;

/** A key's type, its numbers, and whether they alone tell where the ranges end. */
const KEYS: readonly { readonly type: string; readonly key: (n: number) => string; readonly isEven: boolean }[] = [
  { type: "INT", key: (n) => `${n}`, isEven: true },
  { type: "INT", key: (n) => `${n * 3 - 100}`, isEven: true },
  { type: "BIGINT UNSIGNED", key: (n) => `${18446744073709551615n - BigInt(n)}`, isEven: true },
  { type: "DECIMAL(20,0)", key: (n) => `${n}`, isEven: true },
  { type: "INT", key: (n) => `${n % 4 ? n : n * 1000}`, isEven: false },
  { type: "BIGINT", key: (n) => (n === 1 ? "-9223372036854775808" : `9223372036854775${700 + n}`), isEven: false },
  { type: "DECIMAL(20,5)", key: (n) => `${n}.00001`, isEven: false },
  { type: "VARCHAR(20)", key: (n) => `'${1000 + n}'`, isEven: false },
];

for (const server of servers()) {
  test(`a table's ranges hold all its rows, about as many each, on ${server.name}`, async (t) => {
    const copy = await createCopy(
      t,
      server,
      KEYS.flatMap(({ type, key }, i) => [
        `CREATE TABLE t${i} (id ${type} PRIMARY KEY, v INT)`,
        `INSERT INTO t${i} VALUES ${manyRows(ROWS, (n) => `${key(n)}, ${n}`)}`,
      ]),
    );
    const rules = Object.fromEntries(KEYS.map((_key, i) => [`t${i}`, { id: "keep", v: "redact" } as const]));
    const job = await copy.job(contractOf(rules), { proofRangeRows: RANGE_ROWS });
    const session = await copy.open();
    let statements = 0;
    const counting = {
      ...session,
      query: (...args: Parameters<typeof session.query>) => (statements++, session.query(...args)),
    };
    try {
      for (const [i, { type, isEven }] of KEYS.entries()) {
        const plan = job.plan.tables.find(({ table }) => table === `t${i}`)!;
        statements = 0;
        const ranges = rangesUpTo(await divide(counting as typeof session, job, plan, ROWS));
        assert.equal(statements === 1, isEven, `${type} ${i}: ${statements} statements`);
        assert.equal(ranges.length, 5);
        const counts: number[] = [];
        for (const range of ranges) {
          const [row] = await copy.rows(`SELECT COUNT(*) AS n FROM t${i} WHERE ${withinRange(plan, range)}`);
          counts.push(Number(row?.["n"]));
        }
        assert.equal(
          counts.reduce((sum, count) => sum + count),
          ROWS,
        );
        assert.ok(Math.max(...counts) <= RANGE_ROWS + 1, `${type} ${i}: ${counts.join()}`);
      }
      assert.deepEqual(await divide(session, job, job.plan.tables[0]!, RANGE_ROWS), []);
    } finally {
      await session.close();
    }
  });
}
