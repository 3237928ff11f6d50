// `phone`: another number of the same country and format.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { mainServer, servers } from "../../../support/servers.ts";
import { createCopy } from "../support.ts";
import { hostileText } from "./made-up-support.ts";
import { assertSound, maskedOf, maskValues } from "./values-support.ts";

/** A number, and what it must become. */
const NUMBERS: readonly (readonly [string, RegExp])[] = [
  // Ranges that are nobody's.
  ["+1 212 736 5000", /^\+1 212 555 01\d\d$/],
  ["(212) 736-5000", /^\(212\) 555-01\d\d$/],
  ["1-212-736-5000", /^1-212-555-01\d\d$/],
  ["001 212 736 5000", /^001 212 555 01\d\d$/],
  ["+44 7911 123456", /^\+44 7700 900\d{3}$/],
  ["+44 (0)7911 123456", /^\+44 \(0\)1632 960\d{3}$/],
  ["+442079461234", /^\+442079460\d{3}$/],
  ["+33 6 12 34 56 78", /^\+33 6 39 98 \d\d \d\d$/],
  ["0033612345678", /^0033639984?\d{3,4}$/],
  ["+61 2 9876 5432", /^\+61 2 5550 \d{4}$/],
  ["+81 90-1234-5678", /^\+81 90-0\d{3}-\d{4}$/],
  ["+81 (0)80 1234 5678", /^\+81 \(0\)90 0\d{3} \d{4}$/],
  ["090-1234-5678", /^090-0\d{3}-\d{4}$/],
  ["０９０－１２３４－５６７８", /^０９０－０[０-９]{3}－[０-９]{4}$/u],
  // Country, trunk 0 and two digits of the area or operator.
  ["＋81（3）1234-5678", /^＋81（3）\d{4}-\d{4}$/],
  ["+81 3-1234-5678", /^\+81 3-1\d{3}-\d{4}$/],
  ["03-1234-5678", /^03-1\d{3}-\d{4}$/],
  ["0120-123-456", /^012\d-\d{3}-\d{3}$/],
  ["06 12 34 56 78", /^06 1\d \d\d \d\d \d\d$/],
  ["+49 151 23456789", /^\+49 15\d \d{8}$/],
  ["+7 (495) 123-45-67", /^\+7 \(49\d\) \d{3}-\d\d-\d\d$/],
  ["+354 123 4567", /^\+354 \d{3} \d{4}$/],
  ["+86 138 1234 5678", /^\+86 13\d \d{4} \d{4}$/],
  ["13812345678", /^13\d{9}$/],
  ["7365000", /^\d{7}$/],
  // No telephone number, or more than one says: all digits.
  ["110", /^\d{3}$/],
  ["+1 212 736 5000 ext. 12", /^\+\d \d{3} \d{3} \d{4} ext\. \d\d$/],
  ["03-1234-5678 / 090-1234-5678", /^\d\d-\d{4}-\d{4} \/ \d{3}-\d{4}-\d{4}$/],
];

const digitsOf = (text: string) => text.normalize("NFKC").replaceAll(/[^0-9]/g, "");

for (const server of servers()) {
  test(`a number stays one of its country, in its format, on ${server.name}`, async (t) => {
    const copy = await createCopy(t, server, []);
    const masked = await maskValues(
      copy,
      "VARCHAR(40)",
      "phone",
      NUMBERS.map(([number]) => number),
    );
    assertSound(masked);
    for (const [number, expected] of NUMBERS) {
      const made = maskedOf(masked, number) ?? "";
      assert.match(made, expected, number);
      if (digitsOf(number).length > 3) assert.notEqual(made, number);
    }
  });

  test(`one number becomes the same one however it is punctuated, on ${server.name}`, async (t) => {
    const copy = await createCopy(t, server, []);
    const written = [
      "03-1234-5678",
      "0312345678",
      "03 1234 5678",
      "(03) 1234 5678",
      "０３（１２３４）５６７８",
      "03.1234.5678",
    ];
    // The first three are written as most are, and masked the short way.
    written.push(
      "03-1234 5678",
      "03--1234-5678",
      "0-3-1-2-3-4-5678",
      "0-3-1-2-3-45678",
      " 03 12345678",
      "03-1234-5678-",
    );
    const utf8 = await maskValues(copy, "VARCHAR(40)", "phone", written);
    const latin1 = await maskValues(copy, "CHAR(20) CHARACTER SET latin1", "phone", [written[0] ?? ""]);
    const made = [...utf8.rows, ...latin1.rows].flatMap(({ masked }) => (masked === null ? [] : digitsOf(masked)));
    assert.equal(new Set(made).size, 1);
  });

  test(`a line's end behind a number stays where it is, on ${server.name}`, async (t) => {
    const copy = await createCopy(t, server, []);
    const written = ["\n", "\r", "\r\n", "\u0085", "\u2028"].map((end) => `03-1234-5678${end}`);
    const { rows } = await maskValues(copy, "VARCHAR(40)", "phone", written);
    for (const { original, masked } of rows) {
      assert.equal(masked?.replaceAll(/\d/g, "0"), original?.replaceAll(/\d/g, "0"), JSON.stringify(original));
    }
  });

  test(`whatever stands in the column, the format is kept and the length fits, on ${server.name}`, async (t) => {
    const copy = await createCopy(t, server, []);
    const number = fc.oneof(
      hostileText(40),
      fc.stringMatching(/^(?:\+|00)?[0-9]{1,3}[ (-]{0,2}[0-9]{1,5}[ )-]{0,2}[0-9]{1,8}$/),
      fc.stringMatching(/^[+＋]?[０-９]{1,4}[－ー ]?[０-９0-9]{4,12}$/u),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(number, { minLength: 100, maxLength: 120 }), async (values) => {
        for (const type of ["VARCHAR(40)", "VARCHAR(24) CHARACTER SET ascii", "CHAR(13) CHARACTER SET cp932"]) {
          const masked = await maskValues(copy, type, "phone", values);
          assertSound(masked);
          for (const { original, masked: made } of masked.rows) {
            assert.equal(made?.replaceAll(/[0-9０-９]/gu, "0"), original?.replaceAll(/[0-9０-９]/gu, "0"));
          }
        }
      }),
      { numRuns: 2, endOnFailure: true },
    );
  });
}

test("of a country code's own number two digits are kept where it is long, and seven are replaced in any case", async (t) => {
  const copy = await createCopy(t, mainServer(), []);
  for (const [first, kept] of [
    ["+354 999", "+354 "],
    ["+47 9999", "+47 9"],
    ["+81 99999", "+81 99"],
    ["+49 99999", "+49 99"],
    ["999", ""],
    ["9999", "9"],
    ["099999", "099"],
  ] as const) {
    const numbers = Array.from({ length: 40 }, (_, i) => `${first}00${i + 10}`);
    const { rows } = await maskValues(copy, "VARCHAR(20)", "phone", numbers);
    const made = rows.flatMap(({ masked }) => masked ?? []);
    assert.ok(made.every((number) => number.startsWith(kept)));
    const next = new Set(made.map((number) => number[kept.length]));
    assert.ok(next.size > 5, `${first}: ${next.size} digits after ${kept}`);
  }
});
