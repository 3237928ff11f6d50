// Every row masked once: over keys of any shape, with lost connections, aborts and two engines at once. A hash of a hash is the
// sign of failure, so each value is held against what Node computes from the original.
import assert from "node:assert/strict";
import { createConnection } from "node:net";
import { test } from "node:test";
import { isRetryAfter } from "../../../contracts/errors.ts";
import type { WriteSession } from "../../../contracts/platform.ts";
import type { MaskingContract } from "../../../contracts/sync-contract.ts";
import { maskReplica, proveMasking, type MaskingJob } from "../../../handlers/masking/index.ts";
import { openWriteSession } from "../../../handlers/mysql/session.ts";
import { servers } from "../../support/servers.ts";
import { contractOf, createCopy, hashOf, manyRows, type Copy } from "./support.ts";

/** Tables whose key is made from a row's number; `n` is kept, `v` was `value <n>`. */
const KEYS: Readonly<Record<string, { readonly columns: string; readonly key: (n: number) => string }>> = {
  int_key: { columns: "a INT PRIMARY KEY", key: (n) => `${n * 3 - 100}` },
  unsigned: { columns: "a BIGINT UNSIGNED PRIMARY KEY", key: (n) => `${18446744073709551615n - BigInt(n)}` },
  composite: {
    columns: "a INT, b VARCHAR(20), c DATETIME, PRIMARY KEY (a, b, c)",
    key: (n) => `${n % 3}, '${["x", "É", "山", "ſ"][n % 4]}', DATE_ADD('2020-01-01', INTERVAL ${n} MINUTE)`,
  },
  folded: {
    columns: "a VARCHAR(50) CHARACTER SET latin1 PRIMARY KEY",
    key: (n) => `'${["é", "E", "z", "ÿ"][n % 4]}${n}'`,
  },
  wide: { columns: "a VARCHAR(30) CHARACTER SET ucs2 PRIMARY KEY", key: (n) => `'山?${n}\\''` },
  bytes: {
    columns: "a VARBINARY(20) PRIMARY KEY",
    key: (n) => `UNHEX(SHA2(${n}, 256))`.replace(/^(.*)$/, "LEFT($1, 20)"),
  },
  decimal_key: { columns: "a DECIMAL(20,5) PRIMARY KEY", key: (n) => `${n - 40}.00001` },
  dates: {
    columns: "a DATE PRIMARY KEY",
    key: (n) => `'${n === 1 ? "0000-00-00" : `20${10 + (n % 80)}-02-${10 + (n % 20)}`}'`,
  },
  like_ours: {
    columns: "k1 VARCHAR(9), k0 INT, PRIMARY KEY (k1, k0)",
    key: (n) => `'${n % 3}', ${n * (n % 2 ? -1 : 1)}`,
  },
  floating: { columns: "a DOUBLE PRIMARY KEY", key: (n) => `${n} / 7` },
  enum_last: {
    columns: "a INT, b ENUM('z','a','m'), PRIMARY KEY (a, b)",
    key: (n) => `${n % 27}, ${1 + (Math.floor(n / 27) % 3)}`,
  },
  enum_first: { columns: "b ENUM('z','a','m'), a INT, PRIMARY KEY (b, a)", key: (n) => `${1 + (n % 3)}, ${n}` },
  unique_only: { columns: "a INT NOT NULL, UNIQUE KEY `odd ``name?` (a)", key: (n) => `${n}` },
  nullable_unique: { columns: "a INT NULL, UNIQUE KEY (a)", key: (n) => (n % 2 ? "NULL" : `${n}`) },
  no_key: { columns: "a INT", key: () => "1" },
  "odd `name?": { columns: "`a ``b?` INT PRIMARY KEY", key: (n) => `${n}` },
};
const ROWS = 80;

const tables = Object.entries(KEYS).flatMap(([name, { columns, key }]) => {
  const table = `\`${name.replaceAll("`", "``")}\``;
  return [
    `CREATE TABLE ${table} (n INT, ${columns}, v VARCHAR(100)) DEFAULT CHARSET utf8mb4`,
    `INSERT INTO ${table} VALUES ${manyRows(ROWS, (n) => `${n}, ${key(n)}, 'value ${n}'`)}`,
  ];
});

/** `v` is hashed, and every other column kept. */
async function hashV(copy: Copy, names: readonly string[] = Object.keys(KEYS)): Promise<MaskingContract> {
  const { tables: live } = await copy.schema();
  return contractOf(
    Object.fromEntries(
      names.map((name) => {
        const columns = live.get(name)?.columns ?? assert.fail(name);
        return [
          name,
          Object.fromEntries(columns.map((column) => [column.name, column.name === "v" ? "hash" : "keep"])),
        ];
      }),
    ),
  );
}

async function assertMaskedOnce(copy: Copy): Promise<void> {
  for (const name of Object.keys(KEYS)) {
    const rows = await copy.rows(`SELECT n, v FROM \`${name.replaceAll("`", "``")}\` ORDER BY n`);
    assert.deepEqual(
      rows.map(({ n, v }) => [Number(n), String(v)]),
      Array.from({ length: ROWS }, (_, i) => [i + 1, hashOf(`value ${i + 1}`)]),
      name,
    );
  }
}

for (const server of servers()) {
  test(`rows are masked once whatever the key's shape, on ${server.name}`, async (t) => {
    const copy = await createCopy(t, server, tables);
    const job = await copy.job(await hashV(copy));
    const last = new Map<string, number>();
    const onProgress: MaskingJob["onProgress"] = ({ table, rowsDone, rowsTotal }) => {
      assert.equal(rowsTotal, ROWS);
      last.set(table, rowsDone);
    };
    assert.equal(await maskReplica({ ...job, onProgress }), "finished");
    await assertMaskedOnce(copy);
    assert.deepEqual(
      [...last.values()],
      Object.keys(KEYS).map(() => ROWS),
    );
    const proof = await proveMasking(job);
    assert.partialDeepStrictEqual(proof, {
      tables: 16,
      columns: 16,
      rows: 16 * ROWS,
      originals: 16 * ROWS,
      truncated: 0,
    });
    assert.equal(await maskReplica(job), "finished");
    await assertMaskedOnce(copy);
  });

  test(`a budget that is spent from the start still ends, a step a call, on ${server.name}`, async (t) => {
    const copy = await createCopy(t, server, tables.slice(0, 8));
    const job = await copy.job(await hashV(copy, Object.keys(KEYS).slice(0, 4)), {
      signal: AbortSignal.abort(),
      chunkRows: 30,
    });
    let calls = 1;
    while ((await maskReplica(job)) === "out-of-time") calls++;
    // 4 tables: each 3 chunks, and several steps before them.
    assert.ok(calls > 20 && calls <= 60, String(calls));
    calls = 1;
    while ((await proveMasking(job)) === "out-of-time") calls++;
    assert.ok(calls > 1 && calls <= 60, String(calls));
    const rows = await copy.rows("SELECT n, v FROM composite ORDER BY n");
    assert.deepEqual(
      rows.map(({ v }) => String(v)),
      Array.from({ length: ROWS }, (_, i) => hashOf(`value ${i + 1}`)),
    );
  });

  test(`two engines at once mask every row once, on ${server.name}`, async (t) => {
    const copy = await createCopy(t, server, tables);
    const job = await copy.job(await hashV(copy));
    const outcomes = await Promise.all([maskReplica(job), maskReplica(job), maskReplica(job)]);
    assert.deepEqual(outcomes, ["finished", "finished", "finished"]);
    await assertMaskedOnce(copy);
    assert.notEqual(await proveMasking(job), "out-of-time");
  });

  test(`connections lost at any statement leave no row masked twice or never, on ${server.name}`, async (t) => {
    const copy = await createCopy(t, server, tables);
    let statements = 0;
    let kills = 0;
    const open = async (): Promise<WriteSession> => {
      const { host, port, user, password } = server;
      const stream = createConnection({ host, port });
      const session = await openWriteSession("replica", { user, password, stream });
      const run: WriteSession["run"] = async (sql, values) => {
        // Each attempt lives a little longer, so that every kind of statement is hit: every other time before it is
        // sent, else when the server may have done it and nobody hears of it.
        const isLast = ++statements === 3 * (kills + 1);
        if (isLast && kills % 2 === 0) stream.destroy();
        const result = session.run(sql, values);
        if (isLast) setImmediate(() => stream.destroy());
        return result;
      };
      return { ...session, run };
    };
    const job = await copy.job(await hashV(copy), { open });
    const persist = async (work: () => Promise<unknown>): Promise<unknown> => {
      for (;;) {
        statements = 0;
        const outcome = await work().catch((error: unknown) => error);
        if (!isRetryAfter(outcome)) return outcome;
        assert.equal(outcome.code, "MYSQL_UNREACHABLE");
        kills++;
      }
    };
    assert.equal(await persist(() => maskReplica(job)), "finished");
    assert.ok(kills >= 10, `${kills} kills`);
    await assertMaskedOnce(copy);
    kills = 0;
    assert.partialDeepStrictEqual(await persist(() => proveMasking(job)), {
      ...{ tables: 16, columns: 16, rows: 16 * ROWS, originals: 16 * ROWS, truncated: 0 },
    });
  });
}
