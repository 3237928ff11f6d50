// Rules for families of tables (`log_*`), held against a schema.
import assert from "node:assert/strict";
import { test } from "node:test";
import { checkMasking, planMasking } from "../../../handlers/masking/index.ts";
import { refusal, schemaOf, table } from "./plan-support.ts";
import { contractOf } from "./support.ts";

const LOGS = schemaOf(
  table("log_1", { id: "int!", line: "text" }),
  table("log_2", { id: "int!", line: "text", agent: "varchar(90)" }),
  table("users", { id: "int!" }),
);
const RULE = { id: "keep", line: "redact", agent: "redact" } as const;

test("a pattern's rule is that of each table of the family, also of those that lack one of its columns", () => {
  const { tables } = planMasking(contractOf({ "log_*": RULE, users: "keep" }), LOGS);
  assert.deepEqual(
    tables.map(({ columns }) => columns.map(({ column, transform }) => `${column}: ${transform.name}`).join(", ")),
    ["id: keep, line: redact", "id: keep, line: redact, agent: redact", "id: keep"],
  );
  const own = planMasking(contractOf({ "log_*": RULE, log_2: "truncate", users: "keep" }), LOGS);
  assert.deepEqual(
    own.tables.map(({ rule }) => rule),
    ["columns", "truncate", "keep"],
  );
});

test("a pattern that no table matches, and a column that no table of the family has, are told once with the nearest", () => {
  const unmatched = refusal(contractOf({ "lgo_*": RULE, "log_*": RULE, users: "keep" }), LOGS);
  assert.equal(unmatched.code, "CONTRACT_UNKNOWN_TABLE");
  assert.match(unmatched.message, /There is no table `lgo_\*`\. Did you mean `log_1`\?/);
  const { unknownColumns } = checkMasking(contractOf({ "log_*": { ...RULE, agnet: "redact" }, users: "keep" }), LOGS);
  assert.deepEqual(unknownColumns, [{ table: "log_*", column: "agnet", nearest: "agent" }]);
});

test("a table that two patterns match is a clash until it is named itself", () => {
  const both = { "log_*": RULE, "*_2": "truncate", users: "keep" } as const;
  const { code, message } = refusal(contractOf(both), LOGS);
  assert.equal(code, "CONTRACT_PATTERNS_CLASH");
  assert.match(message, /`log_2` is matched by `log_\*` and `\*_2`/);
  planMasking(contractOf({ ...both, log_2: "keep" }), LOGS);
});
