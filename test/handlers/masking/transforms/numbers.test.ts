// `noise`: another number of the same sign, scale and about the same size.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { mainServer, servers } from "../../../support/servers.ts";
import { createCopy } from "../support.ts";
import { columnOf, planned } from "./made-up-support.ts";
import { assertSound, hashOf, maskedOf, maskValues } from "./values-support.ts";

/** A type with its lowest and highest value, in units of its last place. */
interface Exact {
  readonly type: string;
  readonly scale: number;
  readonly low: bigint;
  readonly high: bigint;
}

const integer = (type: string, bits: bigint, unsigned: boolean): Exact => ({
  type: unsigned ? `${type} UNSIGNED` : type,
  scale: 0,
  low: unsigned ? 0n : -(2n ** (bits - 1n)),
  high: 2n ** (unsigned ? bits : bits - 1n) - 1n,
});
const decimal = (digits: number, scale: number, unsigned = false): Exact => ({
  type: `DECIMAL(${digits}, ${scale})${unsigned ? " UNSIGNED" : ""}`,
  scale,
  low: unsigned ? 0n : 1n - 10n ** BigInt(digits),
  high: 10n ** BigInt(digits) - 1n,
});
const EXACT: readonly Exact[] = [
  integer("TINYINT", 8n, false),
  integer("TINYINT", 8n, true),
  integer("SMALLINT", 16n, false),
  integer("MEDIUMINT", 24n, true),
  integer("INT", 32n, false),
  integer("BIGINT", 64n, false),
  integer("BIGINT", 64n, true),
  decimal(10, 2),
  decimal(1, 1),
  decimal(38, 18),
  decimal(45, 0),
  decimal(45, 20, true),
  decimal(30, 30),
];

const inUnits = (text: string) => BigInt(text.replace(".", ""));
function written(units: bigint, scale: number): string {
  const digits = String(units < 0n ? -units : units).padStart(scale + 1, "0");
  const point = digits.length - scale;
  return `${units < 0n ? "-" : ""}${digits.slice(0, point)}${scale > 0 ? "." : ""}${digits.slice(point)}`;
}
const size = (units: bigint) => (units < 0n ? -units : units);

for (const server of servers()) {
  test(`an exact number becomes another within the percentage, of its sign and in its range, on ${server.name}`, async (t) => {
    const copy = await createCopy(t, server, []);
    for (const { type, scale, low, high } of EXACT) {
      const units = fc.oneof(
        fc.constantFrom(0n, 1n, 2n, 3n, low, high, low + 1n, high - 1n),
        fc.bigInt({ min: low, max: high }),
        fc.bigInt({ min: low < -999n ? -999n : low, max: high > 999n ? 999n : high }),
      );
      const percent = fc.constantFrom(0.5, 10, 33.3, 100);
      await fc.assert(
        fc.asyncProperty(fc.array(units, { minLength: 60, maxLength: 80 }), percent, async (values, most) => {
          const texts = values.map((value) => written(value, scale));
          const masked = await maskValues(copy, type, { noise: { percent: most } }, texts);
          assertSound(masked);
          for (const { original, masked: made, unchanged } of masked.rows) {
            if (original === null || made === null) continue;
            const [before, after] = [inUnits(original), inUnits(made)];
            assert.equal(unchanged, before === 0n);
            if (before === 0n) continue;
            const what = `${type} ${original} ${made} ${most} %`;
            assert.notEqual(after, before, what);
            assert.equal(after > 0n, before > 0n, what);
            assert.equal(made.split(".")[1]?.length ?? 0, scale, what);
            assert.ok(after >= low && after <= high, what);
            const allowed = (size(before) * BigInt(most * 10)) / 1000n + 1n;
            assert.ok(size(after - before) <= allowed, what);
          }
        }),
        { numRuns: 1, endOnFailure: true },
      );
    }
  });

  test(`a FLOAT or DOUBLE becomes another within the percentage, to the ends of its range, on ${server.name}`, async (t) => {
    const copy = await createCopy(t, server, []);
    for (const [type, max] of [
      ["FLOAT", 3.4e38],
      ["DOUBLE", Number.MAX_VALUE],
      ["DOUBLE UNSIGNED", Number.MAX_VALUE],
      ["FLOAT(7, 2)", 99_999.99],
      ["DOUBLE(53, 10)", 1e40],
    ] as const) {
      const values = [1.1, 52_000, 0.25, max, max / 1.5, -1.1, -52_000, -max, 0].filter(
        (value) => value >= 0 || !type.includes("UNSIGNED"),
      );
      const masked = await maskValues(copy, type, { noise: { percent: 20 } }, values.map(String));
      assertSound(masked);
      for (const { original, masked: made, unchanged } of masked.rows) {
        if (original === null) continue;
        const [before, after] = [Number(original), Number(made)];
        assert.equal(unchanged, before === 0);
        if (before === 0) continue;
        const share = Math.abs(after / before - 1);
        assert.ok(share > 0.08 && share < 0.21, `${type} ${original} ${made}`);
        assert.equal(Math.sign(after), Math.sign(before));
      }
    }
  });

  test(`equal numbers change by the same share in columns of any type, on ${server.name}`, async (t) => {
    const copy = await createCopy(t, server, []);
    const drawn = (Number.parseInt(hashOf("noise", "52000").slice(0, 12), 16) % 1e9) + 1.5e9;
    const made = Math.round(52_000 * (1 + 0.1 * (((drawn % 2e9) - 999_999_999.5) / 1e9)));
    for (const type of ["INT", "BIGINT UNSIGNED", "DECIMAL(12, 4)", "DOUBLE", "FLOAT"]) {
      const masked = await maskValues(copy, type, "noise", ["52000"]);
      assert.equal(Math.round(Number(masked.rows[0]?.masked)), made, type);
    }
  });
}

test("numbers go up as often as down, by half of the percentage and more", async (t) => {
  const copy = await createCopy(t, mainServer(), []);
  const values = Array.from({ length: 1000 }, (_, i) => 1_000_000 + i);
  const masked = await maskValues(copy, "INT", "noise", values);
  const shares = values.map((value) => Number(maskedOf(masked, String(value))) / value - 1);
  const up = shares.filter((share) => share > 0).length;
  assert.ok(up > 420 && up < 580, String(up));
  for (const share of shares) assert.ok(Math.abs(share) > 0.0499 && Math.abs(share) < 0.1001, String(share));
});

test("what is no number, or has more digits than the server reckons with, is refused", () => {
  for (const columnType of ["varchar(50)", "decimal(46,0)", "decimal(45,21)", "bit(8)", "year(4)"]) {
    const { column, table } = columnOf({ dataType: /^\w+/.exec(columnType)?.[0] ?? "", columnType });
    assert.equal(planned("noise", column, table).fits, false, columnType);
  }
});
