// The plan, without a database: what it holds, and why there may be none.
import assert from "node:assert/strict";
import { test } from "node:test";
import { checkMasking, maskedColumns, planMasking } from "../../../handlers/masking/index.ts";
import { GOOD, KEPT, refusal, schemaOf, table, USERS } from "./plan-support.ts";
import { contractOf } from "./support.ts";

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
