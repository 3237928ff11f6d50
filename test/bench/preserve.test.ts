// The benchmark itself: it runs on every server, and its figures hang together.
import assert from "node:assert/strict";
import { test } from "node:test";
import { createConnection } from "mysql2/promise";
import { afterTest } from "../support/cleanup.ts";
import { connectionOptions, servers } from "../support/servers.ts";
import { benchPreserve } from "./preserve.ts";
import { preserveReport } from "./report.ts";
import { COPY, STAGING, WORK } from "./tenants.ts";

for (const server of servers().filter(({ version }) => !version.startsWith("5"))) {
  test(`preserving is measured against a plain INSERT, on ${server.name}`, async (t) => {
    afterTest(t, async () => {
      const root = await createConnection(connectionOptions(server));
      for (const database of [STAGING, COPY, WORK]) await root.query(`DROP DATABASE IF EXISTS ${database}`);
      await root.end();
    });
    const figures = await benchPreserve(server, 400, () => undefined, 1);
    const { plain, unchecked, deciding, inserting, proving } = figures;
    for (const cost of [plain, unchecked, deciding, inserting, proving])
      assert.ok(cost.seconds > 0, JSON.stringify(figures));
    assert.ok(figures.clientMegabytes > 20, JSON.stringify(figures));
    const whole = deciding.seconds + inserting.seconds + proving.seconds;
    assert.equal(figures.timesThePlain, whole / plain.seconds);
    assert.equal(figures.timesTheUnchecked, whole / unchecked.seconds);
    assert.match(preserveReport([figures]), /400 preserved rows in 20 tables, a copy of 4,000\n/);
  });
}
