// Where the digests of a row's columns are in its record: the same before masking and after it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { createCopy, contractOf } from "../support.ts";
import { openLedger } from "../../../../handlers/masking/ledger.ts";
import { slotOf } from "../../../../handlers/masking/proof/expected-rows.ts";
import { provenTables } from "../../../../handlers/masking/proof/proven-table.ts";
import { openRecords } from "../../../../handlers/masking/proof/records.ts";
import { mainServer } from "../../../support/servers.ts";

test("each column has a place of its own, in whatever order a server gives the ledger's rows", async (t) => {
  const names = Array.from({ length: 11 }, (_, i) => `c${i}`);
  const copy = await createCopy(t, mainServer(), [
    `CREATE TABLE people (id INT PRIMARY KEY, ${names.map((name) => `${name} VARCHAR(40)`).join(", ")})`,
  ]);
  const rules = { id: "keep", ...Object.fromEntries(names.map((name) => [name, "digits"])) } as const;
  const job = await copy.job(contractOf({ people: rules }));
  const session = await copy.open();
  const ledger = await openLedger(session, job);
  const records = await openRecords(session, job, ledger);
  const [people] = provenTables(job, ledger, records, await copy.schema());
  await session.close();
  assert.ok(people);
  const { columns } = people.ledgerTable;
  const slots = columns.map((column) => slotOf(people, column));
  const reversed = { ...people, ledgerTable: { ...people.ledgerTable, columns: columns.toReversed() } };
  assert.deepEqual(
    columns.map((column) => slotOf(reversed, column)),
    slots,
  );
  assert.equal(new Set(slots.map(({ group, original }) => `${group} ${original}`)).size, names.length);
});
