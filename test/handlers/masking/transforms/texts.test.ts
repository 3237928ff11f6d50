// `empty` and `username`.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { servers } from "../../../support/servers.ts";
import { createCopy } from "../support.ts";
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
