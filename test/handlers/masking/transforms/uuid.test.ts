// `uuid`: another UUID, written as the value is.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { servers } from "../../../support/servers.ts";
import { createCopy } from "../support.ts";
import { columnOf, hostileText, planned } from "./made-up-support.ts";
import { assertSound, hashOf, maskedOf, maskValues } from "./values-support.ts";

const V4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const GIVEN = "6f9619ff-8b86-d011-b42d-00cf4fc964ff";
const bare = (uuid: string) => uuid.replaceAll("-", "");
const digits = hashOf("uuid", bare(GIVEN)).slice(0, 32);
const MADE = `${digits.slice(0, 8)}-${digits.slice(8, 12)}-4${digits.slice(13, 16)}-a${digits.slice(17, 20)}-${digits.slice(20)}`;

for (const server of servers()) {
  test(`one UUID becomes the same one of version 4 in every form, on ${server.name}`, async (t) => {
    assert.match(MADE, V4);
    const copy = await createCopy(t, server, []);
    const forms = [GIVEN, GIVEN.toUpperCase(), bare(GIVEN), bare(GIVEN).toUpperCase()];
    const made = [MADE, MADE.toUpperCase(), bare(MADE), bare(MADE).toUpperCase()];
    const text = await maskValues(copy, "VARCHAR(36)", "uuid", forms);
    assert.deepEqual(
      forms.map((form) => maskedOf(text, form)),
      made,
    );
    const short = await maskValues(copy, "CHAR(32) CHARACTER SET latin1", "uuid", forms.slice(2));
    assert.deepEqual(
      forms.slice(2).map((form) => maskedOf(short, form)),
      made.slice(2),
    );
    for (const type of ["BINARY(16)", "VARBINARY(16)"]) {
      const bytes = await maskValues(copy, type, "uuid", [Buffer.from(bare(GIVEN), "hex")]);
      assert.equal(maskedOf(bytes, bare(GIVEN).toUpperCase()), bare(MADE).toUpperCase());
    }
    if (server.flavour === "mariadb") {
      const own = await maskValues(copy, "UUID", "uuid", [GIVEN]);
      assert.equal(maskedOf(own, GIVEN), MADE);
    }
  });

  test(`different values become different UUIDs, whatever they are, on ${server.name}`, async (t) => {
    const copy = await createCopy(t, server, []);
    const value = fc.oneof(fc.uuid(), fc.uuid().map(bare), hostileText(36), fc.stringMatching(/^[a-f0-9-]{30,36}$/));
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(value, { minLength: 60, maxLength: 100 }), async (values) => {
        for (const type of ["CHAR(36) COLLATE utf8mb4_bin", "VARCHAR(50) CHARACTER SET utf16 COLLATE utf16_bin"]) {
          const masked = await maskValues(copy, type, "uuid", values);
          assertSound(masked);
          for (const { masked: made } of masked.rows) {
            if (!made) continue;
            const small = made.toLowerCase();
            assert.ok(small === made || made.toUpperCase() === made);
            assert.match(made.length === 32 ? small.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-") : small, V4);
          }
        }
        const bytes = values.map((each) => Buffer.from(each).subarray(0, 16));
        assertSound(await maskValues(copy, "VARBINARY(16)", "uuid", bytes));
      }),
      { numRuns: 2, endOnFailure: true },
    );
  });
}

test("a column that has no room for a UUID, or too much for its bytes, is refused", () => {
  for (const type of [
    { maxCharacters: 31, maxBytes: 124 },
    { dataType: "varbinary", maxCharacters: null, maxBytes: 36 },
    { dataType: "bigint", maxCharacters: null, maxBytes: null },
  ]) {
    const { column, table } = columnOf(type);
    assert.equal(planned("uuid", column, table).fits, false);
  }
});
