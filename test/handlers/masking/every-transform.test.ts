// Every transform there is, in one table: hostile values, masked by the engine and passed by the proof. What each makes of
// them in detail is told in transforms/.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { TransformInFile, TransformName } from "../../../contracts/transforms.ts";
import { maskReplica, proveMasking } from "../../../handlers/masking/index.ts";
import { quoteName } from "../../../handlers/mysql/identifiers.ts";
import { servers } from "../../support/servers.ts";
import { contractOf, createCopy, type Copy } from "./support.ts";
import { hostileText, planned } from "./transforms/made-up-support.ts";
import { assertSound, type MaskedValue } from "./transforms/values-support.ts";

interface Tried {
  readonly type: string;
  readonly written: TransformInFile;
  readonly values: fc.Arbitrary<string | Buffer | bigint>;
  /** What becomes of every value, NULL too. */
  readonly becomes?: string | null;
  /** Values may stay: a document of empty lists, for one. */
  readonly mayStay?: true;
}

const LONG = 60;
const texts = (written: TransformInFile): Tried => ({ type: `VARCHAR(${LONG})`, written, values: hostileText(LONG) });
const days = fc.oneof(
  fc.constantFrom("0000-00-00", "2000-02-31", "2000-05-00", "0000-05-17", "0001-01-01", "9999-12-31", "1900-02-29"),
  fc.date({ min: new Date("1000-01-01"), max: new Date("9999-12-31"), noInvalidDate: true }).map(dayOf),
);
const numbers = fc.oneof(fc.constantFrom(0n, 1n, -1n), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }));
const bytes = fc.uint8Array({ maxLength: 90 }).map((own) => Buffer.from(own));
// A document's keys stay, at any depth: one that happens to be an e-mail address is rightly found by the proof.
const documents = fc
  .dictionary(hostileText(9), fc.jsonValue(), { maxKeys: 4 })
  .filter((own) => !keysOf(own).some((key) => key.includes("@")))
  .map((own) => JSON.stringify(own));

/** Complete: the compiler wants each name. */
const TRIED: Readonly<Record<Exclude<TransformName, "keep">, Tried>> = {
  redact: texts("redact"),
  null: { ...texts(null), becomes: null },
  fixed: { ...texts({ fixed: "it's \\" }), becomes: "it's \\" },
  empty: { type: "VARBINARY(90)", written: "empty", values: bytes },
  hash: { type: "VARBINARY(90)", written: "hash", values: bytes },
  email: texts("email"),
  digits: texts("digits"),
  phone: texts("phone"),
  username: texts("username"),
  uuid: texts("uuid"),
  ip: texts("ip"),
  url: texts("url"),
  name: texts({ name: { locale: "ja" } }),
  first_name: texts("first_name"),
  last_name: texts("last_name"),
  kana: texts("kana"),
  company: texts("company"),
  address: texts({ address: { locale: "ja" } }),
  city: texts("city"),
  postcode: texts("postcode"),
  date_shift: { type: "DATE", written: "date_shift", values: days },
  year_only: { type: "DATETIME(6)", written: "year_only", values: days },
  noise: { type: "BIGINT", written: "noise", values: numbers },
  permute: { type: "BIGINT", written: "permute", values: numbers },
  text: { type: "TEXT", written: "text", values: hostileText(200) },
  json: { type: "JSON", written: { json: { $: "hash" } }, values: documents, mayStay: true },
  blob: { type: "BLOB", written: "blob", values: bytes },
  expression: texts({ expression: "CONCAT('user ', LEFT({key}, 8))" }),
};

for (const server of servers()) {
  test(`each transform masks whatever a column holds, and the proof agrees, on ${server.name}`, async (t) => {
    const tried = Object.entries(TRIED).filter(([name]) => name !== "json" || !server.version.startsWith("5.6"));
    const columns = tried.map(([name, { type }]) => `${quoteName(name)} ${type} NULL`);
    const copy = await createCopy(t, server, [
      `CREATE TABLE t (id INT PRIMARY KEY, ${columns.join(", ")}) DEFAULT CHARSET utf8mb4`,
    ]);
    const rules = Object.fromEntries(tried.map(([name, { written }]) => [name, written ?? "null"] as const));
    const rows = fc.array(fc.tuple(...tried.map(([, { values }]) => fc.option(values, { freq: 20 }))), {
      minLength: 60,
      maxLength: 60,
    });
    let run = 0;
    const { failed, seed, errorInstance } = await fc.check(
      fc.asyncProperty(rows, async (values) => {
        await copy.connection.query("DELETE FROM t");
        // Twice, so that equal values can be seen to become equal.
        await copy.connection.query("INSERT IGNORE INTO t VALUES ?", [
          [...values, ...values].map((row, id) => [id, ...row]),
        ]);
        // A document's keys stay, and one may happen to be another column's original.
        const allow = [{ table: "t", column: "json", patterns: ["original"] as const }];
        const job = await copy.job(contractOf({ t: { id: "keep", ...rules } }), { run: `run-${++run}`, allow });
        const unchanged = new Map(job.plan.tables[0]?.columns.map((own) => [own.column, own.unchanged ?? "FALSE"]));
        const before = await shown(copy, tried, unchanged);
        assert.equal(await maskReplica(job), "finished");
        const after = await shown(copy, tried, unchanged);
        assert.notEqual(await proveMasking(job), "out-of-time");
        const table = (await copy.schema()).tables.get("t") ?? assert.fail();
        for (const [name, { written, becomes, mayStay, type }] of tried) {
          const made = before.map((own, i): MaskedValue => {
            const original = own[name] as string | null;
            return { original, masked: after[i]?.[name] as string | null, unchanged: Number(own[`${name}?`]) === 1 };
          });
          if (becomes !== undefined) {
            assert.ok(
              made.every(({ masked }) => masked === becomes),
              name,
            );
            continue;
          }
          const column = table.columns.find((own) => own.name === name) ?? assert.fail(name);
          const plan = planned(written, column, table);
          assert.ok(plan.fits);
          const { distinctWithin: _all, ...withoutKeys } = plan;
          assertSound({
            isBytes: isBytes(type),
            rows: mayStay ? made.filter(({ original, masked }) => original !== masked) : made,
            // Numbers have no characters to be different within.
            plan: name === "permute" ? withoutKeys : plan,
          });
        }
      }),
      { numRuns: 2, endOnFailure: true },
    );
    // The seed and the error: sixty rows of hostile values are no message.
    if (failed) throw new Error(`Failed with the seed ${seed}.`, { cause: errorInstance });
  });
}

/** Each column as text or hexadecimal digits, and whether its transform says that the value stays. */
async function shown(
  copy: Copy,
  tried: readonly (readonly [string, Tried])[],
  unchanged: ReadonlyMap<string, string>,
): Promise<Record<string, unknown>[]> {
  const selected = tried.flatMap(([name, { type }]) => [
    `${isBytes(type) ? `HEX(${quoteName(name)})` : `CAST(${quoteName(name)} AS CHAR)`} AS ${quoteName(name)}`,
    `${unchanged.get(name) ?? "FALSE"} AS ${quoteName(`${name}?`)}`,
  ]);
  return copy.rows(`SELECT ${selected.join(", ")} FROM t ORDER BY id`);
}

function keysOf(document: unknown): string[] {
  const keys: string[] = [];
  JSON.stringify(document, (key, value: unknown) => {
    keys.push(key);
    return value;
  });
  return keys;
}

function isBytes(type: string): boolean {
  return /BINARY|BLOB/.test(type);
}

function dayOf(date: Date): string {
  return date.toISOString().slice(0, 10);
}
