// A process killed with SIGKILL at each point where it matters: the run ends once, with the same staging as ever.
// Up to the end of masking; killed-late.test.ts has the rest.
import { test } from "node:test";
import { testKilledAt } from "../support/killed.ts";

test("a process killed up to the end of masking", (t) =>
  testKilledAt(t, [
    ["between claim and work of the export", "claimed export-production"],
    ["with production's export under way", "started export"],
    ["between claim and work of loading the replica", "claimed load-replica"],
    ["in the middle of the import", "started import"],
    ["between `done` and published of loading the replica", "publishing replica-loaded"],
    ["in the middle of masking, before a chunk", "running 4 UPDATE `shop`"],
    ["in the middle of masking, after a chunk and before its commit", "ran 4 UPDATE `shop`"],
    ["between `done` and published of masking", "publishing masked"],
  ]));
