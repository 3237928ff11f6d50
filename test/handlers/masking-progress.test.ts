// What a run shows of masking: the whole from the start, and the table at work.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Progress } from "../../contracts/run.ts";
import { describeTable, overAllTables } from "../../handlers/masking-progress.ts";

test("a table at work is told with its share, rate and time left, as far as these are known", () => {
  const begun = { table: "users", doing: "masking", rowsDone: 0, rowsTotal: 1000 } as const;
  assert.equal(describeTable(begun), "masking `users`");
  const going = { ...begun, rowsDone: 419, rowsPerSecond: 12_340.4, secondsLeft: 11.2 };
  assert.equal(describeTable(going), "masking `users`: 41 %, 12,340 rows/s, 12 s left");
  assert.match(describeTable({ ...going, secondsLeft: 600 }), /, 10 min left$/);
  assert.match(describeTable({ ...going, secondsLeft: 9000 }), /, 2\.5 h left$/);
  assert.equal(describeTable({ ...going, doing: "restoring keys" }), "restoring keys of `users`");
});

test("progress is counted over all tables that were told of", () => {
  const told: Progress[] = [];
  const tell = overAllTables((progress) => told.push(progress));
  tell({ table: "a", doing: "masking", rowsDone: 10, rowsTotal: 100 });
  tell({ table: "b", doing: "masking", rowsDone: 0, rowsTotal: 50 });
  tell({ table: "a", doing: "restoring keys", rowsDone: 100, rowsTotal: 100 });
  assert.deepEqual(told.at(-1), { unit: "rows", done: 100, total: 150, doing: "restoring keys of `a`" });
});
