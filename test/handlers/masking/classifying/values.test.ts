// What sampled values tell: patterns with their check digits, forms, and how many of them are needed.
import assert from "node:assert/strict";
import { test } from "node:test";
import { NO_EVIDENCE, weigh } from "../../../../handlers/masking/classifying/evidence.ts";
import { guessByValues } from "../../../../handlers/masking/classifying/guess-by-values.ts";
import { entriesFor, proposed, schemaOf, table } from "./support.ts";

/** A column `x` (or another) with these values. */
const withValues = (values: readonly string[], name = "x", definition = "varchar(200)", own = "things") => {
  const evidence = weigh(values);
  return proposed(own, name, definition, (_table, column) => (column.name === name ? evidence : NO_EVIDENCE));
};

for (const [what, values, expected] of [
  ["e-mail addresses", ["ann@corp.com", "bob.lee@corp.co.jp"], "email"],
  ["e-mail addresses in full width", ["ａｎｎ＠corp.com"], "email"],
  ["phone numbers", ["090-1234-5678", "+81 3-1234-5678", "03(1234)5678"], "phone"],
  ["card numbers with Luhn's digit", ["4111 1111 1111 1111", "5500 0000 0000 0004"], "digits"],
  ["My Numbers with their check digit", ["1234 5678 9018"], "digits"],
  ["IBANs", ["DE89 3704 0044 0532 0130 00", "GB82WEST12345698765432"], "digits"],
  ["addresses of machines", ["81.2.69.160", "2a00:1450:4001:830::200e"], "ip"],
  ["URLs with credentials", ["https://ann:secret@corp.com/x"], "url"],
  ["URLs", ["https://corp.com/ann", "http://corp.com/bob"], "url"],
  ["JWTs", [`eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.${"a".repeat(43)}`], "hash"],
  ["API keys", ["AKIAABCDEFGHIJKLMNOP"], "hash"],
  ["digests", ["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"], "hash"],
  ["UUIDs", ["6f9619ff-8b86-d011-b42d-00cf4fc964ff"], "uuid"],
  ["Japanese postcodes", ["100-0001", "〒530-0001"], '{"postcode":{"locale":"ja"}} or en'],
  ["British postcodes", ["SW1A 1AA", "EC1A 1BB"], "postcode"],
  ["readings", ["ヤマダ タロウ", "すずき はなこ"], "kana"],
  ["prose", ["a b c d e f", "one\ntwo"], "text"],
  ["JSON", ['{"a": 1}', "[1, 2]"], "null"],
  ["words", ["red", "green"], "redact ?"],
  ["nothing", [], "redact ?"],
  ["blanks", ["", "  "], "redact ?"],
] as const) {
  test(`${what} are told by their form`, () => {
    const found = withValues(values);
    assert.ok(expected.split(" or en")[0] === found || (expected.includes(" or en") && found === "postcode"), found);
  });
}

test("a number that fails its check digit, or passes it by chance among many, is no card", () => {
  assert.equal(withValues(["4111 1111 1111 1112"]), "redact ?");
  const orders = Array.from({ length: 200 }, (_, i) => `41111111${String(11_110_000 + i * 7)}`);
  assert.equal(withValues(orders), "redact ?");
});

test("five or seven digits are no postcode by themselves, and a few codes among others tell nothing", () => {
  assert.equal(withValues(["90210", "10115"]), "redact ?");
  assert.equal(withValues(["1000001"]), "redact ?");
  assert.equal(withValues(["100-0001", "red", "green"]), "redact ?");
});

test("a column that its name would keep is masked where values speak against it", () => {
  assert.equal(withValues(["new", "done"], "status"), "keep");
  assert.equal(withValues(["ann@corp.com", "bob@corp.com"], "status"), "email");
  assert.equal(withValues(["new", "done", "see ann@corp.com"], "status"), "text");
  assert.equal(withValues(["Tokyo", "Kyoto"], "name", "varchar(80)", "products"), "keep ?");
  assert.equal(withValues(["call 090-1234-5678", "Kyoto", "Nara"], "name", "varchar(80)", "products"), "text");
});

test("a column whose name says what it is keeps that, except where values say better", () => {
  assert.equal(withValues(["ann@corp.com", "bob@corp.com"], "username"), "email");
  assert.equal(withValues(["call me at 090-1234-5678 please", "a b c d e f"], "note"), "text");
  assert.equal(withValues(["12345678901234567890123456789012"], "password"), "hash");
  assert.equal(withValues(["ann@corp.com"], "phone"), "phone");
});

test("numbers in a bigint that are telephones' are masked", () => {
  assert.equal(withValues(["08012345678", "09012345678"], "x", "bigint"), "redact");
  assert.equal(withValues(["1", "2", "3"], "x", "bigint"), "keep");
});

test("Japanese values make names Japanese, and others do not, whatever the comment's language", () => {
  const users = table("users", { id: "int!", name: "varchar(80) -- 氏名", city: "varchar(80)" });
  const evidence = (values: Readonly<Record<string, readonly string[]>>) =>
    entriesFor(schemaOf(users), (_table, { name }) => weigh(values[name] ?? []));
  assert.match(
    evidence({ name: ["山田 太郎"], city: ["岡崎市"] }),
    /name: \{ name: \{ locale: ja \} \}\n {2}city: \{ city: \{ locale: ja \} \}/,
  );
  assert.match(evidence({ name: ["Ann Lee", "山田 太郎", "Bob Day"] }), /name: name\n/);
});

test("what is told of values is counted, and none of them is in it", () => {
  const evidence = weigh(["ann@corp.com", "bob@corp.com", "none"]);
  assert.equal(guessByValues(evidence)?.why, "email in 2 of 3 values");
  assert.ok(!JSON.stringify(evidence).includes("corp"));
});
