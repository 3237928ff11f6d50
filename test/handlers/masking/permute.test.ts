// `permute`: what Node computes from the keyed hashes, in place of keys that refer to each other, under any interruption.
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import { isRetryAfter } from "../../../contracts/errors.ts";
import type { SqlRow, SqlValue } from "../../../contracts/platform.ts";
import { maskReplica, proveMasking, sampleRows } from "../../../handlers/masking/index.ts";
import { setKey } from "../../../handlers/masking/keyed.ts";
import { servers } from "../../support/servers.ts";
import { closeAfter, contractOf, createCopy, KEY, manyRows, type Copy } from "./support.ts";

/** Each value's place in the order of keyed hashes is taken by the one after it. */
function permuted(domain: string, values: readonly string[]): Map<string, string> {
  const hash = (value: string) => createHmac("sha256", KEY).update(`permute:${domain}:${value}`).digest("hex");
  const order = [...new Set(values)].toSorted((a, b) => (hash(a) < hash(b) ? -1 : 1));
  return new Map(order.map((value, i) => [value, order[(i + 1) % order.length] ?? value]));
}

async function column(copy: Copy, sql: string): Promise<(string | null)[]> {
  return (await copy.rows(sql)).map(({ v }) => (v === null ? null : String(v)));
}

const ROWS = 120;
const numbers = Array.from({ length: ROWS }, (_, i) => i + 1);
const id = (n: number) => n * 3 - 7;

const SHOP = [
  `CREATE TABLE users (id INT AUTO_INCREMENT PRIMARY KEY, boss INT, n INT, born DATE, note TEXT,
     seen TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
     FOREIGN KEY (boss) REFERENCES users (id)) DEFAULT CHARSET utf8mb4`,
  `CREATE TABLE profiles (user_id INT PRIMARY KEY, n INT, FOREIGN KEY (user_id) REFERENCES users (id) ON UPDATE CASCADE)`,
  `CREATE TABLE orders (id INT PRIMARY KEY, user_id INT, n INT, FOREIGN KEY (user_id) REFERENCES users (id))`,
  "SET foreign_key_checks = 0",
  `INSERT INTO users VALUES ${manyRows(ROWS, (n) => `${id(n)}, ${n % 5 ? id(Math.ceil(n / 2)) : "NULL"}, ${n}, '0000-00-00', 'it''s ${n}', '2001-02-03 04:05:06'`)}`,
  `INSERT INTO profiles VALUES ${manyRows(ROWS / 2, (n) => `${id(n * 2)}, ${n * 2}`)}`,
  `INSERT INTO orders VALUES ${manyRows(ROWS * 2, (n) => `${n}, ${n % 7 ? id(1 + (n % ROWS)) : "NULL"}, ${n}`)}`,
  "INSERT INTO orders VALUES (999, 123456, 999)",
  "SET foreign_key_checks = 1",
];
const SHOP_CONTRACT = contractOf({
  users: { id: "permute", n: "keep", born: "keep", note: "redact", seen: "keep" },
  profiles: { n: "keep" },
  orders: { id: "keep", n: "keep" },
});

async function assertPermutedOnce(copy: Copy): Promise<void> {
  const map = permuted("users.id", [...numbers.map(id), 123456].map(String));
  const of = (value: number | null) => (value === null ? null : map.get(String(value)));
  assert.deepEqual(
    await column(copy, "SELECT id AS v FROM users ORDER BY n"),
    numbers.map((n) => of(id(n))),
  );
  assert.deepEqual(
    await column(copy, "SELECT boss AS v FROM users ORDER BY n"),
    numbers.map((n) => of(n % 5 ? id(Math.ceil(n / 2)) : null)),
  );
  assert.deepEqual(
    await column(copy, "SELECT user_id AS v FROM profiles ORDER BY n"),
    numbers.slice(0, ROWS / 2).map((n) => of(id(n * 2))),
  );
  assert.deepEqual(await column(copy, "SELECT user_id AS v FROM orders ORDER BY n"), [
    ...Array.from({ length: ROWS * 2 }, (_, i) => of((i + 1) % 7 ? id(1 + ((i + 1) % ROWS)) : null)),
    of(123456),
  ]);
  const kept = await copy.rows("SELECT DISTINCT CAST(born AS CHAR) AS born, CAST(seen AS CHAR) AS seen FROM users");
  assert.deepEqual(
    kept.map((row) => ({ ...row })),
    [{ born: "0000-00-00", seen: "2001-02-03 04:05:06" }],
  );
}

for (const server of servers()) {
  test(`ids change places, and with them everything that refers to them, on ${server.name}`, async (t) => {
    const copy = await createCopy(t, server, SHOP);
    const job = await copy.job(SHOP_CONTRACT);
    assert.deepEqual(
      job.plan.tables.map(({ table, rewritten }) => [table, rewritten]),
      [
        ["orders", undefined],
        ["profiles", true],
        ["users", true],
      ],
    );
    assert.equal(await maskReplica(job), "finished");
    await assertPermutedOnce(copy);
    assert.notEqual(await proveMasking(job), "out-of-time");
    assert.equal(await maskReplica(job), "finished");
    await assertPermutedOnce(copy);
    const left = await copy.rows(`SHOW TABLES FROM ${copy.database}_ledger LIKE 'rows\\_%'`);
    assert.deepEqual(left, []);
  });

  test(`connections lost at any statement permute every row once, and so do three engines, on ${server.name}`, async (t) => {
    const copy = await createCopy(t, server, SHOP);
    let statements = 0;
    let kills = 0;
    const open = async () => {
      const session = await copy.open();
      const run: typeof session.run = async (sql, values) => {
        if (++statements === 5 * (kills + 1)) {
          // Every other time before the statement, else after it when nobody hears of it.
          if (kills % 2 === 1) await session.run(sql, values);
          await session.close();
        }
        return session.run(sql, values);
      };
      return { ...session, run };
    };
    const job = await copy.job(SHOP_CONTRACT, { open, connections: 1 });
    for (let done = false; !done;) {
      statements = 0;
      const outcome: unknown = await maskReplica(job).catch((error: unknown) => error);
      if (isRetryAfter(outcome) || (outcome instanceof Error && /closed state/.test(outcome.message))) kills++;
      else {
        assert.equal(outcome, "finished");
        done = true;
      }
    }
    assert.ok(kills > 8, String(kills));
    await assertPermutedOnce(copy);
    const other = await createCopy(t, server, SHOP);
    const three = await other.job(SHOP_CONTRACT);
    assert.deepEqual(await Promise.all([1, 2, 3].map(() => maskReplica(three))), ["finished", "finished", "finished"]);
    await assertPermutedOnce(other);
  });

  test(`codes of a full range, folded texts and bytes change places, and the empty text stays, on ${server.name}`, async (t) => {
    const codes = ["JP", "us", "De", "é", "x y", "a'b", "b\\c", "`", "😀"];
    const copy = await createCopy(t, server, [
      "CREATE TABLE full (v TINYINT UNSIGNED PRIMARY KEY, n INT)",
      `INSERT INTO full VALUES ${manyRows(256, (n) => `${n - 1}, ${n}`)}`,
      "CREATE TABLE countries (v CHAR(3) PRIMARY KEY, n INT) DEFAULT CHARSET utf8mb4",
      "CREATE TABLE towns (n INT PRIMARY KEY, country CHAR(3), FOREIGN KEY (country) REFERENCES countries (v)) DEFAULT CHARSET utf8mb4",
      "INSERT INTO countries VALUES ('', 0)",
      "CREATE TABLE tokens (v BINARY(4), n INT PRIMARY KEY, UNIQUE KEY (n, v))",
      `INSERT INTO tokens VALUES ${manyRows(40, (n) => `UNHEX(LEFT(SHA2(${n % 9}, 256), 8)), ${n}`)}`,
      "CREATE TABLE pairs (tenant INT, v VARCHAR(9), n INT, UNIQUE KEY (tenant, v)) DEFAULT CHARSET utf8mb4",
      "INSERT INTO pairs VALUES (1, 'ann', 1), (2, 'ANN', 2), (1, 'bob', 3), (2, 'eve', 4), (2, NULL, 5), (2, NULL, 6)",
      "CREATE TABLE single (v BIGINT PRIMARY KEY)",
      "INSERT INTO single VALUES (-9223372036854775808)",
      "CREATE TABLE nothing (v BIGINT UNSIGNED PRIMARY KEY)",
    ]);
    for (const [n, code] of codes.entries()) {
      await copy.connection.query("INSERT INTO countries VALUES (?)", [[code, n + 1]]);
      await copy.connection.query("INSERT INTO towns VALUES (?)", [[n + 1, code.toUpperCase()]]);
    }
    const job = await copy.job(
      contractOf({
        full: { v: "permute", n: "keep" },
        countries: { v: "permute", n: "keep" },
        towns: { n: "keep" },
        tokens: { v: "permute", n: "keep" },
        pairs: { tenant: "keep", v: "permute", n: "keep" },
        single: { v: "permute" },
        nothing: { v: "permute" },
      }),
    );
    assert.equal(await maskReplica(job), "finished");
    const full = permuted(
      "full.v",
      Array.from({ length: 256 }, (_, i) => String(i)),
    );
    assert.deepEqual(
      await column(copy, "SELECT v FROM full ORDER BY n"),
      Array.from({ length: 256 }, (_, i) => full.get(String(i))),
    );
    const country = permuted("countries.v", codes);
    const expected = codes.map((code) => country.get(code));
    assert.deepEqual(await column(copy, "SELECT v FROM countries ORDER BY n"), ["", ...expected]);
    assert.deepEqual(await column(copy, "SELECT country AS v FROM towns ORDER BY n"), expected);
    assert.equal((await copy.rows("SELECT DISTINCT v FROM tokens")).length, 9);
    // `ann` and `ANN` are one value to the column, and to its key.
    const pair = permuted("pairs.v", ["ANN", "bob", "eve"]);
    assert.deepEqual(await column(copy, "SELECT v FROM pairs ORDER BY n"), [
      ...["ANN", "ANN", "bob", "eve"].map((value) => pair.get(value)),
      ...[null, null],
    ]);
    assert.deepEqual(await column(copy, "SELECT CAST(v AS CHAR) AS v FROM single"), ["-9223372036854775808"]);
    assert.notEqual(await proveMasking(job), "out-of-time");
  });

  test(`whatever a code is, it becomes another one of the column's, on ${server.name}`, async (t) => {
    const types = [
      "VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin",
      "VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci",
      "CHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci",
      "VARCHAR(64) CHARACTER SET utf16 COLLATE utf16_unicode_ci",
      "VARBINARY(64)",
      "BIGINT",
    ];
    const copy = await createCopy(
      t,
      server,
      types.map((type, i) => `CREATE TABLE t${i} (n INT AUTO_INCREMENT PRIMARY KEY, v ${type}, UNIQUE KEY (v))`),
    );
    // To `unicode_ci` many a rare character is the same: a part is ASCII.
    const units = ["binary", "grapheme-ascii"] as const;
    const texts = units.flatMap((unit) => fc.sample(fc.string({ unit, maxLength: 16 }), 100));
    const bytes = fc.sample(fc.uint8Array({ maxLength: 16 }), 150).map((value) => Buffer.from(value));
    const whole = fc.sample(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), 150).map(String);
    for (const [i, type] of types.entries()) {
      const values = type === "BIGINT" ? whole : type === "VARBINARY(64)" ? bytes : texts;
      // What the column takes for equal is there once.
      await copy.connection.query(`INSERT IGNORE INTO t${i} (v) VALUES ?`, [values.map((value) => [value])]);
    }
    const read = async (i: number) =>
      (await copy.rows(`SELECT HEX(CAST(v AS BINARY)) AS v FROM t${i} ORDER BY n`)).map(({ v }) => String(v));
    const before = await Promise.all(types.map((_, i) => read(i)));
    const rule = { n: "keep", v: "permute" } as const;
    const job = await copy.job(contractOf(Object.fromEntries(types.map((_, i) => [`t${i}`, rule]))));
    assert.equal(await maskReplica(job), "finished");
    for (const [i, type] of types.entries()) {
      const after = await read(i);
      assert.deepEqual(after.toSorted(), before[i]?.toSorted(), type);
      assert.ok(after.length > 40, type);
      // Under some collations a text of control characters is empty, and stays.
      const same = after.filter((value, row) => value === before[i]?.[row]);
      const empty = await copy.rows(`SELECT 1 FROM t${i} WHERE ${type === "BIGINT" ? "FALSE" : "v = ''"}`);
      assert.equal(same.length, empty.length, type);
    }
    assert.notEqual(await proveMasking(job), "out-of-time");
  });
  test(`the values that a plan samples are those that masking makes, on ${server.name}`, async (t) => {
    const copy = await createCopy(t, server, [
      "CREATE TABLE countries (n INT PRIMARY KEY, v VARCHAR(9), UNIQUE KEY (v)) DEFAULT CHARSET utf8mb4",
      "INSERT INTO countries VALUES (1, ''), (2, 'JP'), (3, 'us'), (4, 'é'), (5, 'a\\\\''b'), (6, '😀')",
      "CREATE TABLE towns (n INT PRIMARY KEY, v VARCHAR(9), FOREIGN KEY (v) REFERENCES countries (v)) DEFAULT CHARSET utf8mb4",
      "INSERT INTO towns VALUES (1, 'jp'), (2, 'US'), (3, NULL), (4, ''), (5, 'Jp')",
      "CREATE TABLE tokens (n INT PRIMARY KEY, v BINARY(4))",
      `INSERT INTO tokens VALUES ${manyRows(40, (n) => `${n}, UNHEX(LEFT(SHA2(${n % 9}, 256), 8))`)}, (41, NULL)`,
      "CREATE TABLE wide (n INT PRIMARY KEY, v BIGINT UNSIGNED)",
      `INSERT INTO wide VALUES ${manyRows(50, (n) => `${n}, 18446744073709551615 - ${n % 20}`)}`,
    ]);
    const permute = { n: "keep", v: "permute" } as const;
    const job = await copy.job(
      contractOf({ countries: permute, towns: { n: "keep" }, tokens: permute, wide: permute }),
    );
    const session = await copy.open();
    closeAfter(t, session);
    await setKey(session, KEY);
    const sampled = new Map<string, string[]>();
    const original = new Map<string, SqlRow[]>();
    const read = (table: string) => session.query(`SELECT v FROM ${copy.database}.${table} ORDER BY n`);
    for (const table of job.plan.tables) {
      const sample = await sampleRows(session, copy.database, job.plan, table, 60);
      assert.ok("rows" in sample, table.table);
      const pairs = sample.rows.flatMap((row) => row.map(({ before, after }) => change(before, after)));
      sampled.set(table.table, pairs.toSorted());
      original.set(table.table, await read(table.table));
    }
    assert.equal(await maskReplica(job), "finished");
    assert.equal(sampled.size, 4);
    for (const [table, pairs] of sampled) {
      const masked = await read(table);
      const made = original.get(table)?.map(({ v }, i) => change(v, masked[i]?.["v"]));
      assert.deepEqual(pairs, made?.toSorted(), table);
    }
  });
}

function change(before: SqlValue | undefined, after: SqlValue | undefined): string {
  const [one, other] = [before, after].map((value) => (Buffer.isBuffer(value) ? value.toString("hex") : String(value)));
  return `${one} → ${other}`;
}
