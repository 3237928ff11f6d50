// Made-up places: which, for which value; postcodes keep their format.
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import * as english from "../../../../handlers/masking/words/places-en.ts";
import * as japanese from "../../../../handlers/masking/words/places-ja.ts";
import { servers } from "../../../support/servers.ts";
import { createCopy, KEY } from "../support.ts";
import { assertHeld, columnOf, drawn, drawnNumber, hostileText, maskTable, planned } from "./made-up-support.ts";

const LONGEST_POSTCODE = 11;
const ASCII = Array.from({ length: 128 }, (_, code) => `${String.fromCodePoint(code)}1`);

/** An account of its own: character by character. */
function postcodeOf(value: string): string {
  const hash = createHmac("sha256", KEY).update(`postcode:${value}`).digest("hex");
  const letters = Array.from(value)
    .slice(0, LONGEST_POSTCODE)
    .map((character, i) => {
      const number = Number.parseInt(hash.slice(5 * i, 5 * i + 5), 16);
      if (/[0-9]/.test(character)) return String(number % 10);
      if (/[A-Z]/.test(character)) return String.fromCodePoint(65 + (number % 26));
      if (/[a-z]/.test(character)) return String.fromCodePoint(97 + (number % 26));
      return { " ": " ", "-": "-", "\0": "" }[character] ?? "X";
    });
  return letters.join("");
}

for (const server of servers()) {
  test(`a place is the one that Node draws for the value, on ${server.name}`, async (t) => {
    const copy = await createCopy(t, server, [
      `CREATE TABLE places (id INT PRIMARY KEY, a VARCHAR(100), c VARCHAR(60), ja_a VARCHAR(100), ja_c TEXT, short VARCHAR(5))
         DEFAULT CHARSET utf8mb4`,
    ]);
    const values = ["1 High St", "it's \\ x", "東京都港区1-2", "😀", " ", "", null];
    for (const [id, v] of values.entries()) {
      await copy.connection.query("INSERT INTO places VALUES (?)", [[id, v, v, v, v, v?.slice(0, 5)]]);
    }
    await maskTable(copy, "places", {
      ...{ a: "address", c: "city", ja_a: { address: { locale: "ja" } }, ja_c: { city: { locale: "ja" } } },
      short: { address: { locale: "ja" } },
    });
    const rows = await copy.rows("SELECT * FROM places ORDER BY id");
    for (const [id, v] of values.entries()) {
      const upTo = (most: number, place: number) => 1 + (drawnNumber("address", v ?? "", place) % most);
      const district = (from: string) =>
        drawn("address", from, 0, japanese.MUNICIPALITIES).join("") + drawn("address", from, 1, japanese.TOWNS);
      const expected = {
        a: v && `${upTo(999, 1)} ${drawn("address", v, 0, english.STREETS)}`,
        c: v && drawn("city", v, 0, english.CITIES),
        ja_a: v && `${district(v)}${upTo(9, 2)}丁目${upTo(30, 3)}番${upTo(20, 4)}号`,
        ja_c: v && drawn("city", v, 0, japanese.MUNICIPALITIES)[1],
        short: v && district(v.slice(0, 5)).slice(0, 5),
      };
      assert.deepEqual({ ...rows[id] }, { id, ...expected }, `value ${id}`);
    }
  });

  test(`a postcode keeps its format, digit for digit and letter for letter, on ${server.name}`, async (t) => {
    const copy = await createCopy(t, server, [
      "CREATE TABLE codes (id INT PRIMARY KEY, v VARCHAR(20), four CHAR(4)) DEFAULT CHARSET utf8mb4",
      "CREATE TABLE latin (id INT PRIMARY KEY, v VARCHAR(20), four CHAR(4)) DEFAULT CHARSET latin1",
    ]);
    const codes = [
      "90210",
      "12345-6789",
      "SW1A 1AA",
      "k1a 0B1",
      "1234 AB",
      "１００",
      "ann@example.com",
      "é1",
      "- -",
      " ",
      "",
      null,
    ];
    for (const [table, values] of [
      ["codes", codes],
      ["latin", codes.filter((v) => v !== "１００")],
    ] as const) {
      const rows = values.map((v, id) => [id, v, v && Array.from(v).slice(0, 4).join("")]);
      await copy.connection.query(`INSERT INTO ${table} VALUES ?`, [rows]);
      await maskTable(copy, table, { v: "postcode", four: "postcode" });
      const masked = await copy.rows(`SELECT v, four FROM ${table} ORDER BY id`);
      assert.deepEqual(
        masked.map(({ v }) => (v === null ? null : String(v))),
        values.map((v) => v && postcodeOf(v)),
      );
      const fours = rows.map(([, , four]) => (typeof four === "string" ? postcodeOf(four.trimEnd()).trimEnd() : null));
      assert.deepEqual(
        masked.map(({ four }) => (four === null ? null : String(four))),
        fours,
      );
    }
    assert.match(postcodeOf("SW1A 1AA"), /^[A-Z]{2}\d[A-Z] \d[A-Z]{2}$/);
  });

  test(`a postcode of anything fits its column, and stays only where it has neither digit nor letter, on ${server.name}`, async (t) => {
    const copy = await createCopy(t, server, [
      "CREATE TABLE codes (id INT PRIMARY KEY, v VARCHAR(15), ja VARCHAR(15), was VARCHAR(15)) DEFAULT CHARSET utf8mb4",
    ]);
    await fc.assert(
      fc.asyncProperty(fc.array(hostileText(15), { minLength: 100, maxLength: 150 }), async (values) => {
        values.push(...ASCII); // every class of characters, and both its ends
        await copy.connection.query("DELETE FROM codes");
        await copy.connection.query("INSERT INTO codes VALUES ?", [values.map((v, id) => [id, v, v, v])]);
        const [masked] = await maskTable(copy, "codes", { v: "postcode", ja: { postcode: { locale: "ja" } } });
        const unchanged = masked?.unchanged.replaceAll("`v`", "was");
        const rows = await copy.rows(`SELECT v, ja, was, ${unchanged} AS same FROM codes ORDER BY id`);
        for (const [id, v] of values.entries()) {
          assert.equal(rows[id]?.["v"], postcodeOf(v));
          assert.equal(Number(rows[id]["same"]), /^[ -]*$/.test(v) ? 1 : 0);
          assert.match(String(rows[id]["ja"]), /^(?:0{0,3}-?\d{0,4})$/);
        }
      }),
      { numRuns: 4, endOnFailure: true },
    );
  });

  test(`a Japanese postcode is of no place, with a dash where there was one, on ${server.name}`, async (t) => {
    const copy = await createCopy(t, server, [
      "CREATE TABLE codes (id INT PRIMARY KEY, v VARCHAR(20)) DEFAULT CHARSET sjis",
    ]);
    const digitsOf = (v: string) => String(drawnNumber("postcode", v, 0) % 10_000).padStart(4, "0");
    const cases = [
      ["100-0001", `000-${digitsOf("100-0001")}`],
      ["1000001", `000${digitsOf("1000001")}`],
      ["〒100-0001", `000-${digitsOf("〒100-0001")}`],
      ["100", digitsOf("100").slice(1)],
      ["0001", digitsOf("0001")],
      ["", ""],
      [null, null],
    ] as const;
    await copy.connection.query("INSERT INTO codes VALUES ?", [cases.map(([v], id) => [id, v])]);
    await maskTable(copy, "codes", { v: { postcode: { locale: "ja" } } });
    const rows = await copy.rows("SELECT v FROM codes ORDER BY id");
    assert.deepEqual(
      rows.map(({ v }) => v as unknown),
      cases.map(([, code]) => code),
    );
  });

  test(`every municipality and town is held by every character set that is let through, on ${server.name}`, async (t) => {
    const words = [...japanese.MUNICIPALITIES.flat(), ...japanese.TOWNS, "丁目番号"];
    const sets = ["utf8", "ucs2", "utf16", "utf32", "sjis", "cp932", "ujis", "eucjpms"];
    await assertHeld(t, server, words, sets);
  });
}

test("Japanese places need a character set for them; their postcodes do not", () => {
  const { column, table } = columnOf({ characterSet: "latin1", maxBytes: 50 });
  assert.ok(!planned({ address: { locale: "ja" } }, column, table).fits);
  assert.ok(!planned({ city: { locale: "ja" } }, column, table).fits);
  assert.ok(planned({ postcode: { locale: "ja" } }, column, table).fits);
  const number = columnOf({
    dataType: "int",
    columnType: "int",
    characterSet: null,
    maxCharacters: null,
    maxBytes: null,
  });
  assert.ok(!planned("postcode", number.column, number.table).fits);
});
