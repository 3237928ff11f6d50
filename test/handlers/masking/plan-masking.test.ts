// The plan, without a database: what it holds, and every reason why there is none.
import assert from "node:assert/strict";
import { test } from "node:test";
import { parse } from "yaml";
import { isFatal } from "../../../contracts/errors.ts";
import type { MaskingContract } from "../../../contracts/sync-contract.ts";
import { TRANSFORMS, toTransform, TransformInFile } from "../../../contracts/transforms.ts";
import { applyTransform, isMasking } from "../../../handlers/masking/transforms/index.ts";
import { checkMasking, maskedColumns, planMasking } from "../../../handlers/masking/index.ts";
import type { Column, Key, Schema, Table } from "../../../handlers/mysql/schema.ts";
import { contractOf } from "./support.ts";

/** A column from `varchar(50)`, `int!` (not nullable), `varchar(9) generated`. */
function column(name: string, definition: string): Column {
  const type = definition.replace(/!| generated| on update/g, "");
  const length = Number(/\((\d+)\)/.exec(type)?.[1] ?? 65_535);
  const isText = /char|text/.test(type);
  return {
    name,
    dataType: /^\w+/.exec(type)?.[0] ?? "",
    columnType: type,
    nullable: !definition.includes("!"),
    maxCharacters: isText ? length : null,
    maxBytes: isText ? length * 4 : length,
    characterSet: isText ? "utf8mb4" : null,
    collation: isText ? "utf8mb4_general_ci" : null,
    generated: definition.includes("generated"),
    autoIncrement: false,
    onUpdateNow: definition.includes("on update"),
    default: null,
    comment: "",
  };
}

/** A unique key from `email` or `email(5),tenant`. */
function key(name: string, columns: string, unique = true): Key {
  const parts = columns.split(",").map((part) => {
    const [, own = "", prefix] = /^(\w+)(?:\((\d+)\))?$/.exec(part) ?? [];
    return { column: own, prefix: prefix === undefined ? null : Number(prefix) };
  });
  return { name, unique, parts };
}

function table(name: string, columns: Readonly<Record<string, string>>, rest: Partial<Table> = {}): Table {
  return {
    name,
    engine: "InnoDB",
    estimatedRows: 1,
    columns: Object.entries(columns).map(([own, definition]) => column(own, definition)),
    keys: [key("PRIMARY", "id")],
    foreignKeys: [],
    ...rest,
  };
}

function schemaOf(...tables: Table[]): Schema {
  return { database: "shop", tables: new Map(tables.map((own) => [own.name, own])), views: [] };
}

const USERS = table(
  "users",
  {
    id: "int!",
    Email: "varchar(100)!",
    name: "varchar(100)",
    age: "int",
    shown: "varchar(200) generated",
    seen: "timestamp! on update",
  },
  { keys: [key("PRIMARY", "id"), key("by_email", "Email")] },
);
const GOOD = { id: "keep", email: "email", NAME: "redact", age: "keep", seen: "keep" } as const;

function refusal(contract: MaskingContract, schema: Schema): { code: string; message: string } {
  try {
    planMasking(contract, schema);
  } catch (error) {
    assert.ok(isFatal(error));
    return { code: error.code, message: error.message };
  }
  return assert.fail("The plan was made.");
}

test("a plan names every column with its transform and SQL, and is the same after JSON", () => {
  const plan = planMasking(contractOf({ users: GOOD }), schemaOf(USERS));
  assert.deepEqual(JSON.parse(JSON.stringify(plan)), plan);
  const [users] = plan.tables;
  assert.deepEqual(
    users?.columns.map(({ column: name, transform }) => [name, transform.name]),
    [
      ["id", "keep"],
      ["Email", "email"],
      ["name", "redact"],
      ["age", "keep"],
      ["shown", "generated"],
      ["seen", "keep"],
    ],
  );
  assert.deepEqual(users && maskedColumns(users).map(({ column: name }) => name), ["Email", "name"]);
  assert.equal(users?.columns[2]?.sql, "REPEAT('*', CHAR_LENGTH(`name`))");
  assert.equal(users.columns[5]?.sql, "`seen`");
  assert.deepEqual(users.chunkKey, { index: "PRIMARY", columns: [{ column: "id", literal: { form: "number" } }] });
});

test("a misspelt table or column is an error with the nearest name", () => {
  const unknownTable = refusal(contractOf({ users: GOOD, user: "keep" }), schemaOf(USERS));
  assert.equal(unknownTable.code, "CONTRACT_UNKNOWN_TABLE");
  assert.match(unknownTable.message, /There is no table `user`\. Did you mean `users`\?/);
  const unknownColumn = refusal(contractOf({ users: { ...GOOD, nmae: "redact" } }), schemaOf(USERS));
  assert.equal(unknownColumn.code, "CONTRACT_UNKNOWN_COLUMN");
  assert.match(unknownColumn.message, /`users\.nmae`\. Did you mean `name`\?/);
});

test("an exception from the proof is for a column that is there and looked through, or is refused", () => {
  const logs = table("logs", { id: "int!", line: "text" });
  const rules = contractOf({ users: GOOD, logs: "truncate", notes: { id: "keep", body: "keep", extra: "keep" } });
  const notes = table("notes", { id: "int!", body: "text", extra: "json" });
  const refused = (...places: (readonly [table: string, column: string])[]) => {
    const allow = places.map(([own, name]) => ({ table: own, column: name, patterns: ["email" as const] }));
    return checkMasking({ ...rules, allow }, schemaOf(USERS, logs, notes)).refused;
  };
  assert.deepEqual(refused(["notes", "BODY"], ["notes", "extra"], ["users", "shown"]), []);
  for (const [own, name, code, told] of [
    ["note", "body", "CONTRACT_UNKNOWN_TABLE", /table `note`, which is not there\. Did you mean `notes`\?/],
    ["Users", "name", "CONTRACT_UNKNOWN_TABLE", /Did you mean `users`\?/],
    ["notes", "bdoy", "CONTRACT_UNKNOWN_COLUMN", /column `notes\.bdoy`, which is not there\. Did you mean `body`\?/],
    ["users", "name", "CONTRACT_ALLOWS_NOTHING", /`users\.name`, which excuses nothing: `redact` masks it\./],
    ["logs", "line", "CONTRACT_ALLOWS_NOTHING", /its table is truncated/],
    ["users", "age", "CONTRACT_ALLOWS_NOTHING", /the proof reads text and JSON alone/],
  ] as const) {
    const [first, ...others] = refused(["notes", "body"], [own, name]);
    assert.deepEqual([first?.code, first?.allowance, others.length], [code, 1, 0]);
    assert.match(first?.message ?? "", told);
    const allow = [{ table: own, column: name, patterns: ["email" as const] }];
    assert.equal(refusal({ ...rules, allow }, schemaOf(USERS, logs, notes)).code, code);
  }
});

test("table names are compared exactly, and names that objects inherit are no names", () => {
  assert.equal(refusal(contractOf({ Users: GOOD }), schemaOf(USERS)).code, "CONTRACT_UNKNOWN_TABLE");
  const odd = table("constructor", { id: "int!", toString: "text" });
  assert.match(refusal(contractOf({}), schemaOf(odd)).message, /`constructor` \(the whole table\)/);
});

test("all complaints are told at once, each with its own name", () => {
  const contract = contractOf({ users: { id: "hash", email: "redact", nope: "keep", shown: "redact" }, gone: "keep" });
  const { message } = refusal(contract, schemaOf(USERS));
  for (const part of ["`gone`", "`users.nope`", "`users.id`", "`users.Email`", "`users.shown`", "`users.name`"]) {
    assert.ok(message.includes(part), part);
  }
});

test("an unlisted column stops the run with complete entries to paste, which then make a plan", () => {
  const orders = table("orders", { id: "int!", note: "text", card: "varchar(30)", total: "decimal(10,2)" });
  const contract = contractOf({ users: { id: "keep", name: "null", age: { fixed: 3 } } });
  const { code, message } = refusal(contract, schemaOf(USERS, orders));
  assert.equal(code, "CONTRACT_UNLISTED_COLUMNS");
  const drift = checkMasking(contract, schemaOf(USERS, orders));
  assert.ok(message.endsWith(drift.patch));
  assert.deepEqual(drift.unlisted, [
    { table: "users", column: "Email" },
    { table: "users", column: "seen" },
  ]);
  assert.deepEqual(drift.unlistedTables, ["orders"]);
  assert.deepEqual(parse(drift.patch), {
    users: { keep: ["id", "seen"], Email: "email", name: null, age: { fixed: 3 } },
    orders: { keep: ["id", "total"], note: "text", card: "redact" },
  });
});

test("a patch can mask a column named keep", () => {
  const odd = table("odd", { id: "int!", keep: "text", "a: b # c": "int" });
  const { patch } = checkMasking(contractOf({}), schemaOf(odd));
  assert.deepEqual(parse(patch), { odd: { id: "keep", "a: b # c": "keep", keep: "text" } });
});

test("`unlisted: redact` redacts what it can, and still stops at keys", () => {
  const contract = contractOf({ users: { id: "keep", email: "email" } }, "redact");
  const [users] = planMasking(contract, schemaOf(USERS)).tables;
  assert.deepEqual(
    users?.columns.map(({ transform }) => transform.name),
    ["keep", "email", "redact", "redact", "generated", "redact"],
  );
  const drift = checkMasking(contractOf({}, "redact"), schemaOf(USERS));
  assert.deepEqual(drift.unlistedTables, ["users"]);
  assert.equal(refusal(contractOf({}, "redact"), schemaOf(USERS)).code, "CONTRACT_UNLISTED_COLUMNS");
});

for (const [transform, unfit] of [
  ["null", "Email"],
  ["email", "short"],
  ["hash", "short"],
  ["hash", "age"],
  ["email", "age"],
] as const) {
  test(`\`${transform}\` is refused on a column \`${unfit}\` that cannot take it`, () => {
    const one = table("one", { id: "int!", Email: "varchar(100)!", short: "varchar(15)", age: "int" });
    const rule = { id: "keep", Email: "keep", short: "keep", age: "keep", [unfit]: transform } as const;
    assert.equal(refusal(contractOf({ one: rule }), schemaOf(one)).code, "MASK_TRANSFORM_UNFIT");
  });
}

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

test("a generated column under a unique key is no more distinct than what it is computed from", () => {
  const generated = (expression: string, columns: string) => {
    const own = table("t", { id: "int!", a: "varchar(100)", b: "int", g: "varchar(9) generated", h: "int generated" });
    return schemaOf({
      ...own,
      columns: own.columns.map((each) => ({
        ...each,
        ...(each.name === "g" && { expression }),
        ...(each.name === "h" && { expression: "length(`G`)" }),
      })),
      keys: [key("PRIMARY", "id"), key("u", columns)],
    });
  };
  const contract = (a: "hash" | "redact" | "keep") => contractOf({ t: { id: "keep", a, b: "redact" } });
  for (const columns of ["g", "h"]) {
    const { code, message } = refusal(contract("redact"), generated("lower(`A`)", columns));
    assert.equal(code, "MASK_NOT_UNIQUE");
    assert.match(message, /`redact` on `t\.a`.*unique key `u`, which is computed from it, forbids it. Use `hash`/);
    planMasking(contract("hash"), generated("lower(`a`)", columns));
    planMasking(contract("redact"), generated("`id` + 1", columns));
  }
  planMasking(contract("keep"), generated("`a`", "g"));
  assert.match(refusal(contract("hash"), generated("concat(`a`,`b`)", "g")).message, /`redact` on `t\.b`/);
});

test("a column with room for fewer values than rows is refused, by the estimate or else by the count", () => {
  const rows = (estimatedRows: number, type = "varchar(16)!", columns = "a") =>
    schemaOf(table("t", { id: "int!", a: type }, { estimatedRows, keys: [key("PRIMARY", "id"), key("u", columns)] }));
  const contract = contractOf({ t: { id: "keep", a: "hash" } });
  const [plan] = planMasking(contract, rows(1e6)).tables;
  const room = plan?.columns[1]?.atMostRows ?? 0;
  assert.ok(room > 1.9e8 && room < 1.93e8, String(room)); // 2^64 values: n^2 / 2^65 = 1 / 1000
  const { code, message } = refusal(contract, rows(2e8));
  assert.equal(code, "MASK_NOT_UNIQUE");
  assert.match(message, /`hash` on `t\.a`: the column has room for .*unique key `u`; .* about 200000000\./);
  assert.match(message, /Make the column longer\. Use `permute`, or `keep`\./);
  planMasking(contract, rows(2e8, "varchar(64)!"));
  assert.equal(refusal(contract, rows(2e8, "varchar(64)!", "a(16)")).code, "MASK_NOT_UNIQUE");
  assert.equal(planMasking(contract, rows(2e8, "varchar(16)!", "a,id")).tables[0]?.columns[1]?.atMostRows, undefined);
});

test("columns that read each other in a circle are refused", () => {
  const one = schemaOf(table("t", { id: "int!", a: "text", b: "text", c: "text", d: "text" }));
  const reads = (sql: string) => ({ expression: sql });
  const { code, message } = refusal(
    contractOf({ t: { ...KEPT, a: reads("b"), b: reads("CONCAT(`C`, {value})"), c: reads("A"), d: reads("a") } }),
    one,
  );
  assert.equal(code, "MASK_READS_CIRCLE");
  assert.match(message, /The transforms of `\w`, `\w`, `\w` in `t` read each other/);
  assert.doesNotMatch(message, /`d`/);
  planMasking(contractOf({ t: { ...KEPT, a: reads("b"), b: reads("c"), c: reads("'a'"), d: reads("a") } }), one);
});

for (const sql of ["1) OR (1", "1; DROP TABLE t", "'{value}", "LEFT({value}, 1", "/* {key}"]) {
  test(`\`${sql}\` is no expression`, () => {
    const one = schemaOf(table("t", { id: "int!", a: "text" }));
    const { code } = refusal(contractOf({ t: { ...KEPT, a: { expression: sql } } }), one);
    assert.equal(code, "MASK_TRANSFORM_UNFIT");
  });
}

test("a name with a quote does not get an expression out of its text", () => {
  const one = schemaOf(table("t", { id: "int!", "it's": "text" }));
  const contract = contractOf({ t: { ...KEPT, "it's": { expression: "CONCAT('{value}', 1)" } } });
  assert.equal(refusal(contract, one).code, "MASK_TRANSFORM_UNFIT");
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

/** `owners.mail`, unique, and what refers to it: `cars.mail`, and `trips.mail` by way of it. */
function chain(rest: Partial<Record<"owners" | "cars" | "trips", string>> = {}): Schema {
  const to = (own: string, parent: string) => ({
    foreignKeys: [{ name: `${own}_fk`, table: own, columns: ["MAIL"], parentTable: parent, parentColumns: ["mail"] }],
    keys: [key("PRIMARY", "id"), key("by_mail", "mail")],
  });
  const columns = (name: "owners" | "cars" | "trips") => ({ id: "int!", Mail: rest[name] ?? "varchar(100)" });
  return schemaOf(
    table("cars", columns("cars"), to("cars", "owners")),
    table("owners", columns("owners"), { keys: [key("PRIMARY", "id"), key("by_mail", "mail")] }),
    table("trips", columns("trips"), to("trips", "cars")),
  );
}
const KEPT = { id: "keep" } as const;

test("a masked parent's children take its transform, and may be left out or say the same", () => {
  const plans = [
    contractOf({ owners: { ...KEPT, mail: "email" }, cars: KEPT, trips: KEPT }),
    contractOf({ owners: { ...KEPT, mail: "email" }, cars: { ...KEPT, mail: "email" }, trips: KEPT }),
  ].map((contract) => planMasking(contract, chain()));
  assert.deepEqual(plans[0], plans[1]);
  const [plan] = plans;
  for (const { columns } of plan?.tables ?? []) assert.equal(columns[1]?.transform.name, "email");
  // The parents' spelling comes first.
  assert.deepEqual(
    plan?.preparations?.map((preparation) => preparation.kind === "spelling" && preparation.child),
    ["cars", "trips"],
  );
  const own = contractOf({ owners: { ...KEPT, mail: "email" }, cars: { ...KEPT, mail: "null" }, trips: KEPT });
  const names = planMasking(own, chain()).tables.map(({ columns }) => columns[1]?.transform.name);
  assert.deepEqual(names, ["null", "email", "null"]);
});

for (const [what, rules, named] of [
  ["is masked otherwise", { cars: { ...KEPT, mail: "hash" }, trips: KEPT }, ["`hash` on `cars.Mail`", "`email` masks"]],
  [
    "is kept",
    { cars: { ...KEPT, mail: "keep" }, trips: KEPT },
    ["`keep` on `cars.Mail`", "`owners.Mail`", "`cars_fk`"],
  ],
  ["is in a kept table", { cars: "keep", trips: "keep" }, ["`keep` on `cars.Mail`", "`email` masks"]],
  ["of a child is kept", { cars: KEPT, trips: { ...KEPT, mail: "keep" } }, ["`keep` on `trips.Mail`", "`cars.Mail`"]],
] as const) {
  test(`a masked parent's child that ${what} is refused by both names`, () => {
    const { code, message } = refusal(contractOf({ owners: { ...KEPT, mail: "email" }, ...rules }), chain());
    assert.equal(code, "MASK_FOREIGN_KEY");
    for (const part of named) assert.ok(message.includes(part), `${part} in: ${message}`);
  });
}

test("what cannot be followed is refused: another type, a transform that keeps nothing apart, a parent that is kept", () => {
  const contract = (mail: "hash" | "redact" | "keep", cars: object = KEPT) =>
    contractOf({ owners: { ...KEPT, mail }, cars: cars as never, trips: KEPT });
  const shorter = refusal(contract("hash"), chain({ cars: "varchar(40)" }));
  assert.match(shorter.message, /`hash` on `cars\.Mail`: the column is `varchar\(40\)`.*`varchar\(100\)`/);
  planMasking(contract("hash"), chain({ cars: "varchar(64)", trips: "varchar(80)" }));
  const loose = chain();
  const unindexed = new Map([...loose.tables].map(([name, own]) => [name, { ...own, keys: [key("PRIMARY", "id")] }]));
  const lossy = refusal(contract("redact"), { ...loose, tables: unindexed });
  assert.match(lossy.message, /`redact` on `owners\.Mail`: `cars\.Mail` refers to the column/);
  assert.match(
    refusal(contract("keep", { ...KEPT, mail: "hash" }), chain()).message,
    /`hash` on `cars\.Mail`: the column refers to `owners\.Mail`.*is not masked/,
  );
});

test("a patch leaves out what follows a masked parent, and keeps what refers to a kept one", () => {
  const patch = (contract: MaskingContract) => parse(checkMasking(contract, chain()).patch) as unknown;
  assert.deepEqual(patch(contractOf({})), {
    cars: { keep: ["id"] },
    owners: { keep: ["id"], Mail: "email" },
    trips: { keep: ["id"] },
  });
  const both = { ...KEPT, mail: "email" } as const;
  planMasking(contractOf({ owners: both, cars: both, trips: both }), chain());
  assert.deepEqual(patch(contractOf({ owners: { ...KEPT, mail: "hash" }, cars: {} })), {
    cars: { keep: ["id"] },
    trips: { keep: ["id"] },
  });
  assert.deepEqual(patch(contractOf({ owners: { ...KEPT, mail: "keep" }, cars: KEPT, trips: KEPT })), {
    cars: { keep: ["id", "Mail"] },
    trips: { keep: ["id", "Mail"] },
  });
});

test("`unlisted: redact` leaves foreign keys and unique keys alone, and they stay unlisted", () => {
  const drift = checkMasking(contractOf({ owners: KEPT, cars: KEPT, trips: KEPT }, "redact"), chain());
  assert.deepEqual(
    drift.unlisted.map(({ table: name, column: own }) => `${name}.${own}`),
    ["cars.Mail", "owners.Mail", "trips.Mail"],
  );
  assert.deepEqual(drift.refused, []);
});

test("foreign keys in a circle end", () => {
  const refers = (own: string, parent: string) => ({
    foreignKeys: [{ name: `${own}_fk`, table: own, columns: ["code"], parentTable: parent, parentColumns: ["code"] }],
    keys: [key("PRIMARY", "code")],
  });
  const schema = schemaOf(
    table("a", { code: "varchar(64)!" }, refers("a", "b")),
    table("b", { code: "varchar(64)!" }, refers("b", "a")),
    table("self", { code: "varchar(64)!" }, refers("self", "self")),
  );
  const plan = planMasking(contractOf({ a: { code: "hash" }, b: {}, self: { code: "hash" } }), schema);
  assert.deepEqual(
    plan.tables.map(({ columns }) => columns[0]?.transform.name),
    ["hash", "hash", "hash"],
  );
  assert.equal(refusal(contractOf({}), schema).code, "CONTRACT_UNLISTED_COLUMNS");
});

test("`permute` shares one permutation among what refers to it, and among the columns of a domain", () => {
  const schema = chain({ owners: "varchar(20)", cars: "varchar(20)", trips: "varchar(20)" });
  const plan = planMasking(contractOf({ owners: { ...KEPT, mail: "permute" }, cars: KEPT, trips: KEPT }), schema);
  const [permutation, ...more] = plan.preparations ?? [];
  assert.deepEqual(more, []);
  assert.ok(permutation?.kind === "permutation");
  assert.deepEqual(
    permutation.columns.map(({ table: name }) => name),
    ["owners", "cars", "trips"],
  );
  assert.deepEqual(
    plan.tables.map(({ rewritten, chunkKey }) => [rewritten, chunkKey]),
    [1, 2, 3].map(() => [true, undefined]),
  );
  const odd = schemaOf(table("t", { id: "int!", a: "varchar(9)", b: "varchar(9)", c: "varchar(8)" }));
  const shared = { permute: { domain: "codes" } } as const;
  planMasking(contractOf({ t: { ...KEPT, a: shared, b: shared, c: "permute" } }), odd);
  const { code, message } = refusal(contractOf({ t: { ...KEPT, a: shared, b: "keep", c: shared } }), odd);
  assert.equal(code, "MASK_TRANSFORM_UNFIT");
  assert.match(message, /`permute` on `t\.c`: in the domain `codes`.*`t\.a`/);
});

test("a truncated table must not be referred to by one that stays", () => {
  const foreignKeys = [{ name: "fk", table: "child", columns: ["owner"], parentTable: "users", parentColumns: ["id"] }];
  const schema = schemaOf(USERS, table("child", { id: "int!", owner: "int" }, { foreignKeys }));
  assert.equal(refusal(contractOf({ users: "truncate", child: "keep" }), schema).code, "MASK_TRUNCATED_PARENT");
  planMasking(contractOf({ users: "truncate", child: "truncate" }), schema);
  planMasking(contractOf({ users: "truncate", child: { id: "keep", owner: "null" } }), schema);
});

test("a generated column may be left out or kept, and not masked", () => {
  planMasking(contractOf({ users: { ...GOOD, shown: "keep" } }), schemaOf(USERS));
  assert.equal(
    refusal(contractOf({ users: { ...GOOD, shown: "redact" } }), schemaOf(USERS)).code,
    "MASK_GENERATED_COLUMN",
  );
});

test("a table without transactions is refused if anything in it is masked", () => {
  const log = table("log", { id: "int!", line: "text" }, { engine: "MyISAM" });
  assert.equal(refusal(contractOf({ log: { id: "keep", line: "redact" } }), schemaOf(log)).code, "MASK_ENGINE");
  planMasking(contractOf({ log: "keep" }), schemaOf(log));
});

test("a column named twice in different case is refused", () => {
  const contract = contractOf({ users: { ...GOOD, EMAIL: "hash" } });
  assert.equal(refusal(contract, schemaOf(USERS)).code, "CONTRACT_COLUMN_TWICE");
});
