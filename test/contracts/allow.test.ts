// `masking.allow`: exceptions from the proof, named one by one.
import assert from "node:assert/strict";
import { test } from "node:test";
import { parseSyncContract } from "../../contracts/parse-sync-contract.ts";

const contract = (allow: string) => `pipeline: shop
production: { host: a, user: u, password: env:A, database: shop }
replica: { host: b, user: u, password: env:A, database: shop }
staging: { host: c, user: u, password: env:A, database: shop }
dumps: ./dumps
masking:
  key: env:KEY
  tables: { notes: keep }
${allow}`;

test("exceptions are read as they are written, and there are none where none are written", () => {
  const { masking } = parseSyncContract(
    contract("  allow: [{ table: notes, column: body, patterns: [email, original] }]"),
    "sync.yaml",
  );
  assert.deepEqual(masking.allow, [{ table: "notes", column: "body", patterns: ["email", "original"] }]);
  assert.equal(parseSyncContract(contract(""), "sync.yaml").masking.allow, undefined);
});

for (const [allow, complaint] of [
  ["[{ table: t, column: c, patterns: [emial] }]", /Did you mean `email`\?/],
  ["[{ table: t, column: c, patterns: [] }]", /name the patterns that the column may hold/],
  ["[{ table: t, colum: c, patterns: [ip] }]", /Did you mean `column`\?/],
  ["{ notes: [email] }", /`masking\.allow` is not a list of exceptions/],
] as const) {
  test(`${allow} is no list of exceptions`, () => {
    assert.throws(() => parseSyncContract(contract(`  allow: ${allow}`), "sync.yaml"), complaint);
  });
}
