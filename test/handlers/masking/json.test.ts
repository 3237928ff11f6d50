// `json`: values of documents by their paths, as columns are masked; hostile documents; a budget that is spent; the proof.
import assert from "node:assert/strict";
import { test } from "node:test";
import { isFatal } from "../../../contracts/errors.ts";
import type { MaskingContract } from "../../../contracts/sync-contract.ts";
import { toTransform, type TransformInFile } from "../../../contracts/transforms.ts";
import { documentPaths, openDocument } from "../../../handlers/masking/documents/document.ts";
import { parsePath } from "../../../handlers/masking/documents/paths.ts";
import { maskReplica, proveMasking } from "../../../handlers/masking/index.ts";
import { servers } from "../../support/servers.ts";
import { contractOf, createCopy, emailOf, hashOf, manyRows } from "./support.ts";

function contract(paths: Record<string, string | null>): MaskingContract {
  const base = contractOf({ docs: { id: "keep", doc: "redact" } });
  const doc = toTransform({ json: paths } as TransformInFile);
  return { ...base, tables: { docs: { kind: "columns", columns: { id: { name: "keep" }, doc } } } };
}

/** As JavaScript reads it. Numbers beyond 2^53 are compared as text, apart. */
const read = (value: unknown): unknown => JSON.parse(String(value));

const PATHS = {
  "$.email": "email",
  "$.items[*].token": "hash",
  "$.items[0].sku": "keep",
  "$.status": "keep",
  '$."odd key.x"': "hash",
  "$.gone": null,
  "$.kept": "keep",
  "$.kept.secret": "hash",
  "$.byId.*.mail": "email",
  "$.n": "keep",
  "$.__proto__": "hash",
} as const;

const CASES: readonly (readonly [original: string, masked: unknown])[] = [
  [
    `{"email": "ann@corp.com", "other": "Zoë 😀", "age": 41, "ok": true, "none": null}`,
    { email: emailOf("ann@corp.com"), other: "*****", age: 0, ok: false, none: null },
  ],
  [
    `{"items": [{"token": "a", "sku": "S1"}, {"token": "b", "sku": "S2"}, [], {}]}`,
    { items: [{ token: hashOf("a"), sku: "S1" }, { token: hashOf("b"), sku: "**" }, [], {}] },
  ],
  [
    `{"status": "new", "odd key.x": "it's", "gone": {"a": [1]}, "山田": "太郎"}`,
    { status: "new", "odd key.x": hashOf("it's"), gone: null, 山田: "**" },
  ],
  [
    `{"kept": {"a": [1, "x", true], "secret": ["s", {"t": "u"}]}}`,
    { kept: { a: [1, "x", true], secret: [hashOf("s"), { t: hashOf("u") }] } },
  ],
  [
    `{"byId": {"7": {"mail": "a@b.c", "x": "y"}, "8": {"mail": ""}}}`,
    { byId: { "7": { mail: emailOf("a@b.c"), x: "*" }, "8": { mail: "" } } },
  ],
  [
    `{"email": 12345, "items": "none", "status": ["a", {"b": "c"}]}`,
    { email: emailOf("12345"), items: "****", status: ["a", { b: "c" }] },
  ],
  [`{"email": ["x@y.z", {"deep": "q@r.s"}]}`, { email: [emailOf("x@y.z"), { deep: emailOf("q@r.s") }] }],
  [`"ann"`, "***"],
  [`17`, 0],
  [`true`, false],
  [`null`, null],
  [`[]`, []],
  [`["a", ["b"]]`, ["*", ["*"]]],
  [`{"a\\"b\\\\c\\n": "d", "": "e", "\\u0001": "f"}`, { 'a"b\\c\n': "*", "": "*", "\u0001": "*" }],
  [`${`{"d":`.repeat(25)}"deep"${"}".repeat(25)}`, JSON.parse(`${`{"d":`.repeat(25)}"****"${"}".repeat(25)}`)],
];

for (const server of servers()) {
  if (server.version.startsWith("5.6")) {
    test(`a text that holds JSON is no JSON column, on ${server.name}`, async (t) => {
      const copy = await createCopy(t, server, ["CREATE TABLE docs (id INT PRIMARY KEY, doc TEXT)"]);
      await assert.rejects(copy.job(contract(PATHS)), /`json` is for JSON columns/);
    });
    continue;
  }

  test(`documents are masked by their paths, on ${server.name}`, async (t) => {
    const copy = await createCopy(t, server, [
      "CREATE TABLE docs (id INT PRIMARY KEY, doc JSON NULL) DEFAULT CHARSET utf8mb4",
    ]);
    for (const [id, [original]] of CASES.entries()) {
      await copy.connection.execute("INSERT INTO docs VALUES (?, ?)", [id, original]);
    }
    await copy.connection.query("INSERT INTO docs VALUES (900, NULL)");
    const job = await copy.job(contract(PATHS), { chunkRows: 4 });
    assert.equal(await maskReplica(job), "finished");
    const rows = await copy.rows("SELECT id, CAST(doc AS CHAR) AS doc FROM docs ORDER BY id");
    for (const [id, [original, masked]] of CASES.entries()) assert.deepEqual(read(rows[id]?.["doc"]), masked, original);
    assert.equal(rows.at(-1)?.["doc"], null);
    const proof = await proveMasking(job);
    assert.ok(proof !== "out-of-time" && proof.compared === CASES.length, JSON.stringify(proof));
  });

  test(`numbers that are kept stay exact, and \`__proto__\` is a key like others, on ${server.name}`, async (t) => {
    const copy = await createCopy(t, server, ["CREATE TABLE docs (id INT PRIMARY KEY, doc JSON)"]);
    const document = `{"n": [9007199254740993, -9223372036854775808, 0.1, 12345678901234567.5], "__proto__": "x", "m": 9007199254740993}`;
    await copy.connection.execute("INSERT INTO docs VALUES (1, ?)", [document]);
    const [before] = await copy.rows("SELECT CAST(JSON_EXTRACT(doc, '$.n') AS CHAR) AS n FROM docs");
    assert.equal(await maskReplica(await copy.job(contract(PATHS))), "finished");
    const [after] = await copy.rows(
      "SELECT CAST(JSON_EXTRACT(doc, '$.n') AS CHAR) AS n, JSON_UNQUOTE(JSON_EXTRACT(doc, '$.__proto__')) AS p, CAST(JSON_EXTRACT(doc, '$.m') AS CHAR) AS m FROM docs",
    );
    const spaceless = (text: unknown) => String(text).replaceAll(" ", "");
    assert.equal(spaceless(after?.["n"]), spaceless(before?.["n"]));
    assert.equal(after?.["p"], hashOf("x"));
    assert.equal(after?.["m"], "0");
  });

  test(`a table without a key and a budget that is spent from the start mask every document, on ${server.name}`, async (t) => {
    for (const key of ["PRIMARY KEY", ""]) {
      const copy = await createCopy(t, server, [
        `CREATE TABLE docs (id INT ${key}, doc JSON)`,
        `INSERT INTO docs VALUES ${manyRows(450, (n) => `${n}, '{"email": "user${n}@corp.com", "name": "Ann${n} Lee${n}"}'`)}`,
      ]);
      const job = await copy.job(contract(PATHS), { signal: AbortSignal.abort(), chunkRows: 300 });
      while ((await maskReplica(job)) === "out-of-time");
      const rows = await copy.rows("SELECT id, CAST(doc AS CHAR) AS doc FROM docs ORDER BY id");
      for (const { id, doc } of rows) {
        const name = "*".repeat(`Ann${id} Lee${id}`.length);
        assert.deepEqual(read(doc), { email: emailOf(`user${id}@corp.com`), name });
      }
      let proof: unknown;
      do proof = await proveMasking(job);
      while (proof === "out-of-time");
    }
  });

  test(`one value put back into one document is found, on ${server.name}`, async (t) => {
    const copy = await createCopy(t, server, [
      "CREATE TABLE docs (id INT PRIMARY KEY, doc JSON)",
      `INSERT INTO docs VALUES ${manyRows(40, (n) => `${n}, '{"status": "Kept As Is ${n}", "email": "user${n}@corp.com", "deep": [{"name": "Ann${n} Lee${n}"}]}'`)}`,
    ]);
    const job = await copy.job(contract(PATHS));
    assert.equal(await maskReplica(job), "finished");
    await copy.connection.query("UPDATE docs SET doc = JSON_SET(doc, '$.deep[0].name', 'Ann7 Lee7') WHERE id = 7");
    const error: unknown = await proveMasking(job).catch((caught: unknown) => caught);
    assert.ok(isFatal(error) && error.code === "MASK_ORIGINAL_QUOTED", JSON.stringify(error));
    assert.match(error.message, /`docs\.doc`: `original` of `docs\.doc`, 1 times/);
  });

  test(`what no path or value of a document can be is refused before a row changes, on ${server.name}`, async (t) => {
    const copy = await createCopy(t, server, ["CREATE TABLE docs (id INT PRIMARY KEY, doc JSON)"]);
    await assert.rejects(copy.job(contract({ "$.a[": "hash" })), /`\$\.a\[` is no path/);
    await assert.rejects(copy.job(contract({ "$.a": "blob" })), /`blob` at `\$\.a`/);
  });
}

test("paths are read, and what is none is not", () => {
  assert.deepEqual(parsePath("$"), []);
  assert.deepEqual(parsePath('$.a."b.c"[*][12].*'), [
    { key: "a" },
    { key: "b.c" },
    "any-index",
    { index: 12 },
    "any-key",
  ]);
  for (const path of ["a", "$a", "$.", "$..a", "$.a[", "$[x]", "$.a b", "$[-1]", '$."a'])
    assert.equal(parsePath(path), undefined, path);
});

test("of equal keys the last one stays, and what is no JSON becomes an empty document", () => {
  const masked = (text: string) => openDocument(text, documentPaths({ "$.a": { name: "keep" } })).write();
  assert.equal(masked(`{"a": "first", "b": "x", "a": "last"}`), `{"a":"last","b":"*"}`);
  assert.equal(masked(`{"a": `), "{}");
  assert.equal(masked(`{"a": 1e400, "b": "\\ud800"}`), `{"a":1e400,"b":"*"}`);
});
