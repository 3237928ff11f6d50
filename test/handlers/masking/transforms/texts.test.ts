// `empty` and `username`.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { maskReplica, proveMasking } from "../../../../handlers/masking/index.ts";
import { servers } from "../../../support/servers.ts";
import { contractOf, createCopy, manyRows } from "../support.ts";
import { columnOf, hostileText, planned } from "./made-up-support.ts";
import { assertSound, hashOf, maskedOf, maskValues } from "./values-support.ts";

for (const server of servers()) {
  test(`empty leaves no character and no byte, on ${server.name}`, async (t) => {
    const copy = await createCopy(t, server, []);
    for (const [type, left] of [
      ["VARCHAR(20)", ""],
      ["CHAR(5) CHARACTER SET ucs2", ""],
      ["LONGTEXT", ""],
      ["VARBINARY(20)", ""],
      ["BLOB", ""],
      ["BINARY(3)", "000000"],
    ] as const) {
      const masked = await maskValues(copy, type, "empty", ["Ann", " ", "", "\0", "\0\0\0", "山", "\t"]);
      for (const { original, masked: made, unchanged } of masked.rows) {
        assert.equal(made, original === null ? null : left, type);
        assert.equal(unchanged, original === left, `${type} ${original}`);
      }
    }
  });

  test(`a user name is drawn from the value, different for different ones, on ${server.name}`, async (t) => {
    const copy = await createCopy(t, server, []);
    const values = fc.uniqueArray(hostileText(18), { minLength: 80, maxLength: 120 });
    const made = (value: string) =>
      value &&
      `user_${BigInt(`0x${hashOf("username", value).slice(0, 16)}`)
        .toString(36)
        .padStart(13, "0")}`;
    await fc.assert(
      fc.asyncProperty(values, async (names) => {
        for (const type of ["VARCHAR(18) COLLATE utf8mb4_bin", "TINYTEXT CHARACTER SET ucs2"]) {
          const masked = await maskValues(copy, type, "username", names);
          assertSound(masked);
          for (const row of masked.rows) if (row.original !== null) assert.equal(row.masked, made(row.original));
        }
      }),
      { numRuns: 2, endOnFailure: true },
    );
    const short = await maskValues(copy, "CHAR(14) CHARACTER SET ascii", "username", ["ann"]);
    assert.equal(maskedOf(short, "ann"), made("ann").replace("user_", "u"));
  });
}

/** A column for each transform of a form, with values of which some stay. */
const FORMS = [
  ["empty", "VARCHAR(20)", (i: number) => (i % 5 ? `'Ann ${i}'` : "''")],
  ["digits", "VARCHAR(40)", (i: number) => (i % 5 ? `'Flat ${i % 10}, house ${"x".repeat(i % 20)}'` : "'none'")],
  ["phone", "VARCHAR(20)", (i: number) => `'+1 212 555 0${100 + (i % 100)}'`],
  ["username", "VARCHAR(20) UNIQUE", (i: number) => `'ann${i}'`],
  ["uuid", "CHAR(36) UNIQUE", () => "UUID()"],
  ["ip", "INT UNSIGNED", (i: number) => `${3_000_000_000 + i}`],
  ["url", "VARCHAR(60) UNIQUE", (i: number) => `'https://corp.com/ann?${i}'`],
  ["date_shift", "DATE", (i: number) => (i % 5 ? `'2000-01-01' + INTERVAL ${i} DAY` : "'2000-02-31'")],
  ["year_only", "DATETIME", (i: number) => `'2000-01-01' + INTERVAL ${i % 300} DAY`],
  ["noise", "INT", (i: number) => `${i % 50}`],
] as const;

for (const server of servers()) {
  test(`all of these pass the proof, also where values stay or meet by chance, on ${server.name}`, async (t) => {
    const copy = await createCopy(t, server, [
      `CREATE TABLE people (id INT PRIMARY KEY, ${FORMS.map(([name, type]) => `\`${name}\` ${type}`).join(", ")})
       DEFAULT CHARSET utf8mb4`,
      `INSERT INTO people VALUES ${manyRows(400, (i) => [i, ...FORMS.map(([, , value]) => value(i))].join(", "))}`,
    ]);
    const rules = Object.fromEntries(FORMS.map(([name]) => [name, name]));
    const job = await copy.job(contractOf({ people: { id: "keep", ...rules } }), { chunkRows: 150 });
    assert.equal(await maskReplica(job), "finished");
    assert.notEqual(await proveMasking(job), "out-of-time");
  });
}

test("what has no room for a name of its own, or is no text, is refused", () => {
  for (const [name, type] of [
    ["username", { maxCharacters: 13, maxBytes: 52 }],
    ["username", { dataType: "int", maxCharacters: null }],
    ["empty", { dataType: "int", maxCharacters: null }],
    ["empty", { dataType: "json", maxCharacters: null }],
  ] as const) {
    const { column, table } = columnOf(type);
    assert.equal(planned(name, column, table).fits, false);
  }
});
