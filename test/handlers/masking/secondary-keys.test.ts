// Secondary keys step aside while a table is masked, and come back as they were: after a kill at any statement, too.
import assert from "node:assert/strict";
import { createConnection } from "node:net";
import { test, type TestContext } from "node:test";
import { isFatal, isRetryAfter } from "../../../contracts/errors.ts";
import type { WriteSession } from "../../../contracts/platform.ts";
import { keysOf } from "../../../handlers/masking/key-definitions.ts";
import { maskReplica, proveMasking, type MaskingJob } from "../../../handlers/masking/index.ts";
import { openWriteSession } from "../../../handlers/mysql/session.ts";
import { servers, type TestServer } from "../../support/servers.ts";
import { contractOf, createCopy, hashOf, manyRows, type Copy } from "./support.ts";

const ROWS = 60;

/** Every kind of key that the server has, over masked columns, kept ones and both. */
function tablesFor(server: TestServer): string[] {
  const isNew = server.flavour === "mysql" && !server.version.startsWith("5");
  const own = isNew
    ? ["KEY hidden (name) INVISIBLE", "KEY falling (name DESC, n)", "KEY folded ((LOWER(name)), n)"]
    : server.flavour === "mariadb"
      ? ["KEY unseen (name) IGNORED", "KEY falling (name DESC, n)"]
      : [];
  return [
    `CREATE TABLE parents (id INT PRIMARY KEY, code VARCHAR(70) NOT NULL, KEY by_code (code)) DEFAULT CHARSET utf8mb4`,
    `INSERT INTO parents VALUES ${manyRows(ROWS, (n) => `${n}, 'code ${n}'`)}`,
    `CREATE TABLE \`odd \`\`table, (\` (
       id INT PRIMARY KEY, serial INT AUTO_INCREMENT, n INT, parent INT, name VARCHAR(100) NOT NULL COMMENT 'KEY \`a\` (\`b\`), it''s',
       note TEXT, place VARCHAR(30) DEFAULT ') ,KEY', UNIQUE KEY \`by \`\`name, (\` (name, n) COMMENT 'it''s \\\\ , (x', UNIQUE KEY (note(20), id),
       KEY (serial, name), KEY whole (n), KEY mixed (n, name(10)) USING BTREE, KEY child (parent, name), FULLTEXT KEY words (note),
       FULLTEXT KEY names (name, note)${own.map((key) => `, ${key}`).join("")},
       FOREIGN KEY (parent) REFERENCES parents (id)) DEFAULT CHARSET utf8mb4`,
    `INSERT INTO \`odd \`\`table, (\` (id, n, parent, name, note)
     VALUES ${manyRows(ROWS, (n) => `${n}, ${n % 5}, ${n}, 'value ${n}', 'note ${n}'`)}`,
  ];
}
const CONTRACT = contractOf({
  parents: { id: "keep", code: "hash" },
  "odd `table, (": {
    ...{ id: "keep", serial: "keep", n: "keep", parent: "keep", place: "keep" },
    ...{ name: "hash", note: "hash" },
  },
});

async function keysCopy(t: TestContext, server: TestServer) {
  const copy = await createCopy(t, server, tablesFor(server));
  const job = await copy.job(CONTRACT, { dropKeysFromRows: 1 });
  return { copy, job, before: await definitionsOf(copy) };
}

/** The definitions of all keys, sorted: those that stayed stand before those that came back. */
async function definitionsOf(copy: Copy): Promise<string[]> {
  const definitions = [];
  for (const table of ["parents", "`odd ``table, (`"]) {
    const [row] = await copy.rows(`SHOW CREATE TABLE ${table}`);
    definitions.push(...String(row?.["Create Table"]).split("\n"));
  }
  return definitions
    .filter((line) => /^ +(?:[A-Z]+ )?KEY /.test(line))
    .map((line) => line.replace(/,$/, ""))
    .toSorted();
}

async function assertMasked(copy: Copy): Promise<void> {
  const rows = await copy.rows("SELECT name FROM `odd ``table, (` ORDER BY id");
  assert.deepEqual(
    rows.map(({ name }) => String(name)),
    Array.from({ length: ROWS }, (_, i) => hashOf(`value ${i + 1}`)),
  );
}

for (const server of servers()) {
  test(`keys over masked columns are gone while rows change, and as they were afterwards, on ${server.name}`, async (t) => {
    const { copy, job, before } = await keysCopy(t, server);
    const during = new Set<string>();
    const open = async (): Promise<WriteSession> => {
      const session = await copy.open();
      const run: WriteSession["run"] = async (sql, values) => {
        if (sql.startsWith(`UPDATE \`${copy.database}\`.\`odd`))
          for (const key of await definitionsOf(copy)) during.add(key);
        return session.run(sql, values);
      };
      return { ...session, run };
    };
    assert.equal(await maskReplica({ ...job, open }), "finished");
    const names = keysOf(`(${[...during].join(",")})`).map(({ name }) => name);
    // A foreign key needs `child`, AUTO_INCREMENT `serial`; nothing that `whole` covers changes.
    assert.deepEqual(names.toSorted(), ["PRIMARY", "child", "serial", "whole"]);
    assert.deepEqual(await definitionsOf(copy), before);
    await assertMasked(copy);
    assert.notEqual(await proveMasking(job), "out-of-time");
  });

  test(`connections lost at any statement leave the keys as they were, on ${server.name}`, async (t) => {
    const { copy, job, before } = await keysCopy(t, server);
    let statements = 0;
    let kills = 0;
    const open = async (): Promise<WriteSession> => {
      const { host, port, user, password } = server;
      const stream = createConnection({ host, port });
      const session = await openWriteSession("replica", { user, password, stream });
      const run: WriteSession["run"] = async (sql, values) => {
        // Each attempt lives a statement longer: cut before it is sent, or while the server is at it.
        const isLast = ++statements === kills + 1;
        if (isLast && kills % 2 === 0) stream.destroy();
        const result = session.run(sql, values);
        if (isLast) setImmediate(() => stream.destroy());
        return result;
      };
      return { ...session, run };
    };
    for (;;) {
      statements = 0;
      const outcome = await maskReplica({ ...job, open, chunkRows: 25 }).catch((error: unknown) => error);
      if (outcome === "finished") break;
      assert.ok(isRetryAfter(outcome), String(outcome));
      kills++;
    }
    assert.ok(kills > 20, `${kills} kills`);
    assert.deepEqual(await definitionsOf(copy), before);
    await assertMasked(copy);
  });

  test(`a budget of a step a call and two engines at once leave the keys as they were, on ${server.name}`, async (t) => {
    const { copy, job, before } = await keysCopy(t, server);
    const hasty: MaskingJob = { ...job, signal: AbortSignal.abort(), chunkRows: 25 };
    while ((await maskReplica(hasty)) === "out-of-time") {
      const error: unknown = await proveMasking(job).catch((caught: unknown) => caught);
      assert.ok(isFatal(error) && error.code === "MASK_NOT_CHECKED", String(error));
    }
    assert.deepEqual(await definitionsOf(copy), before);
    const again = { ...job, run: "run-2" };
    assert.deepEqual(await Promise.all([maskReplica(again), maskReplica(again)]), ["finished", "finished"]);
    assert.deepEqual(await definitionsOf(copy), before);
  });

  test(`a key that somebody else defined meanwhile is named, on ${server.name}`, async (t) => {
    const { copy, job } = await keysCopy(t, server);
    const hasty: MaskingJob = { ...job, signal: AbortSignal.abort() };
    const dropped = async () => !(await definitionsOf(copy)).some((key) => key.includes("by_code"));
    while (!(await dropped())) assert.equal(await maskReplica(hasty), "out-of-time");
    await copy.connection.query("ALTER TABLE parents ADD KEY by_code (code(3))");
    const error: unknown = await maskReplica(job).catch((caught: unknown) => caught);
    assert.ok(isFatal(error), String(error));
    assert.equal(error.code, "MASK_KEYS_DIFFER");
    assert.match(error.message, /`by_code` of `parents` was defined otherwise/);
  });
}
