// Unique keys over what the server computes: decided at the plan, and what is taken for safe is, on every server.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import { isFatal } from "../../../contracts/errors.ts";
import { maskReplica, planMasking } from "../../../handlers/masking/index.ts";
import type { Masked } from "../../../handlers/masking/transforms/index.ts";
import { collisionsOf } from "../../../handlers/masking/uniqueness.ts";
import type { Column, Table } from "../../../handlers/mysql/schema.ts";
import { servers, type TestServer } from "../../support/servers.ts";
import { contractOf, createCopy } from "./support.ts";

type Given = "keep" | "hash" | "email" | "redact" | "null" | "permute";
/** What is computed of `a` and `b`, their transforms, and the column that is to blame. */
type Case = readonly [sql: string, a: Given, b: Given, blamed?: "a" | "b"];

const CASES: readonly Case[] = [
  ["a", "hash", "keep"],
  ["LOWER(a)", "hash", "keep"],
  ["a COLLATE utf8mb4_bin", "hash", "keep"],
  ["UPPER(TRIM(a))", "email", "keep"],
  ["SHA2(a, 512)", "hash", "keep"],
  ["UNHEX(SHA2(a, 256))", "hash", "keep"],
  ["CONCAT(a, '-', b)", "hash", "hash"],
  ["CONCAT(b, a)", "email", "keep"],
  ["IFNULL(a, '-')", "hash", "keep"],
  ["COALESCE(a, b)", "hash", "keep"],
  ["IF(b IS NULL, a, NULL)", "hash", "keep"],
  ["CASE WHEN b IS NULL THEN a END", "email", "keep"],
  ["LEFT(b, 1)", "redact", "keep"],
  // NULL in every row, which is never a duplicate.
  ["LEFT(a, 1)", "null", "keep"],
  ["CONCAT(a, '-', b)", "null", "redact"],
  ["LEFT(a, 1)", "hash", "keep", "a"],
  ["CONCAT(LEFT(a, 1), b)", "hash", "keep", "a"],
  ["IFNULL(a, '-')", "null", "keep", "a"],
  ["CONCAT_WS('-', a, b)", "null", "keep", "a"],
  ["CONCAT(a, '-', b)", "hash", "redact", "b"],
  ["LOWER(a)", "permute", "keep", "a"],
  ["NULLIF(a, 'x')", "hash", "keep", "a"],
  ["IF(b = 'x', a, NULL)", "hash", "hash", "b"],
  ["CAST(a AS CHAR(3))", "hash", "keep", "a"],
  ["CRC32(a)", "hash", "keep", "a"],
  ["REVERSE(a)", "redact", "keep", "a"],
];

/** Whatever may be alike, that each of the keys allows. */
const ROWS = "(1, 'Ann', 'x'), (2, 'bob', 'y'), (3, '', 'z'), (4, 'Ünal 🦊', NULL), (5, NULL, 'q')";

for (const server of servers()) {
  test(`a key over a generated column is decided on before a row changes, on ${server.name}`, async (t) => {
    if (server.version.startsWith("5.6")) return t.diagnostic("MySQL 5.6 has no generated columns");
    const type = (sql: string) => (sql.startsWith("UNHEX") ? "VARBINARY(32)" : "VARCHAR(140)");
    return decides(t, server, (sql, key) => `, g ${type(sql)} AS (${sql}) STORED, UNIQUE KEY ${key} (g)`);
  });

  test(`a functional key is decided on before a row changes, on ${server.name}`, async (t) => {
    const isModern = server.flavour === "mysql" && !server.version.startsWith("5.");
    if (!isModern) return t.diagnostic("it has no functional keys");
    return decides(t, server, (sql, key) => `, UNIQUE KEY ${key} ((${sql === "a" ? "CONCAT(a)" : sql}))`);
  });
}

/** All that is safe is masked; all else is refused by the names of table, column and key, with what would do. */
async function decides(
  t: Parameters<typeof createCopy>[0],
  server: TestServer,
  key: (sql: string, name: string) => string,
): Promise<undefined> {
  const named = CASES.map(
    ([sql, a, b, blamed], i) => ({ sql, blamed, table: `t${i}`, rule: { id: "keep", a, b } }) as const,
  );
  const copy = await createCopy(
    t,
    server,
    named.flatMap(({ sql, table }) => [
      `CREATE TABLE ${table} (id INT PRIMARY KEY, a VARCHAR(64), b VARCHAR(64)${key(sql, `key_${table}`)}) CHARACTER SET utf8mb4`,
      `INSERT INTO ${table} (id, a, b) VALUES ${ROWS}`,
    ]),
  );
  const schema = await copy.schema();
  const safe = Object.fromEntries(
    named.map(({ table, rule, blamed }) => [table, blamed ? ("keep" as const) : rule] as const),
  );
  assert.equal(await maskReplica(await copy.job(contractOf(safe))), "finished");
  for (const { sql, table, rule, blamed } of named) {
    if (!blamed) continue;
    const message = refusalOf(() => planMasking(contractOf({ ...safe, [table]: rule }), schema));
    assert.ok(message.includes(`\`${rule[blamed]}\` on \`${table}.${blamed}\`: `), `${sql}: ${message}`);
    assert.match(
      message,
      new RegExp(`the unique key \`key_${table}\`, which is computed from it, forbids it\\. Use .*\`keep\`\\.`),
    );
    const other = blamed === "a" ? "b" : "a";
    assert.ok(!message.includes(`\`${table}.${other}\``), `${sql}: ${message}`);
  }
  const advised = (table: string, a: Given) =>
    refusalOf(() => planMasking(contractOf({ ...safe, [table]: { id: "keep", a, b: "keep" } }), schema));
  const tableOf = (sql: string) => named.find((own) => own.sql === sql)?.table ?? "";
  assert.match(advised(tableOf("LEFT(a, 1)"), "hash"), /Use `null`, or `keep`\./);
  assert.match(
    advised(tableOf("LOWER(a)"), "redact"),
    /Use `hash`, `email`, `username`, `uuid`, `url`, `null`, or `keep`\./,
  );
  assert.match(advised(tableOf("NULLIF(a, 'x')"), "hash"), /Use `keep`\./);
  return undefined;
}

function refusalOf(plan: () => unknown): string {
  try {
    plan();
  } catch (error) {
    assert.ok(isFatal(error));
    assert.equal(error.code, "MASK_NOT_UNIQUE");
    return error.message;
  }
  return assert.fail("It was planned.");
}

/** An expression as SQL, and as what it computes. */
interface Computed {
  readonly sql: string;
  readonly of: (row: Row) => string | null;
}
type Row = Readonly<Record<"a" | "b" | "c", string | null>>;

const VALUES = [null, "", "x", "y", "xy", "X"] as const;
const ROWS_OF_ALL: readonly Row[] = VALUES.flatMap((a) => VALUES.flatMap((b) => [null, "x"].map((c) => ({ a, b, c }))));

const { expression } = fc.letrec<{ expression: Computed }>((tie) => {
  const one = tie("expression");
  const call = (sql: string, of: (value: string) => string | null) =>
    one.map((x): Computed => ({ sql: sql.replace("?", () => x.sql), of: (row) => strict(of)(x.of(row)) }));
  return {
    expression: fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      fc.constantFrom("a", "b", "c").map((name): Computed => ({ sql: `\`${name}\``, of: (row) => row[name as "a"] })),
      fc.constantFrom("", "x").map((text): Computed => ({ sql: `'${text}'`, of: () => text })),
      call("lower(?)", (x) => x.toLowerCase()),
      call("left(?,1)", (x) => x.slice(0, 1)),
      call("nullif(?,'x')", (x) => (x.toLowerCase() === "x" ? null : x)),
      fc.tuple(one, one).map(([x, y]): Computed => ({
        sql: `concat(${x.sql},'-',${y.sql})`,
        of: (row) => strict((left) => strict((right) => `${left}-${right}`)(y.of(row)))(x.of(row)),
      })),
      fc.tuple(one, one).map(([x, y]): Computed => ({
        sql: `coalesce(${x.sql},${y.sql})`,
        of: (row) => x.of(row) ?? y.of(row),
      })),
      fc.tuple(one, one, one).map(([x, y, z]): Computed => ({
        sql: `(case when (${x.sql} is null) then ${y.sql} else ${z.sql} end)`,
        of: (row) => (x.of(row) === null ? y.of(row) : z.of(row)),
      })),
    ),
  };
});

function strict(of: (value: string) => string | null) {
  return (value: string | null) => (value === null ? null : of(value));
}

const MASKS: Readonly<Record<"keep" | "keyed" | "lossy" | "null", (value: string | null) => string | null>> = {
  keep: (value) => value,
  keyed: strict((value) => value && createHash("sha256").update(value).digest("hex").slice(0, 16)),
  lossy: strict((value) => "*".repeat(value.length)),
  null: () => null,
};
const MASKED: Readonly<Record<Exclude<keyof typeof MASKS, "keep">, Masked>> = {
  keyed: { fits: true, sql: "F(v)", unchanged: "FALSE", distinctWithin: 16, distinctValues: 2 ** 64 },
  lossy: { fits: true, sql: "'*'", unchanged: "FALSE" },
  null: { fits: true, sql: "NULL", unchanged: "FALSE", distinctWithin: 0 },
};

test("a key over any expression is never taken for safe where two rows that it allows would collide", () => {
  const masks = fc.tuple(
    ...["a", "b", "c"].map(() => fc.constantFrom(...(Object.keys(MASKS) as (keyof typeof MASKS)[]))),
  );
  let safe = 0;
  fc.assert(
    fc.property(expression, masks, ({ sql, of }, [a = "keep", b = "keep", c = "keep"]) => {
      const chosen = { a, b, c };
      const masked = new Map(
        Object.entries(chosen).flatMap(([name, mask]): [string, Masked][] =>
          mask === "keep" ? [] : [[name, MASKED[mask]]],
        ),
      );
      if (collisionsOf(computedTable(sql), masked).length > 0) return;
      if (masked.size > 0 && /`/.test(sql)) safe++;
      const values = new Map<string, Set<string>>();
      for (const row of ROWS_OF_ALL) {
        const after = of({ a: MASKS[a](row.a), b: MASKS[b](row.b), c: MASKS[c](row.c) });
        if (after === null) continue;
        const before = of(row)?.toLowerCase() ?? `NULL of ${JSON.stringify(row)}`;
        values.set(after.toLowerCase(), (values.get(after.toLowerCase()) ?? new Set()).add(before));
      }
      for (const [after, before] of values) assert.equal(before.size, 1, `${after}: ${[...before].join(" | ")}`);
    }),
    { numRuns: 5_000 },
  );
  assert.ok(safe > 200, `only ${safe} were taken for safe`);
});

function computedTable(sql: string): Table {
  const column = (name: string): Column => ({
    ...{ name, dataType: "varchar", columnType: "varchar(64)", nullable: true, maxCharacters: 64, maxBytes: 256 },
    ...{ characterSet: "utf8mb4", collation: "utf8mb4_general_ci", generated: false, autoIncrement: false },
    ...{ onUpdateNow: false, default: null, comment: "" },
  });
  return {
    ...{ name: "t", engine: "InnoDB", estimatedRows: 0, foreignKeys: [] },
    columns: [...["a", "b", "c"].map(column), { ...column("g"), generated: true, expression: sql }],
    keys: [{ name: "k", unique: true, parts: [{ column: "g", prefix: null }] }],
  };
}
