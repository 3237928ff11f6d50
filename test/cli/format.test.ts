// Numbers, durations and columns as they are printed.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  displayWidth,
  fit,
  formatBytes,
  formatCount,
  formatNumberOf,
  formatSeconds,
  formatTable,
} from "../../cli/render/format.ts";

test("counts have separators, and their nouns a plural", () => {
  assert.deepEqual([0, 999, 1234567].map(formatCount), ["0", "999", "1,234,567"]);
  assert.deepEqual(
    [formatNumberOf(0, "row"), formatNumberOf(1, "row"), formatNumberOf(1200, "row")],
    ["0 rows", "1 row", "1,200 rows"],
  );
});

test("sizes have three digits at most and never 1000 of a unit", () => {
  assert.deepEqual([0, 999, 1000, 1536, 99_940, 99_960, 999_400, 999_600, 1.5e9, 2e15].map(formatBytes), [
    "0 B",
    "999 B",
    "1.00 kB",
    "1.54 kB",
    "99.9 kB",
    "100 kB",
    "999 kB",
    "1.00 MB",
    "1.50 GB",
    "2000 TB",
  ]);
});

test("durations go from tenths of a second to hours, without 60 of anything", () => {
  assert.deepEqual([0, 0.44, 59.94, 59.96, 125, 3599.4, 3599.6, 7440].map(formatSeconds), [
    "0.0 s",
    "0.4 s",
    "59.9 s",
    "1 min 00 s",
    "2 min 05 s",
    "59 min 59 s",
    "1 h 00 min",
    "2 h 04 min",
  ]);
});

test("width is counted in terminal cells: wide characters are two, combining marks none", () => {
  assert.deepEqual(["abc", "住所", "ｶﾅ", "e\u0301", "🙂", ""].map(displayWidth), [3, 4, 2, 1, 2, 0]);
});

test("text that does not fit ends in an ellipsis and is never wider than asked", () => {
  assert.equal(fit("customers", 9), "customers");
  assert.equal(fit("customers", 6), "custo…");
  assert.equal(fit("住所録テーブル", 7), "住所録…");
  assert.equal(fit("住所録テーブル", 6), "住所…");
  assert.equal(fit("x".repeat(10), 0), "");
});

test("tables align by cells, numbers to the right, with no blanks at a line's end", () => {
  assert.deepEqual(
    formatTable(
      [
        ["name", "n"],
        ["住所", "10"],
        ["a", "7"],
      ],
      [1],
    ),
    ["name   n", "住所  10", "a      7"],
  );
  assert.deepEqual(
    formatTable([
      ["a", "b"],
      ["ccc", ""],
    ]),
    ["a    b", "ccc"],
  );
});
