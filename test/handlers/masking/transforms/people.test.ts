// Made-up people and companies: which, for which value; in every character set; readings that belong to their names.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import * as english from "../../../../handlers/masking/words/people-en.ts";
import * as japanese from "../../../../handlers/masking/words/people-ja.ts";
import { servers } from "../../../support/servers.ts";
import { createCopy } from "../support.ts";
import { assertHeld, columnOf, drawn, hostileText, maskTable, planned } from "./made-up-support.ts";

const JAPANESE_SETS = ["utf8", "utf8mb4", "ucs2", "utf16", "utf16le", "utf32", "sjis", "cp932", "ujis", "eucjpms"];

const englishName = (value: string) =>
  `${drawn("name", value, 1, english.FIRST_NAMES)} ${drawn("name", value, 0, english.LAST_NAMES)}`;
const family = (domain: string, value: string) => drawn(domain, value, 0, japanese.FAMILY_NAMES);
const given = (domain: string, value: string) => drawn(domain, value, 1, japanese.GIVEN_NAMES);

for (const server of servers()) {
  test(`a name is the one that Node draws for the value, on ${server.name}`, async (t) => {
    const copy = await createCopy(t, server, [
      `CREATE TABLE people (id INT PRIMARY KEY, full VARCHAR(60), first VARCHAR(60), last VARCHAR(60), firm TEXT,
         ja VARCHAR(30), ja_first VARCHAR(30), ja_last VARCHAR(30), ja_firm TEXT) DEFAULT CHARSET utf8mb4`,
    ]);
    const values = ["Ann Lee", 'O\'Brien \\ "x"', "山田 太郎", "山田　太郎", "山田太郎", "😀", " ", "", null];
    for (const [id, v] of values.entries())
      await copy.connection.query("INSERT INTO people VALUES (?)", [[id, ...Array(8).fill(v)]]);
    await maskTable(copy, "people", {
      ...{ full: "name", first: "first_name", last: "last_name", firm: "company" },
      ...{ ja: { name: { locale: "ja" } }, ja_first: { first_name: { locale: "ja" } } },
      ...{ ja_last: { last_name: { locale: "ja", domain: "name" } }, ja_firm: { company: { locale: "ja" } } },
    });
    const rows = await copy.rows("SELECT * FROM people ORDER BY id");
    for (const [id, v] of values.entries()) {
      const [space] = /[ \u3000]/u.exec(v ?? "") ?? [""];
      const firm = (lists: typeof english | typeof japanese) => [
        drawn("company", v ?? "", 0, lists.COMPANY_STEMS),
        drawn("company", v ?? "", 1, lists.COMPANY_TRADES),
      ];
      const expected = {
        full: v && englishName(v),
        first: v && drawn("first_name", v, 1, english.FIRST_NAMES),
        last: v && drawn("last_name", v, 0, english.LAST_NAMES),
        firm: v && firm(english).join(" "),
        ja: v && `${family("name", v)[0]}${space}${given("name", v)[0]}`,
        ja_first: v && given("first_name", v)[0],
        ja_last: v && family("name", v)[0],
        ja_firm: v && ["株式会社", ...firm(japanese)].join(""),
      };
      assert.deepEqual({ ...rows[id] }, { id, ...expected }, `value ${id}`);
    }
  });

  test(`a reading belongs to the name beside it, in the script of the original, on ${server.name}`, async (t) => {
    const copy = await createCopy(t, server, [
      `CREATE TABLE people (id INT PRIMARY KEY, Sei VARCHAR(30), mei VARCHAR(30) CHARACTER SET sjis, full VARCHAR(30),
         sei_kana VARCHAR(30), mei_kana VARCHAR(30) CHARACTER SET ujis, kana VARCHAR(30), own VARCHAR(30)) DEFAULT CHARSET utf8mb4`,
    ]);
    const kanas = ["ヤマダ タロウ", "やまだ　たろう", "ﾔﾏﾀﾞﾀﾛｳ", "むらた", "ゟ", "Yamada Taro", " やまだ"];
    for (const [id, kana] of kanas.entries()) {
      await copy.connection.query("INSERT INTO people VALUES (?)", [
        [id, "山田", "太郎", "山田太郎", kana, kana, kana, kana].map((v) => (v === "ゟ" ? "ん" : v)),
      ]);
    }
    const columns = "Sei, mei, full, sei_kana, mei_kana, kana, own";
    await copy.connection.query(
      `INSERT INTO people (id, ${columns}) VALUES (90, '山田', NULL, '', NULL, 'タロウ', 'ヤマダ', '')`,
    );
    await maskTable(copy, "people", {
      ...{ sei_kana: { kana: { of: "sEI" } }, mei_kana: { kana: { of: "mei" } }, kana: { kana: { of: "full" } } },
      ...{ Sei: { last_name: { locale: "ja", domain: "family" } }, mei: { first_name: { locale: "ja" } } },
      ...{ full: { name: { locale: "ja" } }, own: "kana" },
    });
    const rows = await copy.rows("SELECT * FROM people ORDER BY id");
    for (const [id, original] of kanas.entries()) {
      const row = rows[id];
      const write = scriptOf(original.trim().replace("ゟ", "ん"));
      const [space] = /[ \u3000]/u.exec(original) ?? [""];
      assert.deepEqual([row?.["Sei"], row?.["sei_kana"]], pair(family("family", "山田"), write), original);
      assert.deepEqual([row?.["mei"], row?.["mei_kana"]], pair(given("first_name", "太郎"), write), original);
      const [sei, mei] = [family("name", "山田太郎"), given("name", "山田太郎")];
      assert.equal(row?.["full"], `${sei[0]}${mei[0]}`);
      assert.equal(row["kana"], `${write(sei[1])}${space}${write(mei[1])}`);
      const own = original.replace("ゟ", "ん");
      assert.equal(row["own"], `${write(family("kana", own)[1])}${space}${write(given("kana", own)[1])}`);
    }
    // A name that is not there: its reading is drawn from its own value. NULL and empty ones stay so.
    const { id, Sei, mei, full, ...readings } = { ...rows.at(-1) };
    assert.deepEqual([id, Sei, mei, full], [90, family("family", "山田")[0], null, ""]);
    const drawnFromOwn = `${family("name", "ヤマダ")[1]}${given("name", "ヤマダ")[1]}`;
    assert.deepEqual(readings, {
      sei_kana: null,
      mei_kana: given("first_name", "タロウ")[1],
      kana: drawnFromOwn,
      own: "",
    });
  });

  test(`a made-up value fits columns of any length and character set, and is the same in all of them, on ${server.name}`, async (t) => {
    const sets = ["utf8mb4", "latin1", "ascii", "ucs2", "utf16", "utf32", "sjis", "ujis"];
    const copy = await createCopy(t, server, [
      ...sets.map(
        (set) =>
          `CREATE TABLE t_${set} (id INT PRIMARY KEY, full VARCHAR(60), short CHAR(7), one VARCHAR(1), tiny TINYTEXT) CHARACTER SET ${set}`,
      ),
      "CREATE TABLE ja (id INT PRIMARY KEY, full VARCHAR(20), short CHAR(3), one VARCHAR(1), tiny TINYTEXT) CHARACTER SET utf8mb4",
    ]);
    const ascii = fc.string({ unit: "grapheme-ascii", minLength: 1, maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(fc.array(ascii, { minLength: 40, maxLength: 60 }), async (values) => {
        for (const table of [...sets.map((set) => `t_${set}`), "ja"]) {
          const locale = table === "ja" ? "ja" : "en";
          await copy.connection.query(`DELETE FROM ${table}`);
          const rows = values.map((v, id) => [id, v, v.slice(0, 3), v.slice(0, 1), v]);
          await copy.connection.query(`INSERT INTO ${table} VALUES ?`, [rows]);
          await maskTable(copy, table, {
            ...{ full: { name: { locale } }, short: { name: { locale } } },
            ...{ one: { last_name: { locale } }, tiny: { name: { locale } } },
          });
          const masked = await copy.rows(`SELECT * FROM ${table} ORDER BY id`);
          if (locale === "ja") continue; // that the strict server took the values is all
          for (const [id, v] of values.entries()) {
            const row = masked[id];
            assert.equal(row?.["full"], englishName(v), table);
            assert.equal(row["tiny"], englishName(v), table);
            // CHAR loses the spaces at its end before it is hashed.
            const short = v.slice(0, 3).trimEnd();
            assert.equal(row["short"], short && englishName(short).slice(0, 7).trimEnd(), table);
            assert.equal(row["one"], drawn("last_name", v.slice(0, 1), 0, english.LAST_NAMES).slice(0, 1), table);
          }
        }
      }),
      { numRuns: 2, endOnFailure: true },
    );
  });

  test(`hostile values become names of the lists, NULL stays NULL and empty stays empty, on ${server.name}`, async (t) => {
    const copy = await createCopy(t, server, [
      "CREATE TABLE people (id INT PRIMARY KEY, en VARCHAR(40), ja VARCHAR(40), kana VARCHAR(40)) CHARACTER SET utf8mb4",
    ]);
    const families = new Set(japanese.FAMILY_NAMES.map(([kanji]) => kanji));
    await fc.assert(
      fc.asyncProperty(fc.array(fc.option(hostileText(40)), { minLength: 100, maxLength: 150 }), async (values) => {
        await copy.connection.query("DELETE FROM people");
        await copy.connection.query("INSERT INTO people VALUES ?", [values.map((v, id) => [id, v, v, v])]);
        await maskTable(copy, "people", {
          ...{ kana: { kana: { of: "ja" } }, en: "name", ja: { last_name: { locale: "ja" } } },
        });
        const rows = await copy.rows("SELECT * FROM people ORDER BY id");
        for (const [id, v] of values.entries()) {
          const row = rows[id];
          if (!v) {
            assert.deepEqual({ ...row }, { id, en: v, ja: v, kana: v });
            continue;
          }
          assert.equal(row?.["en"], englishName(v));
          assert.ok(families.has(String(row["ja"])));
          const [kanji, reading] = family("last_name", v);
          assert.equal(row["ja"], kanji);
          assert.equal(row["kana"], scriptOf(v.replace(/^ +/, ""))(reading));
        }
      }),
      { numRuns: 4, endOnFailure: true },
    );
  });

  test(`every Japanese word of the lists is held by every character set that is let through, on ${server.name}`, async (t) => {
    const has = new Set(
      (await (await createCopy(t, server, [])).rows("SHOW CHARACTER SET")).map((row) => String(row["Charset"])),
    );
    const sets = [...JAPANESE_SETS, "gb18030"].filter((set) => has.has(set));
    const words = [
      ...[...japanese.FAMILY_NAMES, ...japanese.GIVEN_NAMES].flatMap(([kanji, kana]) => [
        kanji,
        kana,
        hiragana(kana),
        halfWidth(kana),
      ]),
      ...japanese.COMPANY_STEMS,
      ...japanese.COMPANY_TRADES,
    ];
    await assertHeld(t, server, words, sets);
  });
}

test("what cannot be had is refused with the reason", () => {
  const sei = columnOf({ name: "sei" }).column;
  const reasonOf = (
    ...[written, type, others]: [
      Parameters<typeof planned>[0],
      Parameters<typeof columnOf>[0],
      Record<string, "redact" | "last_name">?,
    ]
  ) => {
    const { column, table } = columnOf(type);
    const result = planned(written, column, { ...table, columns: [column, sei] }, others);
    return result.fits ? "fits" : result.reason;
  };
  const latin1 = { characterSet: "latin1", maxBytes: 50 };
  const number = { dataType: "int", columnType: "int", maxCharacters: null, maxBytes: null, characterSet: null };
  assert.equal(reasonOf("name", latin1), "fits");
  assert.equal(
    reasonOf({ name: { locale: "ja" } }, latin1),
    "the character set `latin1` does not hold Japanese; use the locale `en`",
  );
  assert.match(reasonOf("kana", latin1), /does not hold Japanese/);
  assert.equal(reasonOf("company", number), "`company` is for text");
  assert.match(reasonOf({ kana: { locale: "en" } }, {}), /is Japanese/);
  assert.equal(reasonOf({ kana: { of: "nome" } }, {}), "there is no column `nome` for it to follow");
  for (const others of [{}, { sei: "redact" }, { sei: "last_name" }] as const) {
    assert.match(reasonOf({ kana: { of: "SEI" } }, {}, others), /follows `sei`, which needs .* of the locale `ja`/);
  }
});

test("a reading says which column it reads, so that it is set before that one", () => {
  const { column, table } = columnOf({ name: "kana" });
  const name = columnOf({ name: "Full" }).column;
  const result = planned(
    { kana: { of: "full" } },
    column,
    { ...table, columns: [column, name] },
    { Full: { name: { locale: "ja" } } },
  );
  assert.ok(result.fits);
  assert.deepEqual(result.reads, ["Full"]);
  assert.ok(result.byChance);
  assert.equal(result.distinctWithin, undefined);
});

function pair([kanji, reading]: readonly [string, string], write: (katakana: string) => string): [string, string] {
  return [kanji, write(reading)];
}

function scriptOf(original: string): (katakana: string) => string {
  if (/^[\u3041-\u309f]/u.test(original)) return hiragana;
  if (/^[\uff61-\uff9f]/u.test(original)) return halfWidth;
  return (katakana) => katakana;
}

const KATAKANA =
  "アイウエオカガキギクグケゲコゴサザシジスズセゼソゾタダチヂッツヅテデトドナニヌネノハバパヒビピフブプヘベペホボポマミムメモャヤュユョヨラリルレロワン";
const HIRAGANA =
  "あいうえおかがきぎくぐけげこごさざしじすずせぜそぞただちぢっつづてでとどなにぬねのはばぱひびぴふぶぷへべぺほぼぽまみむめもゃやゅゆょよらりるれろわん";
const HALF =
  "ｱ ｲ ｳ ｴ ｵ ｶ ｶﾞ ｷ ｷﾞ ｸ ｸﾞ ｹ ｹﾞ ｺ ｺﾞ ｻ ｻﾞ ｼ ｼﾞ ｽ ｽﾞ ｾ ｾﾞ ｿ ｿﾞ ﾀ ﾀﾞ ﾁ ﾁﾞ ｯ ﾂ ﾂﾞ ﾃ ﾃﾞ ﾄ ﾄﾞ ﾅ ﾆ ﾇ ﾈ ﾉ ﾊ ﾊﾞ ﾊﾟ ﾋ ﾋﾞ ﾋﾟ ﾌ ﾌﾞ ﾌﾟ ﾍ ﾍﾞ ﾍﾟ ﾎ ﾎﾞ ﾎﾟ ﾏ ﾐ ﾑ ﾒ ﾓ ｬ ﾔ ｭ ﾕ ｮ ﾖ ﾗ ﾘ ﾙ ﾚ ﾛ ﾜ ﾝ".split(
    " ",
  );

function hiragana(katakana: string): string {
  return Array.from(katakana, (letter) => HIRAGANA[KATAKANA.indexOf(letter)] ?? letter).join("");
}

function halfWidth(katakana: string): string {
  return Array.from(katakana, (letter) => HALF[KATAKANA.indexOf(letter)] ?? letter).join("");
}
