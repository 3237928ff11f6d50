// A process killed with SIGKILL at each point where it matters: the run ends once, with the same staging as ever.
// From preserving to the swap; killed-early.test.ts has the rest.
import { test } from "node:test";
import { testKilledAt } from "../support/killed.ts";

test("a process killed from preserving to the swap", (t) =>
  testKilledAt(t, [
    ["in the middle of preserving", "ran 3 INSERT INTO `shop`"],
    ["between `done` and published of preserving", "publishing preserved"],
    ["when the replica is half wiped", "ran 5 DROP DATABASE"],
    ["with staging's backup under way", "started backup"],
    ["right before the swap", "running 1 RENAME"],
    ["right after the swap", "ran 1 RENAME"],
  ]));
