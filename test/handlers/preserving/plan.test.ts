// The plan alone, without a server: what is reached, what follows which id, and what schema drift means.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Column, ForeignKey, Schema, Table } from "../../../handlers/mysql/schema.ts";
import type { PreserveRule } from "../../../contracts/sync-contract.ts";
import { decisionRounds, decisionsOf, type Decision } from "../../../handlers/preserving/decisions.ts";
import { planPreserve } from "../../../handlers/preserving/index.ts";

/** `id int`, `name varchar null`, `total int = 0` (a default). The first column is the primary key. */
function table(name: string, columns: readonly string[], references: Readonly<Record<string, string>> = {}): Table {
  return {
    name,
    engine: "InnoDB",
    estimatedRows: 0,
    columns: columns.map(column),
    keys: [{ name: "PRIMARY", unique: true, parts: [{ column: columns[0]?.split(" ")[0] ?? "", prefix: null }] }],
    foreignKeys: Object.entries(references).map(([from, to]) => foreignKey(name, from, to)),
  };
}

function column(text: string): Column {
  const [name = "", dataType = "", ...rest] = text.split(" ");
  return {
    ...{ name, dataType, columnType: [dataType, ...rest.filter((word) => word === "unsigned")].join(" ") },
    ...{ nullable: rest.includes("null"), default: rest.includes("=") ? (rest.at(-1) ?? null) : null },
    ...{ maxCharacters: dataType === "varchar" ? 50 : null, maxBytes: null },
    ...{ characterSet: null, collation: null, comment: "" },
    ...{ generated: false, autoIncrement: false, onUpdateNow: false },
  };
}

function foreignKey(name: string, from: string, to: string): ForeignKey {
  const [parentTable = "", parentColumn = ""] = to.split(".");
  return { name: `${name}_${from}`, table: name, columns: [from], parentTable, parentColumns: [parentColumn] };
}

function schema(database: string, ...tables: Table[]): Schema {
  return { database, views: [], tables: new Map(tables.map((entry) => [entry.name, entry])) };
}

const companies = table("companies", ["id int unsigned", "name varchar"]);
const users = table("users", ["id bigint", "company_id int unsigned"], { company_id: "companies.id" });
const posts = table("posts", ["id int", "user_id bigint null"], { user_id: "users.id" });
const rules = [{ table: "companies", where: "id = 1" }];

test("tables that hang on a rule's table at any depth are reached, others are not", () => {
  const both = schema("shop", companies, users, posts, table("products", ["id int"]));
  const plan = planPreserve(rules, both, both);
  assert.deepEqual(
    plan.tables.map(({ name, moving }) => [name, moving.toSorted()]),
    [
      ["companies", ["id"]],
      ["users", ["company_id", "id"]],
      ["posts", ["id", "user_id"]],
    ],
  );
  assert.deepEqual(plan.notes, []);
});

test("an id may grow as far as the narrowest column that follows it", () => {
  const both = schema(
    "shop",
    companies,
    table("tags", ["id int", "company_id smallint"], { company_id: "companies.id" }),
  );
  const plan = planPreserve(rules, both, both);
  assert.deepEqual(
    plan.tables.map(({ id }) => id?.max),
    ["32767", "2147483647"],
  );
});

test("a foreign key that only production declares is followed too", () => {
  const bare = schema("staging", companies, { ...users, foreignKeys: [] });
  assert.deepEqual(planPreserve(rules, bare, schema("shop", companies, users)).references.length, 1);
});

test("an unknown table is refused with the nearest name", () => {
  const both = schema("shop", companies);
  assert.throws(() => planPreserve([{ table: "compnies", where: "1" }], both, both), {
    code: "PRESERVE_TABLE_UNKNOWN",
    message: /Did you mean `companies`\?/,
  });
  assert.throws(() => planPreserve(rules, both, schema("shop", users)), { code: "PRESERVE_TABLE_MISSING" });
});

test("a column that production dropped is dropped and told, one that staging lacks takes its default", () => {
  const staging = schema("staging", table("companies", ["id int", "old varchar"]));
  const copy = schema("shop", table("companies", ["id int", "plan int = 1", "note varchar null"]));
  const plan = planPreserve(rules, staging, copy);
  assert.deepEqual(
    plan.tables[0]?.columns.map(({ name }) => name),
    ["id"],
  );
  assert.deepEqual(plan.notes, ["`companies.old` is dropped: production has no such column."]);
});

test("a required column that staging lacks is refused by name", () => {
  const staging = schema("staging", table("companies", ["id int"]));
  assert.throws(() => planPreserve(rules, staging, schema("shop", table("companies", ["id int", "vat int"]))), {
    code: "PRESERVE_COLUMN_REQUIRED",
    message: /`companies.vat`/,
  });
});

test("a reference between types that do not fit, or to a table that staging lacks, is refused", () => {
  const odd = schema("shop", companies, table("tags", ["id int", "company varchar"], { company: "companies.id" }));
  assert.throws(() => planPreserve(rules, odd, odd), { code: "PRESERVE_REFERENCE_TYPES", message: /`tags.company`/ });
  const grown = schema("shop", table("plans", ["id int"]), {
    ...table("companies", ["id int unsigned", "name varchar"]),
    foreignKeys: [foreignKey("companies", "name", "plans.id")],
  });
  assert.throws(() => planPreserve(rules, schema("staging", companies), grown), { code: "PRESERVE_REFERENCE_DRIFT" });
});

test("a table without transactions is refused", () => {
  const myisam = schema("shop", { ...companies, engine: "MyISAM" });
  assert.throws(() => planPreserve(rules, myisam, myisam), { code: "PRESERVE_ENGINE", message: /`companies`.*MyISAM/ });
});

test("a child table that production lacks is told and left behind", () => {
  const plan = planPreserve(rules, schema("staging", companies, users), schema("shop", companies));
  assert.deepEqual(
    plan.tables.map(({ name }) => name),
    ["companies"],
  );
  assert.match(plan.notes.join(), /`users.users_company_id` is not followed/);
});

test("parents outside the set are compared by their unmasked unique keys only", () => {
  const sku = { name: "sku", unique: true, parts: [{ column: "sku", prefix: null }] };
  const products = table("products", ["id int", "sku varchar"]);
  const both = schema("shop", table("companies", ["id int", "product_id int"], { product_id: "products.id" }), {
    ...products,
    keys: [...products.keys, sku],
  });
  const outside = (isMasked?: () => boolean) =>
    planPreserve(rules, both, both, isMasked && { isMasked }).references[0]?.outside.map(({ name }) => name);
  assert.deepEqual(
    outside(() => false),
    ["id", "sku"],
  );
  assert.deepEqual(
    outside(() => true),
    ["id"],
  );
  assert.deepEqual(outside(), ["id"]);
});

test("a unique key over a column that is computed from a masked one says nothing of a parent", () => {
  const computed = { ...column("lowered varchar null"), generated: true, expression: "lower(`email`)" };
  const people = {
    ...table("people", ["id int", "email varchar"]),
    columns: [column("id int"), column("email varchar"), computed],
    keys: [{ name: "lowered", unique: true, parts: [{ column: "lowered", prefix: null }] }],
  };
  const teams = table("companies", ["id int", "head int"], { head: "people.id" });
  const both = schema("shop", teams, people);
  const outside = (masked: string) =>
    planPreserve(rules, both, both, { isMasked: (_, name) => name === masked }).references[0]?.outside.length;
  assert.equal(outside("email"), 1);
  assert.equal(outside("none"), 2);
});

test("a match that cannot be carried out is refused by table and reason", () => {
  const tags = table("tags", ["id int", "up int null", "name varchar"], { up: "tags.id" });
  const keyless = { ...table("notes", ["body text"]), keys: [] };
  const both = schema("shop", tags, keyless);
  const refused = (rule: Omit<PreserveRule, "table"> & { table?: string }, code: string, message: RegExp) =>
    assert.throws(() => planPreserve([{ table: "tags", where: "1", ...rule }], both, both), { code, message });
  refused({ match: ["nam"] }, "PRESERVE_MATCH_COLUMN", /`nam`.*staging\. Did you mean `name`\?/);
  refused({ match: ["up", "name"], onMatch: { kind: "overwrite" } }, "PRESERVE_MATCH_UNFIT", /refers, by itself/);
  refused(
    { match: ["up"], onMatch: { kind: "rename", pattern: "{value}!" } },
    "PRESERVE_MATCH_UNFIT",
    /none .* a text/,
  );
  refused(
    { match: ["id"], onMatch: { kind: "rename", pattern: "{value}" } },
    "PRESERVE_MATCH_UNFIT",
    /changes nothing/,
  );
  refused(
    { table: "notes", match: ["body"], onMatch: { kind: "overwrite" } },
    "PRESERVE_MATCH_UNFIT",
    /no primary key/,
  );
  const twice = [
    { table: "tags", where: "1", match: ["name"] },
    { table: "tags", match: ["id"] },
  ];
  assert.throws(() => planPreserve(twice, both, both), { code: "PRESERVE_MATCH_TWICE", message: /`tags`/ });
});

test("what refers to a matched row waits for the match, and a match for what it compares", () => {
  const both = schema("shop", companies, users, posts);
  const plan = planPreserve(
    [...rules, { table: "users", match: ["company_id"], onMatch: { kind: "keep-production" } }],
    both,
    both,
  );
  const order = decisionsOf(plan).map(nameOf);
  const inOrder = ["renumber companies", "users.company_id", "match users", "renumber users", "posts.user_id"];
  assert.deepEqual(
    order.filter((name) => name !== "renumber posts"),
    inOrder,
  );
});

test("what one statement can decide of a table's rows is decided together", () => {
  const roundsOf = (...tables: ReturnType<typeof table>[]) => {
    const both = schema("shop", ...tables);
    return decisionRounds(planPreserve(rules, both, both)).map((round) => round.map((each) => each.map(nameOf)));
  };
  assert.deepEqual(roundsOf(companies, users, posts), [
    [["renumber companies"]],
    [["users.company_id", "renumber users"]],
    [["posts.user_id", "renumber posts"]],
  ]);
  // A table that others wait for is decided whole, though these are as near to the rule's.
  const files = table("files", ["id int", "company_id int", "user_id bigint"], {
    company_id: "companies.id",
    user_id: "users.id",
  });
  assert.deepEqual(roundsOf(companies, files, users), [
    [["renumber companies"]],
    [["users.company_id", "renumber users"]],
    [["files.company_id", "files.user_id", "renumber files"]],
  ]);
  // What refers to a row of its own table waits until all of these have their ids.
  const teams = table("teams", ["id int", "company_id int", "up int null"], {
    company_id: "companies.id",
    up: "teams.id",
  });
  assert.deepEqual(roundsOf(companies, teams), [
    [["renumber companies"]],
    [["teams.company_id", "renumber teams"]],
    [["teams.up"]],
  ]);
});

function nameOf(decision: Decision): string {
  return decision.kind === "follow"
    ? `${decision.table}.${decision.column.column}`
    : `${decision.kind} ${decision.table}`;
}

test("tables of parents are planned where some row may carry them", () => {
  const orders = table("orders", ["id int", "user_id bigint"], { user_id: "users.id" });
  const both = schema("shop", companies, users, orders);
  const tablesOf = (...given: Parameters<typeof planPreserve>[0]) =>
    planPreserve(given, both, both).tables.map(({ name }) => name);
  const rule = { table: "orders", where: "1" };
  assert.deepEqual(tablesOf(rule), ["orders"]);
  assert.deepEqual(tablesOf({ ...rule, parents: "carry" }), ["orders", "users", "companies"]);
  assert.deepEqual(tablesOf(rule, { table: "orders", parents: "carry" }), ["orders", "users", "companies"]);
  // The rows that a rule chose have its own policy, whatever is said of others of their table.
  const chosen = { ...rule, parents: "carry" as const };
  assert.deepEqual(tablesOf(chosen, { table: "orders", parents: "fail" }), ["orders", "users", "companies"]);
  assert.deepEqual(tablesOf(rule, { table: "users", parents: "carry" }), ["orders"]);
});
