// `collations` in sync.yaml.
import assert from "node:assert/strict";
import { test } from "node:test";
import { parseSyncContract } from "../../contracts/parse-sync-contract.ts";
import { GOOD } from "./sync-contract-text.ts";

const parse = (line: string) => parseSyncContract(`${GOOD}${line}\n`, "sync.yaml").collations;

test("collations are read in lower case, and there are none unless the contract says so", () => {
  assert.deepEqual(parse("collations: { UTF8MB4_0900_ai_ci: utf8mb4_unicode_520_CI }"), {
    utf8mb4_0900_ai_ci: "utf8mb4_unicode_520_ci",
  });
  assert.deepEqual(parse(""), {});
});

for (const [what, line, complaint] of [
  ["no collation", "{ utf8mb4_0900_ai_ci: utf8mb4 }", /`collations\.utf8mb4_0900_ai_ci` is not a collation/],
  ["nothing to map", "{ utf8mb4: utf8mb4_bin }", /`collations\.utf8mb4` is not a collation/],
  ["SQL", '{ utf8mb4_bin: "utf8mb4_bin; DROP" }', /`collations\.utf8mb4_bin` is not a collation/],
  [
    "another character set",
    "{ utf8mb4_0900_ai_ci: latin1_bin }",
    /is of another character set than `utf8mb4_0900_ai_ci`/,
  ],
  [
    "a chain",
    "{ utf8mb4_a_ci: utf8mb4_b_ci, utf8mb4_b_ci: utf8mb4_bin }",
    /`collations\.utf8mb4_a_ci` is itself mapped/,
  ],
  ["a list", "[utf8mb4_bin]", /`collations` is not a map of collations/],
] as const) {
  test(`refused in the place of a collation: ${what}`, () => {
    assert.throws(() => parse(`collations: ${line}`), { code: "CONTRACT_INVALID", message: complaint });
  });
}
