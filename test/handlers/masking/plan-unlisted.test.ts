// What the contract does not name: it stops the run with a patch to paste, or is redacted where nothing depends on it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { parse } from "yaml";
import type { MaskingContract } from "../../../contracts/sync-contract.ts";
import { checkMasking, planMasking } from "../../../handlers/masking/index.ts";
import { chain, KEPT, key, refusal, schemaOf, table, USERS } from "./plan-support.ts";
import { contractOf } from "./support.ts";

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
  const { tables, ...loose } = chain();
  const withoutUniqueKeys = new Map([...tables].map(([name, own]) => [name, { ...own, keys: [key("PRIMARY", "id")] }]));
  for (const schema of [chain(), { ...loose, tables: withoutUniqueKeys }]) {
    const drift = checkMasking(contractOf({ owners: KEPT, cars: KEPT, trips: KEPT }, "redact"), schema);
    assert.deepEqual(
      drift.unlisted.map(({ table: name, column: own }) => `${name}.${own}`),
      ["cars.Mail", "owners.Mail", "trips.Mail"],
    );
    assert.deepEqual(drift.refused, []);
  }
});
