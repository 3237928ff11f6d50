// Unique keys, decided by the plan alone: what is refused, and what would do.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { TRANSFORMS, toTransform, TransformInFile } from "../../../contracts/transforms.ts";
import { applyTransform, isMasking } from "../../../handlers/masking/transforms/index.ts";
import type { Schema, Table } from "../../../handlers/mysql/schema.ts";
import { planMasking } from "../../../handlers/masking/index.ts";
import { ROOT } from "../../support/source-files.ts";
import { column, GOOD, key, refusal, schemaOf, table, USERS } from "./plan-support.ts";
import { contractOf } from "./support.ts";

test("a lossy transform under a unique key is refused with the transforms that would do", () => {
  const refused = refusal(contractOf({ users: { ...GOOD, email: "redact" } }), schemaOf(USERS));
  assert.equal(refused.code, "MASK_NOT_UNIQUE");
  assert.match(
    refused.message,
    /`redact` on `users\.Email`.*unique key `by_email`.*Use `hash`, `email`, `username`, `uuid`, `url`, or `keep`\./,
  );
  assert.equal(
    refusal(contractOf({ users: { ...GOOD, email: { fixed: "x" } } }), schemaOf(USERS)).code,
    "MASK_NOT_UNIQUE",
  );
});

test("every transform that keeps values different is proposed where it fits", () => {
  const columns = [
    ...[column("v", "varchar(20)"), column("v", "varchar(64)"), column("v", "varchar(200)"), column("v", "int")],
    ...[
      { ...column("v", "binary(16)"), maxBytes: 16 },
      { ...column("v", "varbinary(40)"), maxBytes: 40 },
    ],
  ];
  for (const own of columns) {
    const one = { ...table("one", { id: "int!" }), columns: [column("id", "int!"), own] };
    const unique = { ...one, keys: [key("PRIMARY", "id"), key("u", "v")] };
    const { message } = refusal(contractOf({ one: { id: "keep", v: { fixed: 1 } } }), schemaOf(unique));
    const advised = new Set([...(/Use (.*)\.$/.exec(message)?.[1] ?? "").matchAll(/`(\w+)`/g)].map(([, name]) => name));
    const keeping = TRANSFORMS.filter((name) => {
      const written = TransformInFile.safeParse(name === "null" ? null : name);
      if (!written.success) return false; // needs options
      const transform = toTransform(written.data);
      if (!isMasking(transform)) return true;
      const masked = applyTransform(transform, own, unique);
      return masked.fits && masked.distinctWithin !== undefined;
    });
    assert.deepEqual(advised, new Set(keeping), own.columnType);
  }
});

test("docs/transforms.md says of each transform whether it is for a unique column, and is right", () => {
  const options: Readonly<Record<string, TransformInFile>> = {
    ...{ null: null, fixed: { fixed: 1 }, json: { json: {} }, expression: { expression: "1" } },
  };
  const columns = ["varchar(200)", "binary(16)", "int", "date", "json"].map((type) => column("v", type));
  const keepsApart = (name: string) => {
    const transform = toTransform(TransformInFile.parse(name in options ? options[name] : name));
    return columns.some((own) => {
      if (!isMasking(transform)) return true;
      const masked = applyTransform(transform, own, { ...table("t", {}), columns: [own] });
      return masked.fits && masked.distinctWithin !== undefined;
    });
  };
  const page = readFileSync(join(ROOT, "docs/transforms.md"), "utf8");
  const rows = [...page.matchAll(/^\| \[`(\w+)`\].*\| (\S.*?) *\|$/gm)];
  assert.equal(rows.length, TRANSFORMS.length);
  assert.deepEqual(
    rows.map(([, name = "", said]) => [name, said !== "no"]),
    rows.map(([, name = ""]) => [name, keepsApart(name)]),
  );
});

test("uniqueness counts only what a prefix key sees, and every column of a composite one", () => {
  const withKey = (columns: string) =>
    schemaOf(
      table(
        "t",
        { id: "int!", a: "varchar(100)", b: "varchar(100)" },
        { keys: [key("PRIMARY", "id"), key("u", columns)] },
      ),
    );
  const contract = (a: "hash" | "email" | "redact" | "null") => contractOf({ t: { id: "keep", a, b: "keep" } });
  assert.equal(refusal(contract("hash"), withKey("a(15)")).code, "MASK_NOT_UNIQUE");
  assert.equal(refusal(contract("email"), withKey("a(16)")).code, "MASK_NOT_UNIQUE");
  assert.equal(refusal(contract("redact"), withKey("b,a")).code, "MASK_NOT_UNIQUE");
  planMasking(contract("hash"), withKey("a(16)"));
  planMasking(contract("email"), withKey("b,a(17)"));
  planMasking(contract("null"), withKey("a"));
  planMasking(contract("redact"), withKey("a,id"));
});

test("a key is safe where what is kept in it is unique by itself, or where it has a NULL in every row", () => {
  const withKeys = (...columns: string[]) =>
    schemaOf(
      table(
        "t",
        { id: "int!", a: "varchar(100)!", b: "varchar(100)!", c: "varchar(100)" },
        { keys: [key("PRIMARY", "id"), ...columns.map((own, i) => key(`u${i}`, own))] },
      ),
    );
  type Rules = Readonly<Record<"a" | "b" | "c", "hash" | "redact" | "keep" | "null">>;
  const contract = ({ a, b, c }: Rules) => contractOf({ t: { id: "keep", a, b, c } });
  planMasking(contract({ a: "redact", b: "keep", c: "keep" }), withKeys("b,a", "b"));
  planMasking(contract({ a: "redact", b: "hash", c: "keep" }), withKeys("b,a", "b"));
  planMasking(contract({ a: "redact", b: "redact", c: "null" }), withKeys("a,b,c"));
  planMasking(contract({ a: "hash", b: "hash", c: "hash" }), withKeys("a,b,c"));
  // `c` may be NULL: then it is in both keys, and neither minds.
  planMasking(contract({ a: "redact", b: "keep", c: "keep" }), withKeys("c,a", "c"));
  for (const [rules, keys] of [
    [{ a: "redact", b: "keep", c: "keep" }, ["b(10),a", "b"]],
    [{ a: "redact", b: "hash", c: "keep" }, ["b(9),a", "b"]],
    [{ a: "hash", b: "redact", c: "keep" }, ["a,b"]],
  ] as const) {
    assert.equal(refusal(contract(rules), withKeys(...keys)).code, "MASK_NOT_UNIQUE", JSON.stringify([rules, keys]));
  }
  const { message } = refusal(contract({ a: "redact", b: "redact", c: "keep" }), withKeys("a,b"));
  for (const name of ["`t.a`", "`t.b`"]) assert.ok(message.includes(`\`redact\` on ${name}`), message);
});

/** `g`, unique, is computed from what the expression names, and `h` from `g`. */
function computed(
  expression: string | undefined,
  columns = "g",
  { type = "varchar(64)", ...rest }: Partial<Table> & { readonly type?: string } = {},
): Schema {
  const own = table("t", { id: "int!", a: "varchar(64)", b: "int", g: `${type} generated`, h: "int generated" }, rest);
  return schemaOf({
    ...own,
    columns: own.columns.map((each) => ({
      ...each,
      ...(each.name === "g" && expression !== undefined && { expression }),
      ...(each.name === "h" && { expression: "sha2(`G`,256)" }),
    })),
    keys: [key("PRIMARY", "id"), key("u", columns)],
  });
}

test("a generated column under a unique key is no more distinct than what it is computed from", () => {
  const contract = (a: "hash" | "redact" | "keep") => contractOf({ t: { id: "keep", a, b: "redact" } });
  for (const columns of ["g", "h"]) {
    const { code, message } = refusal(contract("redact"), computed("lower(`A`)", columns));
    assert.equal(code, "MASK_NOT_UNIQUE");
    assert.match(message, /`redact` on `t\.a`.*unique key `u`, which is computed from it, forbids it. Use `hash`/);
    planMasking(contract("hash"), computed("lower(`a`)", columns));
    planMasking(contract("redact"), computed("`id` + 1", columns));
    assert.match(refusal(contract("hash"), computed("left(`a`,1)", columns)).message, /`hash` on `t\.a`/);
  }
  planMasking(contract("keep"), computed("`a`"));
  assert.match(refusal(contract("hash"), computed("concat(`a`,`b`)")).message, /`redact` on `t\.b`/);
  // NULL in every row is never a duplicate, where the column takes it.
  const nothing = contractOf({ t: { id: "keep", a: "null", b: "redact" } });
  planMasking(nothing, computed("left(`a`,1)"));
  assert.match(refusal(nothing, computed("left(`a`,1)", "g", { type: "varchar(64)!" })).message, /Use `keep`\./);
  // A prefix of it, and what cannot be read.
  for (const schema of [computed("lower(`a`)", "g(20)"), computed("concat('it\\'s',`a`)"), computed(undefined)]) {
    assert.match(refusal(contract("hash"), schema).message, /`hash` on `t\.a`.*Use .*`keep`\./);
  }
});

test("a column with room for fewer values than rows is refused, by the estimate or else by the count", () => {
  const rows = (estimatedRows: number, type = "varchar(16)!", columns = "a") =>
    schemaOf(table("t", { id: "int!", a: type }, { estimatedRows, keys: [key("PRIMARY", "id"), key("u", columns)] }));
  const contract = contractOf({ t: { id: "keep", a: "hash" } });
  const [plan] = planMasking(contract, rows(1e6)).tables;
  const room = plan?.columns[1]?.room?.rows ?? 0;
  assert.ok(room > 1.9e8 && room < 1.93e8, String(room)); // 2^64 values: n^2 / 2^65 = 1 / 1000
  const { code, message } = refusal(contract, rows(2e8));
  assert.equal(code, "MASK_NOT_UNIQUE");
  assert.match(message, /`hash` on `t\.a`: the column has room for .*unique key `u`; .* about 200000000\./);
  assert.match(message, /Make the column longer\. Use `permute`, or `keep`\./);
  planMasking(contract, rows(2e8, "varchar(64)!"));
  assert.equal(refusal(contract, rows(2e8, "varchar(64)!", "a(16)")).code, "MASK_NOT_UNIQUE");
  assert.equal(planMasking(contract, rows(2e8, "varchar(16)!", "a,id")).tables[0]?.columns[1]?.room, undefined);
  const ofComputed = (estimatedRows: number) => computed("lower(`a`)", "g", { estimatedRows });
  planMasking(contractOf({ t: { id: "keep", a: "hash", b: "keep" } }), ofComputed(1e8));
  assert.match(
    refusal(contractOf({ t: { id: "keep", a: "hash", b: "keep" } }), ofComputed(2e8)).message,
    /`hash` on `t\.a`: the column has room for .*unique key `u`;/,
  );
});

test("a primary key is a unique key as any other: it may be masked by what keeps values different", () => {
  const text = schemaOf(table("t", { id: "varchar(64)!", n: "int!" }));
  const [plan] = planMasking(contractOf({ t: { id: "hash", n: "keep" } }), text).tables;
  assert.equal(plan?.chunkKey, undefined);
  assert.match(
    refusal(contractOf({ t: { id: "redact", n: "keep" } }), text).message,
    /unique key `PRIMARY` forbids it/,
  );
});
