// Where the digests of a row's columns are in its record: the same before masking and after it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { createCopy, contractOf } from "../support.ts";
import { openLedger } from "../../../../handlers/masking/ledger.ts";
import { slotOf } from "../../../../handlers/masking/proof/expected-rows.ts";
import { mainServer } from "../../../support/servers.ts";

test("each column has a place of its own, in whatever order a server gives the ledger's rows", async (t) => {
  const names = Array.from({ length: 11 }, (_, i) => `c${i}`);
  const copy = await createCopy(t, mainServer(), [
    `CREATE TABLE people (id INT PRIMARY KEY, ${names.map((name) => `${name} VARCHAR(40)`).join(", ")})`,
  ]);
  const rules = { id: "keep", ...Object.fromEntries(names.map((name) => [name, "digits"])) } as const;
  const job = await copy.job(contractOf({ people: rules }));
  const session = await copy.open();
  const [people] = (await openLedger(session, job)).tables;
  await session.close();
  const table = (await copy.schema()).tables.get("people");
  assert.ok(people && table);
  const slots = people.columns.map((column) => slotOf(people, table, column));
  const reversed = { ...people, columns: people.columns.toReversed() };
  assert.deepEqual(
    people.columns.map((column) => slotOf(reversed, table, column)),
    slots,
  );
  assert.equal(new Set(slots.map(({ group, original }) => `${group} ${original}`)).size, names.length);
});
