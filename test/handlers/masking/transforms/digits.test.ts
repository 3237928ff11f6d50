// `digits`: the places of digits get others, and nothing else changes.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { mainServer, servers } from "../../../support/servers.ts";
import { createCopy } from "../support.ts";
import { columnOf, hostileText, planned } from "./made-up-support.ts";
import { assertSound, hashOf, maskedOf, maskValues } from "./values-support.ts";

const format = (text: string | null) => text?.replaceAll(/[0-9０-９]/gu, "0");

/** Digits in every surrounding. */
const numbers = (maxCharacters: number) =>
  fc.oneof(
    hostileText(maxCharacters),
    fc.stringMatching(/^[0-9 ()+./-]{1,30}$/u),
    fc.stringMatching(/^[０-９（）ー－\u3000]{1,20}$/u),
    fc.string({ unit: fc.constantFrom("0", "5", "９", "x", "é", "😀", "\\", "'", "\u0301"), maxLength: maxCharacters }),
  );

for (const server of servers()) {
  test(`each digit is replaced and every other character stays in its place, on ${server.name}`, async (t) => {
    const copy = await createCopy(t, server, []);
    const [long, short] = [fc.array(numbers(70), { minLength: 100, maxLength: 150 }), fc.array(numbers(16))];
    await fc.assert(
      fc.asyncProperty(long, short, async (longer, shorter) => {
        for (const [type, values] of [
          ["VARCHAR(70)", longer],
          ["CHAR(16) COLLATE utf8mb4_bin", shorter],
          ["VARCHAR(70) CHARACTER SET latin1", longer],
          ["TINYTEXT CHARACTER SET utf8", shorter],
          ["VARCHAR(70) CHARACTER SET sjis", longer],
          ["VARCHAR(70) CHARACTER SET utf16", shorter],
        ] as const) {
          const masked = await maskValues(copy, type, "digits", values);
          assertSound(masked);
          for (const { original, masked: made, unchanged } of masked.rows) {
            if (original === null) continue;
            assert.equal(format(made), format(original));
            assert.equal(unchanged, !/[0-9０-９]/u.test(original), JSON.stringify(original));
            // Of both widths, full-width ones are made.
            if (/[０-９]/u.test(original)) assert.doesNotMatch(made ?? "", /[0-9]/);
          }
        }
      }),
      { numRuns: 2, endOnFailure: true },
    );
  });

  test(`the digits are those of the keyed hash, sixteen characters at a time, on ${server.name}`, async (t) => {
    const copy = await createCopy(t, server, []);
    const card = "4111-1111-1111-1111";
    const masked = await maskValues(copy, "VARCHAR(30)", "digits", [card, "1234"]);
    const drawn = (domain: string) =>
      BigInt(`0x${hashOf(domain, card).slice(0, 16)}`)
        .toString()
        .padStart(20, "0")
        .slice(-18)
        .replace(/^1+/, "");
    const [first, second] = [drawn("digits"), drawn("digits#1")];
    assert.equal(
      maskedOf(masked, card),
      `${first.slice(0, 4)}-${first.slice(4, 8)}-${first.slice(8, 12)}-${first.slice(12, 13)}${second.slice(0, 3)}`,
    );
    const other = await maskValues(copy, "VARCHAR(30)", { digits: { domain: "cards" } }, [card]);
    assert.notEqual(maskedOf(other, card), maskedOf(masked, card));
    const latin1 = await maskValues(copy, "VARCHAR(99) CHARACTER SET latin1", "digits", [card]);
    assert.equal(maskedOf(latin1, card), maskedOf(masked, card));
  });
}

test("a text's only digit becomes another one", async (t) => {
  const copy = await createCopy(t, mainServer(), []);
  const values = Array.from(
    { length: 600 },
    (_, i) => `${"x".repeat(i % 40)} ${"0123456789０１２３４５６７８９"[i % 20]} ${i % 7 ? "" : "é"}`,
  );
  const { rows } = await maskValues(copy, "VARCHAR(50)", "digits", values);
  assert.deepEqual(
    rows.filter(({ original, masked }) => original !== null && original === masked),
    [],
  );
});

test("of many texts all digits come about as often", async (t) => {
  const copy = await createCopy(t, mainServer(), []);
  const values = Array.from({ length: 2000 }, (_, i) => `${1_000_000 + i}`);
  const { rows } = await maskValues(copy, "VARCHAR(7)", "digits", values);
  const all = rows.map(({ masked }) => masked ?? "").join("");
  for (const digit of "0123456789") {
    const share = all.split(digit).length / all.length;
    assert.ok(share > 0.08 && share < 0.12, `${digit}: ${share}`);
  }
});

test("what is no text, or too long to name its characters, is refused", () => {
  for (const type of [
    { dataType: "bigint", maxCharacters: null },
    { dataType: "text", maxCharacters: 65_535, maxBytes: 65_535 },
    { dataType: "varchar", maxCharacters: 513, maxBytes: 2052 },
  ]) {
    const { column, table } = columnOf(type);
    for (const name of ["digits", "phone"] as const) assert.equal(planned(name, column, table).fits, false);
  }
  const { column, table } = columnOf({ maxCharacters: 512, maxBytes: 2048 });
  assert.equal(planned("digits", column, table).fits, true);
});
