// A chunk's size: about a second's work, whatever a row costs.
import assert from "node:assert/strict";
import { test } from "node:test";
import { FIRST_ROWS, nextRows, sizeAfter } from "../../../handlers/masking/chunk-size.ts";

for (const rowsPerSecond of [300, 20_000, 400_000]) {
  test(`at ${rowsPerSecond} rows a second the size is a second's work after a few chunks, and stays`, () => {
    let size = FIRST_ROWS;
    for (let chunk = 0; chunk < 6; chunk++) size = sizeAfter(size, size, (size / rowsPerSecond) * 1000);
    assert.equal(size, rowsPerSecond);
  });
}

test("one odd measurement changes the size fourfold at most, and an empty chunk not at all", () => {
  assert.equal(sizeAfter(8000, 8000, 60_000), 2000);
  assert.equal(sizeAfter(8000, 8000, 0), 32_000);
  assert.equal(sizeAfter(8000, 0, 5), 8000);
});

test("the last rows are shared out in shrinking pieces, but not in slivers", () => {
  assert.equal(nextRows(10_000, 1_000_000, 4), 10_000);
  assert.equal(nextRows(10_000, 40_000, 4), 5000);
  assert.equal(nextRows(10_000, 100, 4), 625);
  assert.equal(nextRows(10_000, -5, 4), 625); // more rows than were counted
});
