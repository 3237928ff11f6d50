// Masking on real servers: what each transform leaves, exactly once, whatever happens meanwhile.
import assert from "node:assert/strict";
import { test } from "node:test";
import { maskReplica, proveMasking } from "../../../handlers/masking/index.ts";
import { servers } from "../../support/servers.ts";
import { contractOf, createCopy, emailOf, hashOf, manyRows } from "./support.ts";

const HOSTILE = [
  "",
  " ",
  "a",
  "ann@example.org",
  "Ann@example.org",
  "山田 太郎",
  "😀 emoji 👨‍👩‍👧",
  "it's",
  'quo"te',
  "back\\slash",
  "a;b\nUSE x;\0",
  "***",
  "?",
  "é",
  "%_",
];

for (const server of servers()) {
  test(`text is redacted, hashed and made an address as Node computes it, on ${server.name}`, async (t) => {
    const copy = await createCopy(t, server, [
      `CREATE TABLE people (id INT PRIMARY KEY, \`select\` TEXT, token VARCHAR(100), email VARCHAR(120), short VARCHAR(20), gone TEXT, same VARCHAR(9) NOT NULL, kept TEXT) DEFAULT CHARSET utf8mb4`,
    ]);
    for (const [i, value] of [...HOSTILE, null].entries()) {
      await copy.connection.query("INSERT INTO people VALUES (?)", [
        [i, value, value, value, value?.slice(0, 20) ?? null, value, "x", value],
      ]);
    }
    const job = await copy.job(
      contractOf({
        people: {
          id: "keep",
          select: "redact",
          TOKEN: "hash",
          email: "email",
          short: "hash",
          gone: "null",
          same: { fixed: "it's \\ 'x'".slice(0, 9) },
          kept: "keep",
        },
      }),
    );
    assert.equal(await maskReplica(job), "finished");
    const rows = await copy.rows("SELECT * FROM people ORDER BY id");
    for (const [i, value] of [...HOSTILE, null].entries()) {
      assert.deepEqual(
        { ...rows[i] },
        {
          id: i,
          select: value === null ? null : "*".repeat(Array.from(value).length),
          token: value === null ? null : hashOf(value),
          email: value === null ? null : emailOf(value),
          short: value === null ? null : hashOf(value.slice(0, 20), 20),
          gone: null,
          same: "it's \\ 'x",
          kept: value,
        },
      );
    }
    const proof = await proveMasking(job);
    assert.ok(proof !== "out-of-time");
    assert.deepEqual([proof.tables, proof.columns, proof.rows], [1, 6, HOSTILE.length + 1]);
  });
}
void manyRows;
