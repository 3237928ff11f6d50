// The plan, without a database: what it holds, and every reason why there is none.
import assert from "node:assert/strict";
import { test } from "node:test";
import { parse } from "yaml";
import { isFatal } from "../../../contracts/errors.ts";
import type { MaskingContract } from "../../../contracts/sync-contract.ts";
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
    orders: { keep: ["id", "total"], note: "redact", card: "redact" },
  });
});

test("a patch can mask a column named keep", () => {
  const odd = table("odd", { id: "int!", keep: "text", "a: b # c": "int" });
  const { patch } = checkMasking(contractOf({}), schemaOf(odd));
  assert.deepEqual(parse(patch), { odd: { id: "keep", "a: b # c": "keep", keep: "redact" } });
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
  assert.match(refused.message, /`redact` on `users\.Email`.*unique key `by_email`.*Use `hash` or `email` or .*`keep`\./);
  assert.equal(
    refusal(contractOf({ users: { ...GOOD, email: { fixed: "x" } } }), schemaOf(USERS)).code,
    "MASK_NOT_UNIQUE",
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

test("a primary key is a unique key as any other: it may be masked by what keeps values different", () => {
  const text = schemaOf(table("t", { id: "varchar(64)!", n: "int!" }));
  const [plan] = planMasking(contractOf({ t: { id: "hash", n: "keep" } }), text).tables;
  assert.equal(plan?.chunkKey, undefined);
  assert.match(refusal(contractOf({ t: { id: "redact", n: "keep" } }), text).message, /unique key `PRIMARY` forbids it/);
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
