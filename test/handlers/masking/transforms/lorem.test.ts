// `text`: the length and the line breaks of the original, and none of its words.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { servers } from "../../../support/servers.ts";
import { createCopy } from "../support.ts";
import { columnOf, hostileText, maskTable, planned } from "./made-up-support.ts";

/** Where a text's lines end, in characters; CR LF counts as a line's end where all of them end so. */
function breaksOf(value: string): string {
  const end = value.replaceAll("\r\n", "").includes("\n") ? "\n" : "\r\n";
  return value
    .split(end)
    .map((line) => "x".repeat(Array.from(line).length))
    .join(end);
}

const isJapanese = (value: string) => Buffer.byteLength(value) > 2 * Array.from(value).length;

for (const server of servers()) {
  test(`a text keeps its length and its line breaks and nothing else, on ${server.name}`, async (t) => {
    const copy = await createCopy(t, server, [
      "CREATE TABLE notes (id INT PRIMARY KEY, v TEXT, again MEDIUMTEXT, other TEXT) DEFAULT CHARSET utf8mb4",
    ]);
    const value = fc.option(
      fc.oneof(
        hostileText(300),
        fc.array(hostileText(20), { maxLength: 30 }).map((lines) => lines.join("\n")),
        fc.array(fc.stringMatching(/^[a-z "™Œ#?\\]{0,80}$/u), { maxLength: 9 }).map((lines) => lines.join("\r\n")),
      ),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(value, { minLength: 60, maxLength: 90 }), async (values) => {
        await copy.connection.query("DELETE FROM notes");
        await copy.connection.query("INSERT INTO notes VALUES ?", [values.map((v, id) => [id, v, v, v])]);
        await maskTable(copy, "notes", { v: "text", again: "text", other: { text: { domain: "other" } } });
        const rows = await copy.rows("SELECT v, again FROM notes ORDER BY id");
        for (const [id, v] of values.entries()) {
          const masked = rows[id]?.["v"] as string | null;
          assert.equal(rows[id]?.["again"], masked);
          if (v === null || masked === null) {
            assert.equal(masked, v);
            continue;
          }
          assert.equal(breaksOf(masked), breaksOf(v), JSON.stringify(v));
          assert.match(masked, isJapanese(v) ? /^[\p{Script=Han}\p{Script=Hiragana}、。\r\n]*$/u : /^[a-z .\r\n]*$/);
          assert.doesNotMatch(masked, /[^\S\r\n]$/u);
        }
      }),
      { numRuns: 4, endOnFailure: true },
    );
  });

  test(`other texts become other words under the key, equal ones the same, and a domain changes them, on ${server.name}`, async (t) => {
    const copy = await createCopy(t, server, [
      "CREATE TABLE notes (id INT PRIMARY KEY, v VARCHAR(200), w VARCHAR(200) CHARACTER SET utf16) DEFAULT CHARSET latin1",
    ]);
    const values = Array.from({ length: 40 }, (_, i) => `Ann called about order ${100 + i}, and she was not amused.`);
    await copy.connection.query("INSERT INTO notes VALUES ?", [values.map((v, id) => [id, v, v])]);
    await maskTable(copy, "notes", { v: "text", w: { text: { domain: "other" } } });
    const rows = await copy.rows("SELECT v, w FROM notes");
    const [own, other] = [new Set(rows.map(({ v }) => String(v))), new Set(rows.map(({ w }) => String(w)))];
    assert.ok(own.size > 10, `${own.size} different texts`);
    assert.ok(rows.filter(({ v, w }) => v !== w).length > 20);
    assert.ok(other.size > 10);
  });

  test(`texts of every character set and type fit their columns, on ${server.name}`, async (t) => {
    const sets = [
      "utf8mb4",
      "utf8",
      "latin1",
      "ascii",
      "ucs2",
      "utf16",
      "utf16le",
      "utf32",
      "sjis",
      "ujis",
      "cp932",
      "koi8r",
    ];
    const copy = await createCopy(
      t,
      server,
      sets.map(
        (set) =>
          `CREATE TABLE t_${set} (id INT PRIMARY KEY, c CHAR(20), v VARCHAR(20), tiny TINYTEXT) CHARACTER SET ${set}`,
      ),
    );
    const lines = [
      "a",
      "ab",
      "abcd",
      "abcdefgh ij",
      "12345678\n12345",
      "one\r\ntwo\r\n",
      "\n\n",
      "",
      "abcdefghijklmnopqrst",
    ];
    const japanese = ["東京都", "山田\nカナ。", "ﾔﾏﾀﾞ"];
    for (const set of sets) {
      const values = /utf|ucs|sjis|ujis|cp932/.test(set) ? [...lines, ...japanese] : lines;
      await copy.connection.query(`INSERT INTO t_${set} VALUES ?`, [values.map((v, id) => [id, v, v, v])]);
      await maskTable(copy, `t_${set}`, { c: "text", v: "text", tiny: "text" });
      const rows = await copy.rows(`SELECT c, v, tiny FROM t_${set} ORDER BY id`);
      for (const [id, v] of values.entries()) {
        for (const column of ["c", "v", "tiny"]) {
          const masked = String(rows[id]?.[column]);
          assert.equal(breaksOf(masked), breaksOf(v), `${set} ${JSON.stringify(v)}`);
          assert.equal(/[^ -~\s]/.test(masked), isJapanese(v), `${set} ${v}`);
        }
      }
    }
  });

  test(`a full TEXT column is not overfilled, and long texts keep length and lines, on ${server.name}`, async (t) => {
    const copy = await createCopy(t, server, [
      "CREATE TABLE notes (id INT PRIMARY KEY, v TEXT, long_one LONGTEXT) DEFAULT CHARSET utf8mb4",
      // 65,535 bytes: all kana; and so many of two bytes and three that as many kana would not fit.
      "INSERT INTO notes VALUES (1, REPEAT('あ', 21845), REPEAT('x', 1000001)), (2, CONCAT(REPEAT('あ', 14000), REPEAT('a', 12000)), NULL)",
      "INSERT INTO notes VALUES (3, REPEAT('line of text\\n', 5041), REPEAT('山を見る\\r\\n', 100000))",
      "INSERT INTO notes VALUES (4, REPEAT('\\n', 65535), REPEAT('a\\r\\n', 400000))",
      "CREATE TABLE was SELECT * FROM notes",
    ]);
    await maskTable(copy, "notes", { v: "text", long_one: "text" });
    const rows = await copy.rows(
      `SELECT n.v, n.long_one AS l, w.v AS wasV, w.long_one AS wasL FROM notes n JOIN was w ON w.id = n.id ORDER BY n.id`,
    );
    const texts = rows as Record<"v" | "wasV" | "l" | "wasL", string>[];
    for (const { v, wasV } of texts) assert.ok(breaksOf(v) === breaksOf(wasV));
    assert.ok(isJapanese(texts[0]?.v ?? ""));
    assert.ok(!isJapanese(texts[1]?.v ?? ""));
    assert.equal(texts[0]?.l.length, 1_000_001);
    assert.ok(breaksOf(texts[2]?.l ?? "") === breaksOf(texts[2]?.wasL ?? ""));
    // Longer than a million characters: one line.
    assert.equal(texts[3]?.l.length, 1_200_000);
    assert.ok(!texts[3]?.l.includes("\n") && !texts[3]?.l.includes("\r"));
  });
}

test("`text` is for text, and its SQL holds nothing that a driver would take for a parameter", () => {
  const number = columnOf({
    dataType: "int",
    columnType: "int",
    characterSet: null,
    maxCharacters: null,
    maxBytes: null,
  });
  assert.ok(!planned("text", number.column, number.table).fits);
  const odd = columnOf({ name: "a*/b" });
  assert.ok(!planned("text", odd.column, odd.table).fits);
  const { column, table } = columnOf({});
  const masked = planned("text", column, table);
  assert.ok(masked.fits);
  assert.ok(!masked.sql.includes("?"));
  assert.ok(masked.sql.length < 16_000);
});
