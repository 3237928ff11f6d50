// What a transform makes of values in a column of a type: masked on a real server by one strict UPDATE, and what holds
// for every transform.
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import type { TransformInFile } from "../../../../contracts/transforms.ts";
import type { Masked } from "../../../../handlers/masking/transforms/index.ts";
import { type Copy, KEY } from "../support.ts";
import { maskTable } from "./made-up-support.ts";

/** As the server shows them: text as it is, bytes in hexadecimal digits, everything else as text. */
export interface MaskedValue {
  readonly original: string | null;
  readonly masked: string | null;
  /** The transform says that it leaves the value as it is. */
  readonly unchanged: boolean;
}

export interface MaskedValues {
  readonly isBytes: boolean;
  readonly rows: readonly MaskedValue[];
  readonly plan: Masked;
}

const tables = new WeakMap<Copy, number>();

/** Each value stands in two rows, and NULL in one more. What the column cannot hold is cut to fit before. */
export async function maskValues(
  copy: Copy,
  type: string,
  transform: TransformInFile,
  values: readonly (string | Buffer | number)[],
): Promise<MaskedValues> {
  const number = (tables.get(copy) ?? 0) + 1;
  tables.set(copy, number);
  const [before, after] = [`before_${number}`, `after_${number}`];
  await copy.connection.query(`CREATE TABLE ${before} (id INT PRIMARY KEY, v ${type} NULL) DEFAULT CHARSET utf8mb4`);
  const twice = [...values, ...values, null];
  await copy.connection.query(`INSERT IGNORE INTO ${before} VALUES ?`, [twice.map((value, id) => [id, value])]);
  await copy.connection.query(`CREATE TABLE ${after} LIKE ${before}`);
  await copy.connection.query(`INSERT INTO ${after} SELECT * FROM ${before}`);
  const [plan] = await maskTable(copy, after, { v: transform });
  assert.ok(plan);
  const isBytes = /binary|blob/i.test(type);
  const shown = isBytes ? "HEX(v)" : /char|text/i.test(type) ? "v" : "CAST(v AS CHAR)";
  const originals = await copy.rows(
    `SELECT ${shown} AS shown, ${plan.unchanged} AS unchanged FROM ${before} ORDER BY id`,
  );
  const made = await copy.rows(`SELECT ${shown} AS shown FROM ${after} ORDER BY id`);
  await copy.connection.query(`DROP TABLE ${before}, ${after}`);
  return {
    isBytes,
    plan,
    rows: originals.map((row, i) => ({
      original: row["shown"] as string | null,
      masked: made[i]?.["shown"] as string | null,
      unchanged: Number(row["unchanged"]) === 1,
    })),
  };
}

/**
 * NULL stays NULL and nothing else becomes it; equal values become equal; what is not said to stay becomes another value,
 * by chance but for one in twenty; different ones stay different within the characters promised.
 */
export function assertSound({ rows, plan, isBytes }: MaskedValues): void {
  const made = new Map<string, string>();
  let kept = 0;
  for (const { original, masked, unchanged } of rows) {
    const what = JSON.stringify(original);
    if (original === null || masked === null) {
      assert.equal(masked, original, what);
      continue;
    }
    assert.equal(made.get(original) ?? masked, masked, `${what} became two values`);
    made.set(original, masked);
    if (unchanged) assert.equal(masked, original);
    else if (plan.byChance) kept += masked === original ? 1 : 0;
    else assert.notEqual(masked, original);
  }
  assert.ok(kept <= 2 + rows.length / 20, `${kept} of ${rows.length} stayed as they were`);
  if (plan.distinctWithin === undefined) return;
  const within = plan.distinctWithin * (isBytes ? 2 : 1);
  const different = [...made].map(([, masked]) => Array.from(masked).slice(0, within).join("").toLowerCase());
  assert.equal(new Set(different).size, made.size, "different values became equal");
}

/** What became of one value. */
export function maskedOf({ rows }: MaskedValues, original: string): string | null {
  const row = rows.find((each) => each.original === original);
  assert.ok(row, `${original} is not among the values`);
  return row.masked;
}

/** The keyed hash, as Node computes it. */
export function hashOf(domain: string, value: string): string {
  return createHmac("sha256", KEY).update(`${domain}:`).update(value).digest("hex");
}
