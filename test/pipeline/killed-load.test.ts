// A process killed with SIGKILL at each step of loading staging: either the old staging or the new, and the run goes on.
// killed-swap.test.ts has the steps of the swap.
import assert from "node:assert/strict";
import { test } from "node:test";
import { testKilledAt } from "../support/killed.ts";

test("a process killed while it loads staging", (t) =>
  testKilledAt(t, [
    ["between claim and work", "claimed load-staging"],
    ["when the masked dump is rewritten", "wrote load-staging/part"],
    ["when the rewritten dump is one object", "wrote load-staging/import"],
    ["in the middle of the import", "started import-staging"],
    [
      "while the new data is held against what was exported",
      "asked 3 SELECT COUNT(*) AS found FROM `shop_staging__next`",
    ],
  ]));

test("a process killed while it loads staging in place", (t) =>
  testKilledAt(
    t,
    [
      ["when some of the live tables are dropped", "ran 2 DROP TABLE `shop_staging`"],
      ["in the middle of the import", "started import-staging"],
      ["before staging's trigger is back", "running 1 CREATE TRIGGER"],
    ],
    {
      edit: (text) => `${text}swap: in-place\n`,
      prepare: async (pipeline) => {
        await pipeline.query(
          "staging",
          "CREATE TRIGGER shop_staging.own BEFORE INSERT ON shop_staging.comments FOR EACH ROW SET NEW.body = 'changed'",
        );
      },
      check: async (pipeline) =>
        assert.equal((await pipeline.query("staging", "SHOW TRIGGERS FROM shop_staging")).length, 1),
    },
  ));
