// What the key decides, for every transform there is: one value becomes the same one in every table and in every run with
// that key, and another one with another.
import assert from "node:assert/strict";
import { test } from "node:test";
import { TransformInFile, type TransformName } from "../../../contracts/transforms.ts";
import { maskReplica } from "../../../handlers/masking/index.ts";
import { quoteName } from "../../../handlers/mysql/identifiers.ts";
import { servers } from "../../support/servers.ts";
import { contractOf, createCopy, KEY } from "./support.ts";
import { columnOf, planned } from "./transforms/made-up-support.ts";

interface Tried {
  readonly type: string;
  readonly written: TransformInFile;
  readonly value: (i: number) => string | number;
  /** What is neutral is so under any key. */
  readonly isKeyed: boolean;
}

const phone = (i: number) => `+81-90-1234-5${100 + i}`;
const day = (i: number) => `1980-05-${10 + i}`;
const text = (written: TransformInFile, isKeyed = true): Tried => ({
  ...{ type: "VARCHAR(90)", written, value: phone, isKeyed },
});

/** Complete: the compiler wants each name. */
const TRIED: Readonly<Record<Exclude<TransformName, "keep">, Tried>> = {
  redact: text("redact", false),
  null: text(null, false),
  fixed: text({ fixed: "x" }, false),
  empty: text("empty", false),
  hash: text("hash"),
  email: text("email"),
  digits: text("digits"),
  phone: text("phone"),
  username: text("username"),
  uuid: text("uuid"),
  ip: text("ip"),
  url: text("url"),
  name: text("name"),
  first_name: text("first_name"),
  last_name: text({ last_name: { locale: "ja" } }),
  kana: text("kana"),
  company: text("company"),
  address: text("address"),
  city: text("city"),
  postcode: text("postcode"),
  date_shift: { type: "DATE", written: "date_shift", value: day, isKeyed: true },
  year_only: { type: "DATE", written: "year_only", value: day, isKeyed: false },
  noise: { type: "INT", written: "noise", value: (i) => 50_000 + 1_000 * i, isKeyed: true },
  permute: { type: "INT", written: { permute: { domain: "codes" } }, value: (i) => 7 * i, isKeyed: true },
  text: {
    type: "TEXT",
    written: "text",
    value: (i) => `So ${phone(i)} is the number to call, said Ann`,
    isKeyed: true,
  },
  json: { type: "JSON", written: { json: { "$.a": "hash" } }, value: (i) => `{"a": "${i}"}`, isKeyed: true },
  blob: { type: "BLOB", written: "blob", value: phone, isKeyed: false },
  expression: text({ expression: "LEFT({key}, 8)" }),
};
const ROWS = 12;

for (const server of servers()) {
  test(`each transform gives the same under the same key, and other values under another, on ${server.name}`, async (t) => {
    const tried = Object.entries(TRIED).filter(([name]) => name !== "json" || !server.version.startsWith("5.6"));
    const columns = tried.map(([name, { type }]) => `${quoteName(name)} ${type} NULL`).join(", ");
    const sets = { t: "utf8mb4", u: "ucs2" };
    const copy = await createCopy(
      t,
      server,
      Object.entries(sets).map(
        ([name, set]) => `CREATE TABLE ${name} (id INT PRIMARY KEY, ${columns}) CHARACTER SET ${set}`,
      ),
    );
    const rule = {
      id: "keep",
      ...Object.fromEntries(tried.map(([name, { written }]) => [name, written ?? "null"] as const)),
    } as const;
    const rows = Array.from({ length: ROWS }, (_, i) => [i, ...tried.map(([, { value }]) => value(i))]);
    /** By table and transform: what became of the rows' values. */
    const masked = async (run: string, key: Buffer) => {
      for (const name of Object.keys(sets)) {
        await copy.connection.query(`DELETE FROM ${name}`);
        await copy.connection.query(`INSERT INTO ${name} VALUES ?`, [rows]);
      }
      assert.equal(await maskReplica(await copy.job(contractOf({ t: rule, u: rule }), { run, key })), "finished");
      const [first = [], second = []] = await Promise.all(
        Object.keys(sets).map((name) => copy.rows(`SELECT * FROM ${name} ORDER BY id`)),
      );
      return (table: "t" | "u", name: string) =>
        (table === "t" ? first : second).map((row) => JSON.stringify(row[name]));
    };
    const [one, again, other] = [
      await masked("run-1", KEY),
      await masked("run-2", KEY),
      await masked("run-3", Buffer.alloc(32, 7)),
    ];
    for (const [name, { isKeyed }] of tried) {
      const values = one("t", name);
      assert.deepEqual(one("u", name), values, `${name} in another table`);
      assert.deepEqual(again("t", name), values, `${name} in another run`);
      const changed = other("t", name).filter((value, i) => value !== values[i]).length;
      if (!isKeyed) assert.equal(changed, 0, name);
      else assert.ok(changed > ROWS / 2, `${name} under another key: ${changed} of ${ROWS} are others`);
      if (isKeyed) assert.ok(new Set(values).size > 2, `${name} gives rows the same value`);
    }
  });
}

test("a domain of its own keeps a column's values apart from all others of the transform, and changes nothing else", () => {
  const { column, table } = columnOf({});
  const drawing = Object.entries(TRIED).filter(([, { type, isKeyed }]) => isKeyed && /CHAR|TEXT/.test(type));
  assert.ok(drawing.length > 15);
  for (const [name] of drawing) {
    if (name === "expression") continue;
    const sqlIn = (domain?: string) => {
      const masked = planned(TransformInFile.parse({ [name]: domain === undefined ? {} : { domain } }), column, table);
      return masked.fits ? masked.sql : assert.fail(masked.reason);
    };
    const apart = sqlIn("apart");
    assert.match(apart, /'apart[:#]/, name);
    assert.equal(
      apart.replaceAll(/'apart(?=[:#])/g, () => `'${name}`),
      sqlIn(),
      name,
    );
    assert.equal(sqlIn(name), sqlIn(), `${name} is the name of its own domain`);
  }
});
