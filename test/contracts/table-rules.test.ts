// Rules by a table's name and by a pattern; rows that stay behind.
import assert from "node:assert/strict";
import { test } from "node:test";
import { parseSyncContract } from "../../contracts/parse-sync-contract.ts";
import { findRule, matches } from "../../contracts/table-rules.ts";
import type { TableRule } from "../../contracts/sync-contract.ts";
import { GOOD } from "./sync-contract-text.ts";

const KEEP: TableRule = { kind: "keep" };
const TRUNCATE: TableRule = { kind: "truncate" };

for (const [pattern, table, expected] of [
  ["log_*", "log_2024", true],
  ["log_*", "log_", true],
  ["log_*", "logs", false],
  ["log_*", "old_log_1", false],
  ["*_log", "search_log", true],
  ["a*b*c", "a.b.b.c", true],
  ["a*b*c", "acb", false],
  ["log.*", "logs", false],
  ["*", "日本", true],
  ["Log_*", "log_1", false],
] as const) {
  test(`\`${pattern}\` ${expected ? "is" : "is not"} a pattern for \`${table}\``, () => {
    assert.equal(matches(pattern, table), expected);
  });
}

test("an exact name wins over patterns, one pattern is the table's rule, and two are a clash that names both", () => {
  const tables = { "log_*": TRUNCATE, "*_2024": KEEP, log_2024: KEEP, "odd*name": KEEP };
  assert.deepEqual(findRule(tables, "log_2024"), { name: "log_2024", rule: KEEP });
  assert.deepEqual(findRule(tables, "log_2023"), { name: "log_*", rule: TRUNCATE });
  assert.deepEqual(findRule({ ...tables, log_2024: undefined } as never, "log_2024"), {
    clash: ["log_*", "*_2024"],
  });
  assert.deepEqual(findRule(tables, "odd*name"), { name: "odd*name", rule: KEEP });
  assert.equal(findRule(tables, "constructor"), undefined);
  assert.equal(findRule(tables, "users"), undefined);
});

const ruled = (rule: string) => {
  const { tables } = parseSyncContract(GOOD.replace("countries: keep", `audit: ${rule}`), "sync.yaml").masking;
  const { audit } = tables;
  assert.ok(audit?.kind === "columns");
  return { ...audit, columns: Object.keys(audit.columns) };
};

test("`rows` says which rows stay behind, and is a column where it has a transform", () => {
  assert.deepEqual(ruled("{ keep: [id], rows: { delete: \"logged_at < '2020-01-01'\" } }"), {
    ...{ kind: "columns", columns: ["id"], deleteRows: "logged_at < '2020-01-01'" },
  });
  assert.deepEqual(ruled("{ keep: [id], rows: redact }"), { kind: "columns", columns: ["id", "rows"] });
  // MySQL compares names of columns without case.
  assert.deepEqual(ruled("{ keep: [id], ROWS: redact, rows: { delete: hits = 0 } }"), {
    ...{ kind: "columns", columns: ["id", "ROWS"], deleteRows: "hits = 0" },
  });
});

for (const [what, rule, complaint] of [
  [
    "more than one condition",
    '{ rows: { delete: "1); DROP TABLE x" } }',
    /`masking\.tables\.audit\.rows\.delete` is not one condition/,
  ],
  ["no condition", '{ rows: { delete: "" } }', /`masking\.tables\.audit\.rows\.delete` is not a condition/],
  [
    "another word",
    "{ rows: { delte: x = 1 } }",
    /Unknown key `delte` in `masking\.tables\.audit\.rows`\. Did you mean `delete`\?/,
  ],
  ["a list", "{ rows: [1] }", /`masking\.tables\.audit\.rows` is not what becomes of rows/],
] as const) {
  test(`\`rows\` with ${what} is refused`, () => {
    assert.throws(() => ruled(rule), { message: complaint });
  });
}

test("the masking key may be a fresh one for each run", () => {
  const text = GOOD.replace("env:UNDERSTUDY_MASKING_KEY", "fresh");
  assert.equal(parseSyncContract(text, "sync.yaml").masking.key, "fresh");
  assert.throws(() => parseSyncContract(GOOD.replace("env:UNDERSTUDY_MASKING_KEY", "fresher"), "f"), {
    message: /`masking\.key` must refer to an environment variable, .* Or `fresh`, for a new key in each run\./,
  });
});

test("tables share columns by anchors and merges", () => {
  const text = GOOD.replace(
    "countries: keep",
    "people: &person { keep: [id], email: email }\n    staff: { <<: *person, phone: redact }",
  );
  const { people, staff } = parseSyncContract(text, "sync.yaml").masking.tables;
  assert.ok(people?.kind === "columns" && staff?.kind === "columns");
  assert.deepEqual(Object.keys(people.columns), ["id", "email"]);
  assert.deepEqual(Object.keys(staff.columns).toSorted(), ["email", "id", "phone"]);
});
