// `preserve` and `references` of sync.yaml: what they become, and every complaint with its place.
import assert from "node:assert/strict";
import { test } from "node:test";
import { isFatal } from "../../contracts/errors.ts";
import { parseSyncContract } from "../../contracts/parse-sync-contract.ts";
import type { PreserveRule } from "../../contracts/sync-contract.ts";
import { GOOD, SECRET } from "./sync-contract-text.ts";

const HEAD = GOOD.slice(0, GOOD.indexOf("preserve:"));
/** The line of the first rule, or of the first reference where they stand alone. */
const LINE = HEAD.split("\n").length + 1;

const parse = (text: string) => parseSyncContract(HEAD + text, "sync.yaml");

function complaints(text: string): string[] {
  try {
    parse(text);
    return [];
  } catch (error) {
    assert.ok(isFatal(error), String(error));
    assert.equal(error.code, "CONTRACT_INVALID");
    return error.message.split("\n").map((line) => line.replace(/^sync\.yaml:/, ""));
  }
}

const rules: readonly (readonly [written: string, rule: PreserveRule])[] = [
  ["{ table: companies, where: is_demo = 1 }", { table: "companies", where: "is_demo = 1" }],
  ["{ table: t, where: a, follow: none }", { table: "t", where: "a", follow: "none" }],
  ["{ table: t, where: a, follow: [users, posts] }", { table: "t", where: "a", follow: ["users", "posts"] }],
  ["{ table: t, where: a, follow: [] }", { table: "t", where: "a", follow: [] }],
  ["{ table: t, where: a, parents: 'null', mask: true }", { table: "t", where: "a", parents: "null", mask: true }],
  ["{ table: t, where: a, match: [slug] }", { table: "t", where: "a", match: ["slug"] }],
  [
    "{ table: t, where: a, match: [slug], on_match: keep-production }",
    { table: "t", where: "a", match: ["slug"], onMatch: { kind: "keep-production" } },
  ],
  [
    "{ table: t, where: a, match: [slug], on_match: { rename: '{value} (demo)' } }",
    { table: "t", where: "a", match: ["slug"], onMatch: { kind: "rename", pattern: "{value} (demo)" } },
  ],
  ["{ table: products, parents: carry }", { table: "products", parents: "carry" }],
  ["{ table: products, match: [sku] }", { table: "products", match: ["sku"] }],
];

for (const [written, rule] of rules) {
  test(`a rule: ${written}`, () => {
    assert.deepEqual(parse(`preserve:\n  - ${written}\n`).preserve, [rule]);
  });
}

test("nothing is preserved and no reference declared where the contract says nothing of it", () => {
  const { preserve, references } = parse("");
  assert.deepEqual({ preserve, references }, { preserve: [], references: [] });
});

test("references become what their lines declare", () => {
  const { references } = parse("references:\n  - users.company_id → companies.id\n");
  assert.deepEqual(references, [
    { table: "users", column: "company_id", parentTable: "companies", parentColumn: "id" },
  ]);
});

const wrong: readonly (readonly [what: string, text: string, complaint: string])[] = [
  ["no table", "preserve:\n  - { where: a }\n", `${LINE}:5: \`preserve[0].table\` is missing.`],
  [
    "a rule that says neither which rows nor how they are met",
    "preserve:\n  - { table: companies }\n",
    `${LINE}:5: \`preserve[0]\` says not which rows: \`where\` is expected. (Without it a rule says by \`match\` and \`parents\` how rows of the table are met that come along with others.)`,
  ],
  [
    "follow without rows to follow from",
    "preserve:\n  - { table: companies, parents: carry, follow: none }\n",
    `${LINE}:5: \`preserve[0]\` says not which rows: \`where\` is expected. (Without it a rule says by \`match\` and \`parents\` how rows of the table are met that come along with others.)`,
  ],
  [
    "an unknown follow",
    "preserve:\n  - { table: companies, where: a, follow: parents }\n",
    `${LINE}:43: \`preserve[0].follow\` is not what comes along: \`children\`, \`none\` or a list of tables is expected.`,
  ],
  [
    "on_match without match",
    "preserve:\n  - { table: companies, where: a, on_match: fail }\n",
    `${LINE}:5: \`preserve[0]\` has \`on_match\` without \`match\`: name the columns by which production's row is the same row.`,
  ],
  [
    "a rename that forgets the value",
    "preserve:\n  - { table: companies, where: a, match: [slug], on_match: { rename: demo } }\n",
    `${LINE}:70: \`preserve[0].on_match.rename\` is not a pattern: text with \`{value}\` in it is expected, such as \`{value} (demo)\`.`,
  ],
  [
    "an empty match",
    "preserve:\n  - { table: companies, where: a, match: [] }\n",
    `${LINE}:42: \`preserve[0].match\` is empty: name the columns by which production's row is the same row.`,
  ],
  [
    "a condition that leaves its parentheses",
    `preserve:\n  - { table: companies, where: "1) OR ('${SECRET}' = '${SECRET}'" }\n`,
    `${LINE}:32: \`preserve[0].where\` is not one condition: close every parenthesis`,
  ],
  [
    "a line that is no reference",
    "references:\n  - users.company_id\n",
    `${LINE}:5: \`references[0]\` is not a reference of one column to another: \`comments.commentable_id → companies.id when comments.commentable_type = 'Company'\` is an example.`,
  ],
  [
    "references that are no list",
    "references: users.company_id → companies.id\n",
    `${LINE - 1}:13: \`references\` is not a list of references such as \`- comments.company_id → companies.id\`.`,
  ],
];

for (const [what, text, complaint] of wrong) {
  test(`refused with its place: ${what}`, () => {
    const lines = complaints(text);
    assert.equal(lines.length, 1, lines.join("\n"));
    assert.ok(lines[0]?.startsWith(complaint), `${lines[0]}\n${complaint}`);
    assert.doesNotMatch(lines.join(), new RegExp(SECRET));
  });
}
