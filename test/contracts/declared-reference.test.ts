// A line of `references`: what it declares, what is wrong with one that declares nothing, and that it can be written back.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parseReference, writeReference, type DeclaredReference } from "../../contracts/declared-reference.ts";

const to = { parentTable: "companies", parentColumn: "id" };

const good: readonly (readonly [line: string, declared: DeclaredReference])[] = [
  ["invoices.company_id → companies.id", { table: "invoices", column: "company_id", ...to }],
  ["  invoices.company_id->companies.id  ", { table: "invoices", column: "company_id", ...to }],
  [
    "comments.on_id → companies.id when comments.on_type = 'Company'",
    { table: "comments", column: "on_id", ...to, when: { column: "on_type", values: ["Company"] } },
  ],
  [
    "comments.on_id → companies.id WHEN comments.on_type IN ('A' , 'it''s', '')",
    { table: "comments", column: "on_id", ...to, when: { column: "on_type", values: ["A", "it's", ""] } },
  ],
  ["logs.data.$.company_id → companies.id", { table: "logs", column: "data", path: "$.company_id", ...to }],
  [
    `logs.data.$.items[*]."odd key"[0].id → companies.id`,
    { table: "logs", column: "data", path: `$.items[*]."odd key"[0].id`, ...to },
  ],
  [
    "pages.body containing '/companies/{id}/' → companies.id",
    { table: "pages", column: "body", containing: "/companies/{id}/", ...to },
  ],
  [
    "`odd ``table`.`a.b` → `firmen`.`schlüssel`",
    { table: "odd `table", column: "a.b", parentTable: "firmen", parentColumn: "schlüssel" },
  ],
  [
    "größe.id → companies.id when größe.`type` = 'x → y'",
    { table: "größe", column: "id", ...to, when: { column: "type", values: ["x → y"] } },
  ],
];

for (const [line, declared] of good) {
  test(`declares a reference: ${line.trim()}`, () => {
    assert.deepEqual(parseReference(line), declared);
    assert.deepEqual(parseReference(writeReference(declared)), declared);
  });
}

const bad: readonly (readonly [line: string, wrong: RegExp])[] = [
  ["", /^is not a reference of one column to another: `comments/],
  ["invoices → companies", /^is not a reference/],
  ["invoices.company_id companies.id", /^is not a reference/],
  ["shop.invoices.company_id → companies.id", /^is not a reference/],
  ["invoices.company_id → companies.id when type = 'x'", /^is not a reference/],
  ["invoices.company_id → companies.id when invoices.type = x", /^is not a reference/],
  ["invoices.company_id → companies.id when invoices.type in ()", /^is not a reference/],
  ["invoices.company_id → companies.id when invoices.type = 'a' or 1", /^is not a reference/],
  ["logs.data.$ → companies.id", /^is not a reference/],
  ["logs.data.$.items[x] → companies.id", /^is not a reference/],
  ["a.b → c.d when e.f = 'x'", /^has a condition on another table: a column of `a` is expected/],
  ["a.b.$.c containing '/{id}' → c.d", /^names a place in a document and in a text/],
  ["a.b containing '/companies/' → c.d", /^says not where the value stands/],
  ["a.b containing '{id}' → c.d", /^says not where the value stands/],
  ["a.b containing '/{id}/{id}' → c.d", /^says not where the value stands/],
];

for (const [line, wrong] of bad) {
  test(`declares nothing: ${line || "(empty)"}`, () => {
    const parsed = parseReference(line);
    assert.ok("wrong" in parsed);
    assert.match(parsed.wrong, wrong);
  });
}

test("a written reference is read back as it was", () => {
  const name = fc.oneof(fc.stringMatching(/^[a-z_$0-9]{1,8}$/), fc.string({ minLength: 1, maxLength: 8 }));
  const text = fc.string({ maxLength: 8 });
  const place = fc.oneof(
    fc.constant({}),
    fc.stringMatching(/^\$(\.[a-z_-]{1,5}|\[\*\]|\."[a-z .]{1,5}"){1,3}$/).map((path) => ({ path })),
    text
      .filter((around) => around !== "" && !around.includes("{id}"))
      .map((around) => ({ containing: `{id}${around}` })),
  );
  const values = fc.array(text, { minLength: 1, maxLength: 3 });
  const when = fc.record({ column: name, values }, { noNullPrototype: true });
  fc.assert(
    fc.property(name, name, place, name, name, fc.option(when, { nil: undefined }), (table, column, at, ...rest) => {
      const [parentTable, parentColumn, condition] = rest;
      const reference = { table, column, ...at, parentTable, parentColumn, ...(condition && { when: condition }) };
      assert.deepEqual(parseReference(writeReference(reference)), reference);
    }),
  );
});

test("a reference is written as the contract's page shows it", () => {
  for (const line of [
    "comments.commentable_id → companies.id when comments.commentable_type = 'Company'",
    "comments.commentable_id → companies.id when comments.commentable_type in ('App\\Models\\Company', 'it''s')",
    "audit_logs.data.$.items[*].company_id → companies.id",
    "pages.link containing '/companies/{id}/' → companies.id",
    "`odd table`.`a``b` → companies.id",
  ]) {
    const parsed = parseReference(line);
    assert.ok(!("wrong" in parsed), line);
    assert.equal(writeReference(parsed), line);
  }
});
