// `preserve` and `references` against schemas, without a server: every finding with its place in the contract.
import assert from "node:assert/strict";
import { test } from "node:test";
import { parseReference } from "../../../contracts/declared-reference.ts";
import type { PreserveRule } from "../../../contracts/sync-contract.ts";
import type { Column, Schema, Table } from "../../../handlers/mysql/schema.ts";
import { examineDeclaration, planPreserve } from "../../../handlers/preserving/index.ts";

/** `id int unsigned`, `data json`; the first column is the primary key. */
function table(name: string, ...columns: string[]): Table {
  const key = columns[0]?.split(" ")[0] ?? "";
  return {
    ...{ name, engine: "InnoDB", estimatedRows: 0, columns: columns.map(column), foreignKeys: [] },
    keys: [{ name: "PRIMARY", unique: true, parts: [{ column: key, prefix: null }] }],
  };
}

function column(text: string): Column {
  const [name = "", dataType = "", ...rest] = text.split(" ");
  return {
    ...{
      name,
      dataType,
      columnType: [dataType, ...rest].join(" "),
      nullable: true,
      generated: rest.includes("generated"),
    },
    ...{ autoIncrement: false, onUpdateNow: false, default: null, maxCharacters: 36, maxBytes: null },
    ...{ characterSet: null, collation: null, comment: "" },
  };
}

function schema(...tables: Table[]): Schema {
  return { database: "shop", views: [], tables: new Map(tables.map((entry) => [entry.name, entry])) };
}

const companies = table("companies", "id int unsigned", "name varchar", "born date");
const users = table("users", "id char", "company_id int");
const logs = table(
  "logs",
  "id int",
  "data json",
  "text text",
  "kind varchar",
  "made int generated",
  "raw blob",
  "day date",
);
const all = schema(companies, users, logs);

function examine(lines: readonly string[], rules: readonly PreserveRule[] = [], production: Schema = all) {
  const references = lines.map((line) => {
    const parsed = parseReference(line);
    assert.ok(!("wrong" in parsed), line);
    return parsed;
  });
  const declaration = { preserve: rules, references };
  return examineDeclaration(declaration, { staging: all, production }).map(
    ({ code, path, message }) => `${path.join(".")} ${code}: ${message}`,
  );
}

test("what fits is found right", () => {
  const fitting = [
    "users.company_id → companies.id",
    "logs.data.$.company → companies.id",
    "logs.data.$.users[*] → users.id",
    "logs.text.$.company → companies.id",
    "logs.text containing '/{id}' → users.id",
    "logs.text → users.id when logs.kind = 'user'",
    "logs.kind → companies.id",
    "logs.day → companies.born",
  ];
  assert.deepEqual(examine(fitting.slice(0, -1), [{ table: "companies", where: "1", follow: ["users", "logs"] }]), []);
  // A date refers to a date, but this one is not unique.
  assert.match(
    examine(fitting.slice(-1)).join(),
    /^references.0 PRESERVE_REFERENCE_NOT_UNIQUE: .*`companies.born` is neither/,
  );
});

const wrong: readonly (readonly [line: string, finding: RegExp])[] = [
  [
    "uses.company_id → companies.id",
    /^references.0 PRESERVE_REFERENCE_UNKNOWN: There is no table `uses` on staging. Did you mean `users`\?/,
  ],
  ["users.compny_id → companies.id", /no column `users.compny_id` on staging. Did you mean `company_id`\?/],
  ["users.company_id → companies.ident", /no column `companies.ident` on staging/],
  ["logs.text → users.id when logs.sort = 'user'", /no column `logs.sort` on staging/],
  [
    "users.company_id → users.id",
    /PRESERVE_REFERENCE_TYPES: On staging `users.company_id` cannot refer to `users.id`: `int` and `char` are not/,
  ],
  ["users.company_id.$.x → companies.id", /`int` holds no documents/],
  ["users.company_id containing '/{id}' → companies.id", /`int` holds no text/],
  ["logs.data containing '/{id}' → companies.id", /`json` holds no text/],
  ["logs.data → companies.id", /`json` and `int unsigned` are not types of one value/],
  ["logs.raw.$.x → companies.id", /`blob` holds no documents/],
  ["logs.made → companies.id", /`logs.made` is computed by the server/],
  ["logs.text.$.x → companies.born", /ids of the type `date` are not looked for/],
  ["users.company_id → logs.made", /`logs.made` is neither the primary key nor unique/],
];

for (const [line, finding] of wrong) {
  test(`found wrong: ${line}`, () => {
    const [first = "", ...more] = examine([line], [], schema(companies, users, logs));
    assert.match(first, finding);
    assert.deepEqual(
      more.filter((other) => !/on production/.test(other)),
      [],
    );
  });
}

test("a reference that stands twice, and one that production lacks, are told by their places", () => {
  const line = "users.company_id → companies.id";
  assert.match(
    examine([line, line]).join(),
    /^references.1 PRESERVE_REFERENCE_TWICE: The reference is declared twice: `references\[0\]` says it already\./,
  );
  assert.deepEqual(examine([line], [], schema(users)), [
    "references.0 PRESERVE_REFERENCE_UNKNOWN: There is no table `companies` on production.",
  ]);
});

test("tables that rules name are looked for on both sides", () => {
  const rules = [
    { table: "compnies", where: "1" },
    { table: "users", where: "1", follow: ["lgs"] },
  ];
  assert.deepEqual(examine([], rules, schema(users, logs, companies)), [
    "preserve.0.table PRESERVE_TABLE_UNKNOWN: There is no table `compnies` on staging. Did you mean `companies`?",
    "preserve.0.table PRESERVE_TABLE_MISSING: There is no table `compnies` on production. Did you mean `companies`?",
    "preserve.1.follow.0 PRESERVE_TABLE_UNKNOWN: There is no table `lgs` on staging. Did you mean `logs`?",
    "preserve.1.follow.0 PRESERVE_TABLE_MISSING: There is no table `lgs` on production. Did you mean `logs`?",
  ]);
});

test("a reference that the schema declares too is told, and planned once", () => {
  const key = { name: "fk", table: "users", columns: ["company_id"], parentTable: "companies", parentColumns: ["id"] };
  const both = schema(companies, { ...users, foreignKeys: [key] }, logs);
  const parsed = parseReference("users.company_id → companies.id");
  assert.ok(!("wrong" in parsed));
  const plan = planPreserve([{ table: "companies", where: "1" }], both, both, { references: [parsed] });
  assert.equal(plan.references.length, 1);
  assert.match(plan.notes.join(), /`users.company_id` is declared in `references` and in a schema too/);
});
