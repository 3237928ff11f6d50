// Ids of every kind: kept where they are free, given anew in their own form where they are taken, and followed.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { anotherUuid, isUuid } from "../../../handlers/preserving/uuid.ts";
import { servers } from "../../support/servers.ts";
import { openWorld, rowsOf } from "./world.ts";

const V4 = "3f2504e0-4f89-41d3-9a0c-0305e82c3301";
const V7 = "018F3E5C-7A2B-7CC0-98C4-DC0C0C07398F";
const V1 = "11edc8b27a2b11ed98c4dc0c0c07398f";
/** UUID_TO_BIN(…, 1) of a version 1: its time's high part comes first. */
const SWAPPED = "11ed11edc8b2fa2b98c4dc0c0c07398f";

interface Form {
  readonly name: string;
  readonly type: string;
  readonly taken: string;
  readonly free: string;
  /** What a new id looks like, as text or in hexadecimal digits. */
  readonly anew: RegExp;
  readonly only?: "mariadb";
}

const text = (uuid: string) => `'${uuid}'`;
const bytes = (digits: string) => `X'${digits}'`;

const forms: readonly Form[] = [
  {
    name: "char36",
    type: "CHAR(36) CHARACTER SET ascii",
    taken: text(V4),
    free: text(V4.replace("3f", "00")),
    anew: /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
  },
  {
    name: "upper",
    type: "VARCHAR(255) CHARACTER SET ascii",
    taken: text(V7),
    free: text(V7.replace("01", "02")),
    anew: /^018F3E5C-7A2B-7[0-9A-F]{3}-[89AB][0-9A-F]{3}-[0-9A-F]{12}$/,
  },
  {
    name: "plain",
    type: "CHAR(32) CHARACTER SET latin1",
    taken: text(V1),
    free: text(V1.replace("11", "33")),
    anew: /^11edc8b27a2b11ed[89ab][0-9a-f]{15}$/,
  },
  {
    name: "bytes",
    type: "BINARY(16)",
    taken: bytes(V4.replaceAll("-", "")),
    free: bytes("00".repeat(16)),
    anew: /^[0-9A-F]{12}4[0-9A-F]{3}[89AB][0-9A-F]{15}$/,
  },
  {
    name: "swapped",
    type: "VARBINARY(16)",
    taken: bytes(SWAPPED),
    free: bytes("0011"),
    anew: /^11ED11EDC8B2FA2B[89AB][0-9A-F]{15}$/,
  },
  {
    name: "native",
    type: "UUID",
    taken: text(V4),
    free: text(V4.replace("3f", "00")),
    anew: /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    only: "mariadb",
  },
];

for (const server of servers()) {
  test(`a UUID that is taken gets another of its form, and references follow, on ${server.name}`, async (t) => {
    const here = forms.filter(({ only }) => only === undefined || only === server.flavour);
    const schema = here.map(
      ({ name, type }) => `CREATE TABLE ${name} (id ${type} PRIMARY KEY, demo INT NOT NULL, up ${type} NULL,
        FOREIGN KEY (up) REFERENCES ${name} (id));\n`,
    );
    const rows = (of: (form: Form) => string) => here.map((form) => `INSERT INTO ${form.name} VALUES ${of(form)};\n`);
    const world = await openWorld(
      t,
      { staging: server, copy: server },
      {
        staging: [...schema, ...rows(({ taken, free }) => `(${taken}, 1, ${free}), (${free}, 2, ${taken})`)].join(""),
        copy: [...schema, ...rows(({ taken }) => `(${taken}, 0, NULL)`)].join(""),
      },
    );
    const plan = await world.plan(here.map(({ name }) => ({ table: name, where: "demo > 0" })));
    await world.carry(plan);
    const { remapped } = await world.prove(plan);
    assert.equal(remapped, here.length);
    for (const { name, type, free, anew } of here) {
      const shown = type.includes("BINARY") ? "HEX(a.id)" : "CAST(a.id AS CHAR)";
      const [found] = await rowsOf(
        world.copy,
        `SELECT ${shown}, b.id = ${free} FROM ${name} a JOIN ${name} b ON a.up = b.id AND b.up = a.id WHERE a.demo = 1 AND b.demo = 2`,
      );
      assert.ok(Array.isArray(found), name);
      assert.match(String(found[0]), anew, name);
      assert.equal(found[1], 1, `${name}: the free one is kept`);
    }
  });

  test(`a key beside foreign keys is counted on where all of it is taken, on ${server.name}`, async (t) => {
    const schema = `
      CREATE TABLE shops (id INT PRIMARY KEY, slug VARCHAR(20) NOT NULL UNIQUE, demo INT NOT NULL);
      CREATE TABLE tills (shop_id INT, nr SMALLINT, note VARCHAR(20), PRIMARY KEY (shop_id, nr),
        FOREIGN KEY (shop_id) REFERENCES shops (id));
      CREATE TABLE sales (id INT PRIMARY KEY, shop_id INT NOT NULL, till SMALLINT NOT NULL,
        FOREIGN KEY (shop_id, till) REFERENCES tills (shop_id, nr));
      CREATE TABLE labels (shop_id INT, lang CHAR(2), id MEDIUMINT NOT NULL AUTO_INCREMENT, PRIMARY KEY (lang, id), KEY (id),
        FOREIGN KEY (shop_id) REFERENCES shops (id));\n`;
    const world = await openWorld(
      t,
      { staging: server, copy: server },
      {
        staging: `${schema}INSERT INTO shops VALUES (1, 'one', 1), (2, 'two', 1), (4, 'production', 0);
          INSERT INTO tills VALUES (1, 1, 'a'), (1, 2, 'b'), (2, 1, 'c'), (2, -3, 'd'), (4, 1, 'e');
          INSERT INTO sales VALUES (1, 1, 1), (2, 1, 2), (3, 2, 1), (4, 2, -3);
          INSERT INTO labels VALUES (1, 'de', 5), (1, 'en', 5);\n`,
        copy: `${schema}INSERT INTO shops VALUES (2, 'one', 0), (1, 'other', 0), (4, 'two', 0);
          INSERT INTO tills VALUES (2, 1, 'own'), (1, 7, 'own'), (2, -3, 'own');
          INSERT INTO labels VALUES (1, 'de', 5);\n`,
      },
    );
    const plan = await world.plan([
      { table: "shops", where: "demo = 1", match: ["slug"], onMatch: { kind: "keep-production" } },
      // Of a shop that another one turns out to be, with a till of the same number.
      { table: "tills", where: "note = 'e'" },
    ]);
    await world.carry(plan, { batchRows: 1 });
    await world.prove(plan);
    assert.deepEqual(
      await rowsOf(
        world.copy,
        "SELECT s.slug, t.note, t.nr FROM tills t JOIN shops s ON s.id = t.shop_id ORDER BY 2, 1, 3",
      ),
      [
        ["one", "a", 8],
        ["one", "b", 2],
        ["two", "c", 9],
        ["two", "d", -3],
        ["two", "e", 1],
        ["one", "own", -3],
        ["one", "own", 1],
        ["other", "own", 7],
      ],
    );
    assert.deepEqual(
      await rowsOf(
        world.copy,
        "SELECT t.note FROM sales s JOIN tills t ON t.shop_id = s.shop_id AND t.nr = s.till ORDER BY s.id",
      ),
      [["a"], ["b"], ["c"], ["d"]],
    );
    // The first is taken in its language; the other is not.
    assert.deepEqual(await rowsOf(world.copy, "SELECT lang, id FROM labels ORDER BY 1, 2"), [
      ["de", 5],
      ["de", 6],
      ["en", 5],
    ]);
  });

  test(`a taken text that is no UUID, and numbers beside a text, are refused, on ${server.name}`, async (t) => {
    const schema = `CREATE TABLE codes (code VARCHAR(40) PRIMARY KEY, demo INT NOT NULL);
      CREATE TABLE texts (product INT, lang CHAR(2), PRIMARY KEY (product, lang));\n`;
    const world = await openWorld(
      t,
      { staging: server, copy: server },
      {
        staging: `${schema}INSERT INTO codes VALUES ('summer', 1);\nINSERT INTO texts VALUES (1, 'de');\n`,
        copy: `${schema}INSERT INTO codes VALUES ('Summer', 0);\nINSERT INTO texts VALUES (1, 'de');\n`,
      },
    );
    const refuse = async (table: string, where: string) =>
      assert.rejects(world.carry(await world.plan([{ table, where }])), { code: "PRESERVE_KEY_CLASH" });
    await refuse("codes", "demo = 1");
    await refuse("texts", "(SELECT COUNT(*) FROM codes WHERE demo = 1) = 1");
  });
}

test("another UUID has the old one's form, and none of its randomness", () => {
  fc.assert(
    fc.property(fc.uuid(), fc.boolean(), fc.boolean(), (uuid, isUpper, isPlain) => {
      const cased = isUpper ? uuid.toUpperCase() : uuid;
      const old = isPlain ? cased.replaceAll("-", "") : cased;
      const anew = anotherUuid(old);
      assert.ok(isUuid(anew));
      assert.notEqual(anew, old);
      assert.equal(anew.length, old.length);
      const version = isPlain ? 12 : 14;
      assert.equal(anew[version], old[version]);
      assert.equal(/[A-F]/.test(anew) && /[a-f]/.test(anew), false);
      assert.notEqual(anew.slice(-12), old.slice(-12));
    }),
  );
  for (const no of ["", "summer", `${V4}0`, V4.replace("-", ""), `{${V4}}`]) assert.equal(isUuid(no), false, no);
});

for (const server of servers()) {
  test(`integers are given anew without gaps, in order, over several batches, on ${server.name}`, async (t) => {
    const table = "CREATE TABLE items (id INT PRIMARY KEY, name CHAR(9));\n";
    const names = (side: string, ids: readonly number[]) =>
      `INSERT INTO items VALUES ${ids.map((id) => `(${id}, '${side}${id}')`).join(", ")};\n`;
    const world = await openWorld(
      t,
      { staging: server, copy: server },
      // Taken are single ids, a pair over the end of a batch, and three in a row.
      {
        staging: table + names("s", [1, 2, 3, 4, 5, 6, 8, 9, 10, 11]),
        copy: table + names("p", [1, 3, 4, 6, 7, 9, 10, 11]),
      },
    );
    const plan = await world.plan([{ table: "items", where: "name LIKE 's%'" }]);
    await world.carry(plan, { batchRows: 3 });
    await world.prove(plan);
    assert.deepEqual(await rowsOf(world.copy, "SELECT id, name FROM items WHERE name LIKE 's%' ORDER BY id"), [
      ...[
        [2, "s2"],
        [5, "s5"],
        [8, "s8"],
      ],
      ...[
        [12, "s1"],
        [13, "s3"],
        [14, "s4"],
        [15, "s6"],
        [16, "s9"],
        [17, "s10"],
        [18, "s11"],
      ],
    ]);
  });

  test(`ids of any integer type are kept and given anew, and references follow, on ${server.name}`, async (t) => {
    const types = ["TINYINT", "SMALLINT", "MEDIUMINT", "INT", "BIGINT"].flatMap((type) => [type, `${type} UNSIGNED`]);
    /** The highest but one: the last id that is left is given. */
    const taken = [7, 8, 15, 16, 23, 24, 31, 32, 63, 64].map((bits) => 2n ** BigInt(bits) - 2n);
    const schema = types.map(
      (type, i) =>
        `CREATE TABLE t${i} (id ${type} PRIMARY KEY, up ${type} NULL, demo INT NOT NULL, FOREIGN KEY (up) REFERENCES t${i} (id));\n`,
    );
    const lowest = taken.map((id, i) => (i % 2 === 0 ? -id - 2n : 0n));
    const world = await openWorld(
      t,
      { staging: server, copy: server },
      {
        staging: [
          ...schema,
          ...taken.map((id, i) => `INSERT INTO t${i} VALUES (${id}, ${lowest[i]}, 1), (${lowest[i]}, ${id}, 2);\n`),
        ].join(""),
        copy: [...schema, ...taken.map((id, i) => `INSERT INTO t${i} VALUES (${id}, NULL, 0);\n`)].join(""),
      },
    );
    const plan = await world.plan(types.map((_, i) => ({ table: `t${i}`, where: "demo > 0" })));
    await world.carry(plan);
    assert.equal((await world.prove(plan)).remapped, types.length);
    for (const [i, type] of types.entries()) {
      const found = await rowsOf(
        world.copy,
        `SELECT CAST(id AS CHAR), CAST(up AS CHAR) FROM t${i} WHERE demo > 0 ORDER BY demo`,
      );
      const [anew, kept] = [String((taken[i] ?? 0n) + 1n), String(lowest[i])];
      assert.deepEqual(found, [[anew, kept], [kept, anew]], type); // prettier-ignore
    }
    await world.copy.query(`DROP DATABASE ${world.workDatabase}`);
    await assert.rejects(world.carry(plan), { code: "PRESERVE_IDS_EXHAUSTED" });
  });
}
