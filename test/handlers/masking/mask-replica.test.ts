// Masking text on real servers: the values that Node computes, alike in every table and character set.
import assert from "node:assert/strict";
import { test } from "node:test";
import { maskReplica, proveMasking } from "../../../handlers/masking/index.ts";
import { servers } from "../../support/servers.ts";
import { contractOf, createCopy, emailOf, hashOf } from "./support.ts";

const HOSTILE = [
  ...[
    "",
    " ",
    "a",
    "a ",
    "ann@example.org",
    "Ann@example.org",
    "é",
    "山田 太郎",
    "😀 👨‍👩‍👧",
    "***",
    "?",
    "%_",
    "{}",
    "NULL",
  ],
  ...["it's", 'quo"te', "back\\slash\\", "a;b\nUSE x;\r\n\t\0", "`", "-- x", "/*!50000 x */", "@understudy_inner"],
];

for (const server of servers()) {
  test(`text is redacted, hashed and made an address as Node computes it, on ${server.name}`, async (t) => {
    const copy = await createCopy(t, server, [
      `CREATE TABLE people (id INT PRIMARY KEY, \`select\` TEXT, token VARCHAR(100), email VARCHAR(120),
         short VARCHAR(20), gone TEXT, same VARCHAR(9), kept TEXT) DEFAULT CHARSET utf8mb4`,
    ]);
    const values = [...HOSTILE, null];
    for (const [i, value] of values.entries()) {
      const short = value?.slice(0, 20) ?? null;
      await copy.connection.query("INSERT INTO people VALUES (?)", [
        [i, value, value, value, short, value, "x", value === null ? null : `kept ${i}`],
      ]);
    }
    const same = "it's \\ 'x";
    const job = await copy.job(
      contractOf({
        people: {
          ...{ id: "keep", kept: "keep", select: "redact", TOKEN: "hash", email: "email", short: "hash", gone: "null" },
          same: { fixed: same },
        },
      }),
      { allow: [{ table: "people", column: "kept", patterns: ["email", "original"] }] },
    );
    assert.equal(await maskReplica(job), "finished");
    const rows = await copy.rows("SELECT * FROM people ORDER BY id");
    for (const [id, was] of values.entries()) {
      const kept = was === null ? null : `kept ${id}`;
      const stars = was && "*".repeat(Array.from(was).length);
      const hashed = { token: was && hashOf(was), email: was && emailOf(was), short: was && hashOf(was, 20) };
      assert.deepEqual({ ...rows[id] }, { id, select: stars, ...hashed, gone: null, same, kept });
    }
    const proof = await proveMasking(job);
    assert.ok(proof !== "out-of-time");
    assert.deepEqual([proof.tables, proof.columns, proof.rows], [1, 6, values.length]);
  });

  test(`one value hashes alike in every table and character set, on ${server.name}`, async (t) => {
    const sets = ["utf8mb4", "utf8", "latin1", "ucs2", "utf16", "utf32"];
    const copy = await createCopy(t, server, [
      ...sets.flatMap((set) => [
        `CREATE TABLE t_${set} (id INT PRIMARY KEY, v VARCHAR(90), r CHAR(9), w TINYTEXT) DEFAULT CHARSET ${set}`,
        `INSERT INTO t_${set} VALUES (1, 'Zoë', 'Zoë ', 'Zoë'), (2, 'it''s', '', ''), (3, NULL, NULL, NULL)`,
      ]),
      "CREATE TABLE bytes (id INT PRIMARY KEY, v VARBINARY(90)) DEFAULT CHARSET latin1",
      "INSERT INTO bytes VALUES (1, CONVERT('Zoë' USING utf8mb4))",
    ]);
    const rules = sets.map((set) => [`t_${set}`, { id: "keep", v: "hash", r: "redact", w: "hash" }] as const);
    const job = await copy.job(contractOf({ ...Object.fromEntries(rules), bytes: { id: "keep", v: "hash" } }));
    assert.equal(await maskReplica(job), "finished");
    for (const set of sets) {
      const rows = await copy.rows(`SELECT v, r, LEFT(w, 63) AS w FROM t_${set} ORDER BY id`);
      assert.deepEqual(
        rows.map(({ v, r, w }) => [v, r, w]),
        [
          [hashOf("Zoë"), "***", hashOf("Zoë", 63)],
          [hashOf("it's"), "", ""],
          [null, null, null],
        ],
        set,
      );
    }
    const [row] = await copy.rows("SELECT LOWER(HEX(v)) AS v FROM bytes");
    assert.equal(row?.["v"], hashOf("Zoë"));
    assert.notEqual(await proveMasking(job), "out-of-time");
  });

  test(`a unique e-mail address stays unique under a case-insensitive collation, on ${server.name}`, async (t) => {
    const copy = await createCopy(t, server, [
      `CREATE TABLE users (id INT PRIMARY KEY, email VARCHAR(120) NOT NULL, nick VARCHAR(120),
         UNIQUE KEY by_mail (email), UNIQUE KEY by_nick (nick(16), email)) DEFAULT CHARSET utf8mb4`,
      "INSERT INTO users VALUES (1, 'ann@example.org', 'x'), (2, 'ann2@example.org', 'x'), (3, '', NULL)",
    ]);
    const job = await copy.job(contractOf({ users: { id: "keep", email: "email", nick: "hash" } }));
    assert.equal(await maskReplica(job), "finished");
    const rows = await copy.rows("SELECT email FROM users ORDER BY id");
    assert.deepEqual(
      rows.map(({ email }) => String(email)),
      [emailOf("ann@example.org"), emailOf("ann2@example.org"), ""],
    );
  });

  test(`truncated tables that refer to each other are emptied at once, on ${server.name}`, async (t) => {
    const names = ["a", "b", "c", "d", "e"];
    const copy = await createCopy(t, server, [
      "SET foreign_key_checks = 0",
      ...names.flatMap((name, i) => {
        const next = names[(i + 1) % names.length] ?? "";
        return [
          `CREATE TABLE ${name} (id INT PRIMARY KEY, next INT, FOREIGN KEY (next) REFERENCES ${next} (id))`,
          `INSERT INTO ${name} VALUES (1, 1), (2, 1)`,
        ];
      }),
    ]);
    const job = await copy.job(contractOf(Object.fromEntries(names.map((name) => [name, "truncate"]))), {
      connections: 5,
    });
    assert.equal(await maskReplica(job), "finished");
    assert.partialDeepStrictEqual(await proveMasking(job), { tables: 0, columns: 0, rows: 0, truncated: 5 });
    for (const name of names) assert.deepEqual(await copy.rows(`SELECT * FROM ${name}`), []);
  });
}
