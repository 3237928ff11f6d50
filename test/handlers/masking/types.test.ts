// Each transform on each column type: what fits, what the server then holds, and that nothing else of the row changes.
import assert from "node:assert/strict";
import { test } from "node:test";
import { maskReplica, proveMasking } from "../../../handlers/masking/index.ts";
import { servers, type TestServer } from "../../support/servers.ts";
import { contractOf, createCopy } from "./support.ts";

interface TypeCase {
  readonly type: string;
  /** SQL literals. */
  readonly values: readonly string[];
  /** What the server shows for each of them, redacted. */
  readonly redacted: string;
  readonly fixed: string | number | boolean;
  readonly unfit: string | number | boolean;
  readonly hasJson?: boolean;
}

const TYPES: readonly TypeCase[] = [
  { type: "TINYINT", values: ["-128", "0", "5"], redacted: "0", fixed: true, unfit: 128 },
  { type: "INT UNSIGNED", values: ["4294967295", "0"], redacted: "0", fixed: 7, unfit: -1 },
  {
    type: "BIGINT",
    values: ["-9223372036854775808", "9223372036854775807"],
    redacted: "0",
    fixed: "9007199254740993",
    unfit: "9223372036854775808",
  },
  { type: "DECIMAL(10,2)", values: ["-99999999.99", "5.00"], redacted: "0.00", fixed: 5, unfit: "1.234" },
  { type: "FLOAT", values: ["1.1", "3.4e38", "-0.0"], redacted: "0", fixed: 1.1, unfit: "x" },
  { type: "DOUBLE", values: ["1.1", "1e300"], redacted: "0", fixed: 1.1, unfit: "1e999" },
  { type: "BIT(9)", values: ["b'101010101'", "b'0'"], redacted: "0", fixed: 511, unfit: 512 },
  {
    type: "DATE",
    values: ["'1990-05-17'", "'0000-00-00'", "'2000-02-31'"],
    redacted: "2000-01-01",
    fixed: "1970-01-01",
    unfit: "2001-02-29",
  },
  {
    type: "DATETIME(6)",
    values: ["'1990-05-17 01:02:03.456789'", "'0000-00-00'"],
    redacted: "2000-01-01 00:00:00.000000",
    fixed: "1999-12-31 23:59:59",
    unfit: "1999-12-31 24:00:00",
  },
  {
    type: "TIMESTAMP",
    values: ["'1990-05-17 01:02:03'", "'0000-00-00'"],
    redacted: "2000-01-01 00:00:00",
    fixed: "2020-02-02",
    unfit: "2040-01-01",
  },
  { type: "TIME", values: ["'-838:59:59'", "'12:00:00'"], redacted: "00:00:00", fixed: "12:34:56", unfit: "839:00:00" },
  { type: "YEAR", values: ["1990", "2155", "0"], redacted: "2000", fixed: 1999, unfit: 1900 },
  {
    type: "ENUM('it''s','b,c','山')",
    values: ["'b,c'", "'it''s'", "'山'"],
    redacted: "it's",
    fixed: "山",
    unfit: "nope",
  },
  { type: "SET('a','b','c')", values: ["'a,c'", "''"], redacted: "", fixed: "c,a", unfit: "a,d" },
  { type: "CHAR(5)", values: ["'ab'", "'😀😀'", "''"], redacted: "*", fixed: "山", unfit: "123456" },
  { type: "VARCHAR(5) CHARACTER SET latin1", values: ["'éé'"], redacted: "**", fixed: "é", unfit: "山" },
  { type: "MEDIUMTEXT", values: ["REPEAT('山', 9)"], redacted: "*********", fixed: "", unfit: "\ud800" },
  { type: "BINARY(4)", values: ["x'00ff00ff'", "'ab'"], redacted: "\0\0\0\0", fixed: "ab", unfit: "abcde" },
  { type: "VARBINARY(300)", values: ["x'ff00'"], redacted: "\0\0", fixed: "山", unfit: "x".repeat(301) },
  { type: "BLOB", values: ["x'ff00fe'"], redacted: "\0\0\0", fixed: "?", unfit: "x".repeat(65_536) },
  {
    type: "JSON",
    values: [`'{"a": [1, "x"]}'`, `'[]'`, `'{}'`],
    redacted: "{}",
    fixed: `{"a":1}`,
    unfit: "{",
    hasJson: true,
  },
];

const typesOf = (server: TestServer) => TYPES.filter(({ hasJson }) => !hasJson || !server.version.startsWith("5.6"));

for (const server of servers()) {
  test(`redact leaves a neutral value of the type, and NULL as NULL, on ${server.name}`, async (t) => {
    const types = typesOf(server);
    const copy = await createCopy(t, server, [
      ...types.map(
        ({ type }, i) =>
          `CREATE TABLE t${i} (id INT AUTO_INCREMENT PRIMARY KEY, v ${type} NULL, kept ${type} NULL) DEFAULT CHARSET utf8mb4`,
      ),
      ...types.flatMap(({ values }, i) =>
        [...values, "NULL"].map((v) => `INSERT INTO t${i} (v, kept) VALUES (${v}, ${v})`),
      ),
    ]);
    const before = await Promise.all(types.map((_, i) => copy.rows(`SELECT HEX(kept) AS kept FROM t${i} ORDER BY id`)));
    const rule = { id: "keep", v: "redact", kept: "keep" } as const;
    // The kept column has the same values, to compare with.
    const allow = types.map((_, i) => ({ table: `t${i}`, column: "kept", patterns: ["original"] as const }));
    const job = await copy.job(contractOf(Object.fromEntries(types.map((_, i) => [`t${i}`, rule]))), { allow });
    assert.equal(await maskReplica(job), "finished");
    assert.notEqual(await proveMasking(job), "out-of-time");
    for (const [i, { type, redacted, values }] of types.entries()) {
      const shown = type.startsWith("BIT") ? "v + 0" : "v";
      const rows = await copy.rows(`SELECT CAST(${shown} AS CHAR) AS v, HEX(kept) AS kept FROM t${i} ORDER BY id`);
      assert.equal(rows[0]?.["v"], type === "CHAR(5)" ? "**" : redacted, type);
      assert.equal(rows[values.length]?.["v"], null, type);
      assert.deepEqual(
        rows.map(({ kept }) => ({ kept: kept as unknown })),
        before[i]?.map(({ kept }) => ({ kept: kept as unknown })),
        type,
      );
    }
  });

  test(`a fixed value is what the column holds afterwards, and one that does not fit is refused, on ${server.name}`, async (t) => {
    const types = typesOf(server);
    const copy = await createCopy(t, server, [
      ...types.map(
        ({ type }, i) =>
          `CREATE TABLE t${i} (id INT AUTO_INCREMENT PRIMARY KEY, v ${type} NULL) DEFAULT CHARSET utf8mb4`,
      ),
      ...types.flatMap(({ values }, i) => [...values, "NULL"].map((v) => `INSERT INTO t${i} (v) VALUES (${v})`)),
    ]);
    const contract = (value: "fixed" | "unfit") =>
      contractOf(Object.fromEntries(types.map((type, i) => [`t${i}`, { id: "keep", v: { fixed: type[value] } }])));
    // A row that holds the fixed value before: not a leak.
    for (const [i, { fixed }] of types.entries()) {
      await copy.connection.query(`INSERT INTO t${i} (v) VALUES (?)`, [fixed]);
    }
    const job = await copy.job(contract("fixed"));
    assert.equal(await maskReplica(job), "finished");
    for (const [i, { type }] of types.entries()) {
      const rows = await copy.rows(`SELECT DISTINCT HEX(v) AS v FROM t${i}`);
      assert.equal(rows.length, 1, type);
      assert.notEqual(rows[0]?.["v"], null, type);
    }
    assert.notEqual(await proveMasking(job), "out-of-time");
    await assert.rejects(copy.job(contract("unfit")), (error: Error) => {
      for (const [i, { type }] of types.entries()) assert.match(error.message, new RegExp(`\`t${i}\\.v\``), type);
      return true;
    });
  });
}
