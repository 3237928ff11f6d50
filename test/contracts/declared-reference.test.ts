// A line of `references`, written and read back.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parseReference, writeReference } from "../../contracts/declared-reference.ts";

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
