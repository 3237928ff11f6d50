// What stays visible: originals of masked columns quoted in it, personal data by its form, and what the contract allows.
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { isFatal } from "../../../../contracts/errors.ts";
import type { Allowance } from "../../../../contracts/patterns.ts";
import { maskReplica, proveMasking, type MaskingJob } from "../../../../handlers/masking/index.ts";
import { servers, type TestServer } from "../../../support/servers.ts";
import { contractOf, createCopy, manyRows } from "../support.ts";

const has = (server: TestServer) => ({ json: !server.version.startsWith("5.6") });

/** Forty people, all of whose columns are masked, and what others wrote about them, kept. */
async function clinic(t: TestContext, server: TestServer, notes: readonly string[] = []) {
  const copy = await createCopy(t, server, [
    `CREATE TABLE people (id INT PRIMARY KEY, name VARCHAR(80), email VARCHAR(80), phone VARCHAR(30), number BIGINT)
       DEFAULT CHARSET utf8mb4`,
    `INSERT INTO people VALUES ${manyRows(40, (n) => `${n}, 'Anna${n} Lee${n}', 'anna${n}@corp${n}.com', '+81 90-1234-${1000 + n}', ${88_000_000 + n * 7919}`)}`,
    "INSERT INTO people VALUES (41, '山田 太郎', 'taro@corp.jp', NULL, NULL), (42, 'Bob', NULL, '', 5)",
    `CREATE TABLE notes (id INT PRIMARY KEY, body TEXT, kind VARCHAR(20), doc ${has(server).json ? "JSON" : "TEXT"}, flag CHAR(3) DEFAULT 'JPY') DEFAULT CHARSET utf8mb4`,
    `INSERT INTO notes (id, body, kind, doc) VALUES ${manyRows(30, (n) => `${n}, 'Call ${n} at 2024-01-02 03:04:05, order ${n}77, see the manual', 'call', '{"n": ${n}}'`)}`,
  ]);
  for (const [i, note] of notes.entries()) {
    await copy.connection.query("INSERT INTO notes (id, body, kind, doc) VALUES (?, ?, 'x', NULL)", [1000 + i, note]);
  }
  const job = await copy.job(
    contractOf({
      people: { id: "keep", name: "redact", email: "email", phone: "redact", number: "redact" },
      notes: "keep",
    }),
  );
  return { copy, job };
}

async function fails(job: MaskingJob): Promise<{ code: string; message: string }> {
  assert.equal(await maskReplica(job), "finished");
  const error: unknown = await proveMasking(job).catch((caught: unknown) => caught);
  assert.ok(isFatal(error), JSON.stringify(error));
  return error;
}

/** An original as somebody may have written it down elsewhere. */
const QUOTED: readonly (readonly [what: string, note: string, of: string])[] = [
  ["an address in a sentence", "Please write to ANNA7@corp7.com, thanks", "people.email"],
  ["a name in another case", "spoke with anna12 lee12 today", "people.name"],
  ["a name in full width", "ａｎｎａ１３　ｌｅｅ１３", "people.name"],
  ["a Japanese name without its space", "本日、山田太郎様より", "people.name"],
  ["a phone number in its national form", "tel:090-1234-1009", "people.phone"],
  ["a phone number without separators", "(09012341010)", "people.phone"],
  ["a number of eight digits", "customer 88079190.", "people.number"],
  ["a document's value", '{"who": {"mail": "anna3@corp3.com"}}', "people.email"],
];

for (const server of servers()) {
  for (const [what, note, of] of QUOTED) {
    test(`${what} in a kept text is found, and told without itself, on ${server.name}`, async (t) => {
      const { job } = await clinic(t, server, [note]);
      const error = await fails(job);
      assert.equal(error.code, "MASK_ORIGINAL_QUOTED");
      assert.match(
        error.message,
        new RegExp(`\`notes\\.body\`: \`original\` of \`${of.replace(".", "\\.")}\`, 1 times`),
      );
      assert.doesNotMatch(error.message, /anna|corp|090|88079190|山田/i);
    });
  }

  test(`kept text that quotes nobody passes, and all of it was read that has room for anybody, on ${server.name}`, async (t) => {
    const { job } = await clinic(t, server, ["Bob sees Lee, Anna", "order 5", "", "a@example.com"]);
    assert.equal(await maskReplica(job), "finished");
    const proof = await proveMasking(job);
    assert.ok(proof !== "out-of-time");
    assert.equal(proof.visibleColumns, 3);
    assert.equal(proof.visibleValues, 30 * 3 + 3 + 4);
    assert.ok(proof.quotable >= 41 + 41 + 40 + 40, String(proof.quotable));
    assert.deepEqual(proof.allowed, []);
  });

  test(`a quotation and a pattern stop the run until the contract allows them there, on ${server.name}`, async (t) => {
    const { job } = await clinic(t, server, ["anna7@corp7.com", "mail stranger@gmail.com", "card 4111 1111 1111 1111"]);
    const error = await fails(job);
    assert.match(error.message, /`notes\.body`: `email`, 2 times/);
    assert.match(error.message, /`notes\.body`: `card`, 1 times/);
    const allow = (patterns: Allowance["patterns"]) => [{ table: "notes", column: "BODY", patterns }];
    const partly = { ...job, allow: allow(["email", "original"]) };
    assert.equal((await fails(partly)).code, "MASK_PATTERN_FOUND");
    const proof = await proveMasking({ ...job, allow: allow(["email", "original", "card"]) });
    assert.ok(proof !== "out-of-time");
    assert.deepEqual(
      proof.allowed.map(({ pattern, count }) => [pattern, count]),
      [
        ["email", 2],
        ["card", 1],
        ["original", 1],
      ],
    );
  });

  test(`texts longer than a server joins are read one by one, on ${server.name}`, async (t) => {
    const { copy, job } = await clinic(t, server);
    await copy.connection.query(
      "INSERT INTO notes (id, body, kind, doc) VALUES (2000, CONCAT(REPEAT('x ', 30000), ' anna7@corp7.com ', REPEAT('y ', 1000)), '', NULL)",
    );
    await copy.connection.query("ALTER TABLE notes MODIFY body MEDIUMTEXT");
    await copy.connection.query("UPDATE notes SET body = CONCAT(REPEAT('z ', 600000), body) WHERE id IN (3, 2000)");
    const again = await copy.job(
      contractOf({
        people: { id: "keep", name: "redact", email: "email", phone: "redact", number: "redact" },
        notes: "keep",
      }),
    );
    assert.notEqual(job, again);
    assert.equal((await fails(again)).code, "MASK_ORIGINAL_QUOTED");
  });

  test(`originals are remembered, be they too long to be joined or joined by what they hold, on ${server.name}`, async (t) => {
    const { copy } = await clinic(t, server, ["see anna7@corp7.com", "ring 088-080-007", "from Mary Poppins"]);
    const long = (n: number) => `'Lot ${n} ${"long street ".repeat(22)}'`;
    await copy.connection.query("ALTER TABLE people ADD address VARCHAR(300)");
    await copy.connection.query(
      `INSERT INTO people (id, address) VALUES ${manyRows(4_000, (n) => `${100 + n}, ${long(n)}`)}`,
    );
    await copy.connection.query("UPDATE people SET name = 'Mary\u001ePoppins' WHERE id = 9");
    await copy.connection.query("UPDATE people SET address = 'Mary Poppins' WHERE id = 12");
    const rules = { id: "keep", name: "redact", email: "email", phone: "redact", number: "redact" } as const;
    const contract = contractOf({ people: { ...rules, address: "redact" }, notes: "keep" });
    const error = await fails(await copy.job(contract, { proofRangeRows: 100_000 }));
    for (const column of ["email", "address", "name"])
      assert.match(error.message, new RegExp(`of \`people\\.${column}\`, 1 times`));
  });

  test(`a budget that is spent from the start still ends, and finds the same, on ${server.name}`, async (t) => {
    const { job } = await clinic(t, server, ["anna7@corp7.com"]);
    const hurried = { ...job, signal: AbortSignal.abort() };
    let calls = 0;
    while ((await maskReplica(hurried)) === "out-of-time") calls++;
    let outcome: unknown;
    do outcome = await proveMasking(hurried).catch((error: unknown) => error);
    while (outcome === "out-of-time" && ++calls < 100);
    assert.ok(isFatal(outcome) && outcome.code === "MASK_ORIGINAL_QUOTED", JSON.stringify(outcome));
    assert.ok(calls > 5, String(calls));
  });

  if (!has(server).json) continue;
  test(`a JSON document is read through its escapes, on ${server.name}`, async (t) => {
    const { copy, job } = await clinic(t, server);
    await copy.connection.query(
      `UPDATE notes SET doc = '{"a": [{"b": "\\\\u5c71\\\\u7530 \\\\u592a\\\\u90ce"}]}' WHERE id = 9`,
    );
    const error = await fails(job);
    assert.match(error.message, /`notes\.doc`: `original` of `people\.name`, 1 times/);
  });
}
