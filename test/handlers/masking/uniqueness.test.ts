// What is said of unique keys is exact: held against every pair of rows that small tables can have.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Column, Table } from "../../../handlers/mysql/schema.ts";
import type { Masked } from "../../../handlers/masking/transforms/index.ts";
import { collisionsOf } from "../../../handlers/masking/uniqueness.ts";

const NAMES = ["a", "b", "c"] as const;
type Value = 0 | 1 | null;
type Row = Readonly<Record<(typeof NAMES)[number], Value>>;

/** What a transform does to a value, at its worst; NULL stays NULL. */
const TRANSFORMS = {
  keep: (value: Value): Value => value,
  distinct: (value: Value): Value => (value === null ? null : ((1 - value) as Value)),
  lossy: (value: Value): Value => (value === null ? null : 0),
  null: (): Value => null,
};
type TransformName = keyof typeof TRANSFORMS;

const MASKED: Readonly<Record<Exclude<TransformName, "keep">, Masked>> = {
  distinct: { fits: true, sql: "F(v)", unchanged: "FALSE", distinctWithin: 16 },
  lossy: { fits: true, sql: "0", unchanged: "FALSE" },
  null: { fits: true, sql: "NULL", unchanged: "FALSE", distinctWithin: 0 },
};

function column(name: string, nullable: boolean): Column {
  return {
    ...{ name, dataType: "int", columnType: "int", nullable, maxCharacters: null, maxBytes: null, characterSet: null },
    ...{ collation: null, generated: false, autoIncrement: false, onUpdateNow: false, default: null, comment: "" },
  };
}

const tables = fc.record({
  nullable: fc.tuple(fc.boolean(), fc.boolean(), fc.boolean()),
  keys: fc.array(fc.subarray([...NAMES], { minLength: 1 }), { minLength: 1, maxLength: 3 }),
  transforms: fc.tuple(...NAMES.map(() => fc.constantFrom<TransformName[]>("keep", "distinct", "lossy", "null"))),
});

/** Two rows with a NULL in a key are never the same in it. */
function isDuplicate(one: Row, other: Row, key: readonly (typeof NAMES)[number][]): boolean {
  return key.every((name) => one[name] !== null && one[name] === other[name]);
}

function allRows(nullable: readonly boolean[]): Row[] {
  const values = (i: number): Value[] => (nullable[i] ? [0, 1, null] : [0, 1]);
  return values(0).flatMap((a) => values(1).flatMap((b) => values(2).map((c) => ({ a, b, c }))));
}

test("a plan is taken for safe where no two rows that the keys allow could collide, and only there", () => {
  fc.assert(
    fc.property(tables, ({ nullable, keys, transforms }) => {
      // NOT NULL columns have no transform `null`: it does not fit.
      const chosen = transforms.map((name, i): TransformName => (name === "null" && !nullable[i] ? "keep" : name));
      const table: Table = {
        ...{ name: "t", engine: "InnoDB", estimatedRows: 0, foreignKeys: [] },
        columns: NAMES.map((name, i) => column(name, nullable[i] ?? false)),
        keys: keys.map((parts, i) => ({
          name: `k${i}`,
          unique: true,
          parts: parts.map((name) => ({ column: name.toUpperCase(), prefix: null })),
        })),
      };
      const masked = new Map(
        NAMES.flatMap((name, i): [string, Masked][] => {
          const transform = chosen[i] ?? "keep";
          return transform === "keep" ? [] : [[name, MASKED[transform]]];
        }),
      );
      const mask = (row: Row): Row => {
        const [a, b, c] = NAMES.map((name, i) => TRANSFORMS[chosen[i] ?? "keep"](row[name]));
        return { a: a ?? null, b: b ?? null, c: c ?? null };
      };
      const rows = allRows(nullable);
      const broken = keys.flatMap((key, i) => {
        const collides = rows.some((one) =>
          rows.some(
            (other) => !keys.some((own) => isDuplicate(one, other, own)) && isDuplicate(mask(one), mask(other), key),
          ),
        );
        return collides ? [`k${i}`] : [];
      });
      const said = collisionsOf(table, masked).map(({ key }) => key.name);
      assert.deepEqual(said, broken);
    }),
    { numRuns: 3_000 },
  );
});
