// The swap as staging's readers see it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { measureOutage } from "../../../handlers/swapping/index.ts";
import { servers } from "../../support/servers.ts";
import { openStaging } from "./staging.ts";

const table = (name: string, mark: number) => [
  `CREATE TABLE \`${name}\` (id INT AUTO_INCREMENT PRIMARY KEY, mark INT)`,
  `INSERT INTO \`${name}\` VALUES (70, ${mark})`,
];

for (const server of servers()) {
  test(`a reader sees the old data, then the new, and nothing else, on ${server.name}`, async (t) => {
    const names = ["users", "select", "名 前", "it's"];
    const staging = await openStaging(t, server, {
      live: names.flatMap((name) => table(name, 1)),
      next: names.flatMap((name) => table(name, 2)),
    });
    const reader = await staging.reader();
    const seen: string[] = [];
    const enough = new AbortController();
    const asked = (async () => {
      while (!enough.signal.aborted) {
        const rows = await reader.query<{ mark: number }>(
          `SELECT a.mark AS mark, b.mark AS other FROM \`${staging.live}\`.users a JOIN \`${staging.live}\`.\`select\` b`,
        );
        seen.push(JSON.stringify(rows));
      }
    })();
    await sleep(20);
    const { outageMs } = await staging.swap();
    await sleep(20);
    enough.abort();
    await asked;
    await reader.close();
    assert.deepEqual([...new Set(seen)], ['[{"mark":1,"other":1}]', '[{"mark":2,"other":2}]']);
    assert.ok(outageMs > 0);
    await staging.connection.query(`INSERT INTO \`${staging.live}\`.users (mark) VALUES (3)`);
    const [last] = await staging.rows(`SELECT MAX(id) AS id FROM \`${staging.live}\`.users`);
    assert.equal((last as { id: number }).id, 71, "the counter goes on where it was");
  });
}

test("the outage is what a reader waits, also where the answer is an error", async (t) => {
  const [server] = servers();
  if (!server) throw new Error("no server");
  const staging = await openStaging(t, server, { live: table("users", 1), next: [] });
  const question = `SELECT 1 FROM \`${staging.live}\`.users`;
  for (const [away, back] of [
    [
      `RENAME TABLE \`${staging.live}\`.users TO \`${staging.next}\`.users`,
      `RENAME TABLE \`${staging.next}\`.users TO \`${staging.live}\`.users`,
    ],
    [`LOCK TABLES \`${staging.live}\`.users WRITE`, "UNLOCK TABLES"],
  ] as const) {
    const reader = await staging.reader();
    const { outageMs, result } = await measureOutage(reader, question, async () => {
      await sleep(30);
      await staging.session.run(away);
      await sleep(300);
      await staging.session.run(back);
      return "done";
    });
    await reader.close();
    assert.equal(result, "done");
    assert.ok(outageMs >= 290, `${outageMs} ms for ${away}`);
  }
});
