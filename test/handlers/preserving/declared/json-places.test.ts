// Places of values in the text of a document: found where a path leads, and nothing else changes when they do.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { jsonPlaces } from "../../../../handlers/preserving/declared/json-places.ts";
import { parsePath } from "../../../../handlers/masking/documents/paths.ts";

/** The values that stand at the path, as they are written. */
function written(text: string, path: string): string[] | undefined {
  return jsonPlaces(text, parsePath(path) ?? [])?.map(({ start, end }) => text.slice(start, end));
}

const cases: readonly (readonly [text: string, path: string, found: readonly string[] | undefined])[] = [
  ['{"id":1}', "$.id", ["1"]],
  ['  {  "a" : { "id" : -12.50e3 } }  ', "$.a.id", ["-12.50e3"]],
  ['{"id":"a\\"}b","x":{"id":2}}', "$.id", ['"a\\"}b"']],
  ['{"id":1,"id":2}', "$.id", ["1", "2"]],
  ['{"\\u0069d":7}', "$.id", ["7"]],
  ['[{"id":1},{"id":2},[],{"x":3}]', "$[*].id", ["1", "2"]],
  ["[[1,2],[3]]", "$[0][*]", ["1", "2"]],
  ["[[1,2],[3]]", "$[1][0]", ["3"]],
  ['{"odd key":{"id":1}}', '$."odd key".id', ["1"]],
  ['{"id":null}', "$.id", []],
  ['{"id":true}', "$.id", []],
  ['{"id":[1]}', "$.id", []],
  ['{"id":{"id":1}}', "$.id", []],
  ["[1]", "$.id", []],
  ['{"0":1}', "$[0]", []],
  ["12345678901234567890123", "$", ["12345678901234567890123"]],
  ["{id:1}", "$.id", undefined],
  ['{"id":1', "$.id", undefined],
  ["", "$.id", undefined],
  [`${"[".repeat(200_000)}${"]".repeat(200_000)}`, "$.id", undefined],
];

for (const [text, path, found] of cases) {
  test(`${path} in ${text.slice(0, 40) || "(nothing)"}`, () => assert.deepEqual(written(text, path), found));
}

test("where a path leads in any document is where a parser finds it", () => {
  const key = fc.constantFrom("a", "b", "id", "__proto__", 'q"\\', "é");
  const { document } = fc.letrec<{ document: unknown }>((tie) => ({
    document: fc.oneof(
      { maxDepth: 4 },
      fc.oneof(
        fc.integer(),
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        fc.string(),
        fc.boolean(),
        fc.constant(null),
      ),
      fc.array(tie("document"), { maxLength: 3 }),
      fc.dictionary(key, tie("document"), { maxKeys: 3 }),
    ),
  }));
  const step = fc.oneof(key, fc.nat(2));
  fc.assert(
    fc.property(
      document,
      fc.array(step, { maxLength: 3 }),
      fc.constantFrom(undefined, 1, "\t"),
      (value, steps, space) => {
        const text = JSON.stringify(value, null, space);
        const path = steps.map((name) => (typeof name === "number" ? { index: name } : { key: name }));
        const at = steps.reduce<unknown>((parent, name) => {
          const fits =
            typeof name === "number"
              ? Array.isArray(parent)
              : parent !== null && typeof parent === "object" && !Array.isArray(parent);
          return fits && Object.hasOwn(parent as object, name) ? Reflect.get(parent as object, name) : undefined;
        }, JSON.parse(text));
        const [place, ...more] = jsonPlaces(text, path) ?? [];
        assert.deepEqual(more, []);
        if (typeof at !== "string" && typeof at !== "number") return assert.equal(place, undefined);
        assert.ok(place);
        assert.deepEqual(JSON.parse(text.slice(place.start, place.end)), at);
        const changed = `${text.slice(0, place.start)}"new"${text.slice(place.end)}`;
        assert.equal(jsonPlaces(changed, path)?.[0]?.value, "new");
      },
    ),
    { numRuns: 2000 },
  );
});
