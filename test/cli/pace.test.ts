// Rates and time left, from progress as it is stored now and then.
import assert from "node:assert/strict";
import { test } from "node:test";
import { openPaceMeter, type Pace } from "../../cli/render/pace.ts";
import { activeStage, at } from "./runs.ts";

/** The pace after each of the samples `[second, done]`, of 1,000 rows. */
function paces(samples: readonly (readonly [second: number, done: number])[]): Pace[] {
  const meter = openPaceMeter();
  return samples.map(([second, done]) => {
    const progress = { unit: "rows" as const, done, total: 1000 };
    return meter.measure("mask", activeStage({ stage: "mask", from: 0, progress }), new Date(at(second)));
  });
}

test("a rate needs two samples, and the time left follows from it", () => {
  assert.deepEqual(
    paces([
      [0, 0],
      [2, 100],
    ]),
    [{}, { perSecond: 50, secondsLeft: 18 }],
  );
});

test("a stage that stands still slows down rather than keep its last rate, and has none in the end", () => {
  const [, moving, still, stopped] = paces([
    [0, 0],
    [2, 100],
    [10, 100],
    [40, 100],
  ]);
  assert.deepEqual([moving?.perSecond, still?.perSecond, stopped?.perSecond], [50, 10, undefined]);
});

test("only the last seconds count", () => {
  assert.equal(
    paces([
      [0, 0],
      [10, 10],
      [20, 20],
      [26, 620],
    ]).at(-1)?.perSecond,
    100,
  );
});

test("counting that begins anew is measured anew", () => {
  const [, , anew, later] = paces([
    [0, 500],
    [2, 900],
    [3, 100],
    [5, 300],
  ]);
  assert.deepEqual([anew, later?.perSecond], [{}, 100]);
});

test("there is no time left below zero where the total was an estimate", () => {
  assert.equal(
    paces([
      [0, 900],
      [1, 1100],
    ]).at(-1)?.secondsLeft,
    0,
  );
});
