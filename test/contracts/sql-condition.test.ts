// What may stand as a condition in sync.yaml.
import assert from "node:assert/strict";
import { test } from "node:test";
import { isOneCondition } from "../../contracts/sql-condition.ts";

for (const sql of [
  "is_demo = 1",
  "name = 'it''s (one' OR note = \"a\\\") b\"",
  "`a)b` > 0",
  "id IN (SELECT id FROM other WHERE (x = 1))",
  "is_demo = 1 -- a remark)",
  "is_demo = 1 # )",
  "is_demo /* ) */ = 1",
  "a - -1 = 2 AND b--1 > 0",
]) {
  test(`${sql} is one condition`, () => assert.equal(isOneCondition(sql), true));
}

for (const sql of [
  "is_demo = 1) UNION SELECT * FROM (users",
  "is_demo = 1) INTO OUTFILE '/tmp/x' -- ",
  "1 = 1; DROP TABLE users",
  "(is_demo = 1",
  "is_demo = 1)",
  "name = 'open",
  "name = 'a\\'",
  "`open",
  "is_demo = 1 /* open",
  "is_demo = 1 /*! ) UNION SELECT 1 FROM (users */",
  "is_demo = 1 /*M!100100 ) */",
  "1 = 1 --) \n) OR (1",
]) {
  test(`${sql} is refused`, () => assert.equal(isOneCondition(sql), false));
}
