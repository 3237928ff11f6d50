// What the tests of made-up values share: one UPDATE by transforms, hostile values, and draws as Node computes them.
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import type { TestContext } from "node:test";
import fc from "fast-check";
import type { Transform } from "../../../../contracts/sync-contract.ts";
import { toTransform, type TransformInFile } from "../../../../contracts/transforms.ts";
import { setKey } from "../../../../handlers/masking/keyed.ts";
import { applyTransform, isMasking, type Masked, type Misfit } from "../../../../handlers/masking/transforms/index.ts";
import { quoteName, quoteTable } from "../../../../handlers/mysql/identifiers.ts";
import type { Column, Table } from "../../../../handlers/mysql/schema.ts";
import type { TestServer } from "../../../support/servers.ts";
import { type Copy, createCopy, KEY } from "../support.ts";

/** Sets columns by transforms, from left to right, in one strict UPDATE; returns what was planned for each. */
export async function maskTable(
  copy: Copy,
  name: string,
  transforms: Readonly<Record<string, TransformInFile>>,
): Promise<Masked[]> {
  const table = (await copy.schema()).tables.get(name);
  assert.ok(table);
  const masked = Object.entries(transforms).map(([column, written]) => {
    const own = table.columns.find((candidate) => candidate.name === column);
    assert.ok(own, column);
    const result = planned(written, own, table, transforms);
    assert.ok(result.fits, result.fits ? "" : result.reason);
    return { column, result };
  });
  const session = await copy.open();
  try {
    await setKey(session, KEY);
    const assignments = masked.map(({ column, result }) => `${quoteName(column)} = ${result.sql}`);
    await session.run(`UPDATE ${quoteTable(copy.database, name)} SET ${assignments.join(", ")}`);
  } finally {
    await session.close();
  }
  return masked.map(({ result }) => result);
}

/** What a transform gives for a column of a table with these transforms. */
export function planned(
  written: TransformInFile,
  column: Column,
  table: Table,
  transforms: Readonly<Record<string, TransformInFile>> = {},
): Masked | Misfit {
  const transform = toTransform(written);
  assert.ok(isMasking(transform));
  return applyTransform(transform, column, table, ({ name }): Transform | undefined => {
    const other = transforms[name];
    return other === undefined ? undefined : toTransform(other);
  });
}

/** The word that the key draws for a value. */
export function drawn<Word>(domain: string, value: string, place: number, words: readonly Word[]): Word {
  const word = words[drawnNumber(domain, value, place) % words.length];
  assert.ok(word !== undefined);
  return word;
}

export function drawnNumber(domain: string, value: string, place: number): number {
  const hash = createHmac("sha256", KEY).update(`${domain}:${value}`).digest("hex");
  return Number.parseInt(hash.slice(8 * place, 8 * place + 8), 16);
}

const NASTY = [
  "'",
  '"',
  "\\",
  "%",
  "_",
  "?",
  "#",
  "`",
  "*/",
  "\0",
  "\t",
  "\n",
  "\r",
  "\r\n",
  " ",
  "-",
  "😀",
  "é",
  "e\u0301",
];
const JAPANESE = ["山", "田", "ア", "ﾔ", "ﾞ", "や", "ん", "\u3000", "１", "－", "〒", "™", "Œ"];

/** Text of up to so many characters, of those that go wrong. */
export function hostileText(maxCharacters: number): fc.Arbitrary<string> {
  const unit = fc.oneof(
    fc.constantFrom(...NASTY, ...JAPANESE),
    fc.string({ unit: "binary", minLength: 1, maxLength: 1 }),
  );
  return fc
    .oneof(
      fc.array(unit, { maxLength: maxCharacters }),
      fc.array(fc.constantFrom("A", "b", "7", " ", "-"), { maxLength: 12 }),
    )
    .map((units) => Array.from(units.join("")).slice(0, maxCharacters).join(""));
}

/** A column and its table, for what is decided without a server. */
export function columnOf(type: Partial<Column>): { readonly column: Column; readonly table: Table } {
  const column: Column = {
    ...{ name: "v", dataType: "varchar", columnType: "varchar(50)", nullable: true, maxCharacters: 50, maxBytes: 200 },
    ...{ characterSet: "utf8mb4", collation: "utf8mb4_general_ci", generated: false, autoIncrement: false },
    ...{ onUpdateNow: false, default: null, comment: "" },
    ...type,
  };
  const table = { name: "t", engine: "InnoDB", estimatedRows: 0, columns: [column], keys: [], foreignKeys: [] };
  return { column, table };
}

/** Every word is read from a column of each character set as it was written. */
export async function assertHeld(
  t: TestContext,
  server: TestServer,
  words: readonly string[],
  sets: readonly string[],
): Promise<void> {
  const copy = await createCopy(
    t,
    server,
    sets.map((set) => `CREATE TABLE t_${set} (id INT PRIMARY KEY, v VARCHAR(20)) CHARACTER SET ${set}`),
  );
  for (const set of sets) {
    await copy.connection.query(`INSERT INTO t_${set} VALUES ?`, [words.map((word, id) => [id, word])]);
    const rows = await copy.rows(`SELECT v FROM t_${set} ORDER BY id`);
    assert.deepEqual(
      rows.map(({ v }) => String(v)),
      words,
      set,
    );
  }
}
