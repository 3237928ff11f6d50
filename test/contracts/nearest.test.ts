// The nearest known name: what an operator most likely meant.
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { didYouMean, editDistance, nearest } from "../../contracts/nearest.ts";

const known = ["masking", "preserve", "production", "replica", "staging", "dumps"];

for (const [typed, meant] of [
  ["maskng", "masking"],
  ["masknig", "masking"], // two neighbours swapped are one slip of the fingers
  ["Masking", "masking"],
  ["preserves", "preserve"],
  ["prodcution", "production"],
  ["stagin", "staging"],
  ["dump", "dumps"],
  ["colour", undefined],
  ["", undefined],
  ["x", undefined],
] as const) {
  test(`\`${typed}\` is taken for ${meant ?? "nothing known"}`, () => {
    assert.equal(nearest(typed, known), meant);
  });
}

test("of two names equally near the first wins, and a nearer one beats both", () => {
  assert.equal(nearest("cat", ["cut", "cot"]), "cut");
  assert.equal(nearest("name", ["nome", "game", "names", "NAME"]), "NAME");
});

test("the suggestion is the end of a sentence, or nothing", () => {
  assert.equal(
    `Unknown key \`maskng\`.${didYouMean("maskng", known)}`,
    "Unknown key `maskng`. Did you mean `masking`?",
  );
  assert.equal(didYouMean("colour", known), "");
});

test("edit distance is a symmetric count: none for equal words, at most the longer one's length", () => {
  const word = fc.string({ maxLength: 12 });
  fc.assert(
    fc.property(word, word, (a, b) => {
      const distance = editDistance(a, b);
      assert.equal(distance, editDistance(b, a));
      assert.equal(distance === 0, a === b);
      assert.ok(distance >= Math.abs(a.length - b.length) && distance <= Math.max(a.length, b.length));
    }),
  );
});

test("one edit is a distance of one", () => {
  fc.assert(
    fc.property(
      fc.string({ minLength: 1, maxLength: 12 }),
      fc.nat(),
      fc.string({ minLength: 1, maxLength: 1 }),
      (word, at, char) => {
        const place = at % (word.length + 1);
        assert.equal(editDistance(word, word.slice(0, place) + char + word.slice(place)), 1);
      },
    ),
  );
});
