// The benchmark itself: it runs on every server, and its figures hang together.
import assert from "node:assert/strict";
import { test } from "node:test";
import { connectionOptions, servers } from "../support/servers.ts";
import { afterTest } from "../support/cleanup.ts";
import { createConnection } from "mysql2/promise";
import { COPY, LEDGER, SOURCE } from "./customers.ts";
import { benchMask } from "./mask.ts";
import { maskReport } from "./report.ts";

for (const server of servers().filter(({ version }) => !version.startsWith("5"))) {
  test(`masking is measured against the plain way and the floor, on ${server.name}`, async (t) => {
    afterTest(t, async () => {
      const root = await createConnection(connectionOptions(server));
      for (const database of [SOURCE, COPY, LEDGER]) await root.query(`DROP DATABASE IF EXISTS ${database}`);
      await root.end();
    });
    const figures = await benchMask(server, 12_000, () => undefined);
    const { plain, single, engine, keys, proof, floor } = figures;
    for (const cost of [plain, single, engine, keys, proof, floor])
      assert.ok(cost.seconds > 0, JSON.stringify(figures));
    assert.ok(keys.seconds < engine.seconds);
    assert.equal(figures.timesFasterThanPlain, plain.seconds / engine.seconds);
    assert.match(maskReport([figures]), /12,000 rows, 6 masked columns, 3 secondary keys\n/);
  });
}
