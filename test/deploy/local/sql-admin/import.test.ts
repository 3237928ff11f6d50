// An import through several sessions: the same database as one session makes, on every server, and an end at any instant.
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { Connection, RowDataPacket } from "mysql2/promise";
import { isFatal } from "../../../../contracts/errors.ts";
import { importDump } from "../../../../deploy/local/sql-admin/import.ts";
import type { Job } from "../../../../deploy/local/sql-admin/job.ts";
import {
  connect,
  createDatabase,
  mainServer,
  servers,
  startTestServer,
  type TestServer,
} from "../../../support/servers.ts";
import { once, until } from "../../../platform/world.ts";
import { afterTest } from "../../../support/cleanup.ts";
import { DUMP, RAW, ROWS_OF_A_TABLE, TABLES } from "./made-dump.ts";

async function* pieces(dump: Buffer, pauseMs = 0): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < dump.length; at += 10_000) {
    if (pauseMs > 0) await sleep(pauseMs);
    yield dump.subarray(at, at + 10_000);
  }
}

async function emptyPlace(t: TestContext, server: TestServer): Promise<{ job: Job; connection: Connection }> {
  const database = await createDatabase(t, server);
  const { host, port, user, password } = server;
  const job: Job = {
    ...{ operation: "o", type: "import", statePath: "", dumps: "", role: "replica", object: "dump.sql" },
    ...{ server: { host, port, user, password }, database },
  };
  return { job, connection: await connect(t, server, database) };
}

for (const server of servers()) {
  test(`on ${server.name} several sessions load what a dump has, byte for byte, with keys, views and triggers`, async (t) => {
    const { job, connection } = await emptyPlace(t, server);
    await importDump(job, pieces(DUMP), new AbortController().signal);
    for (const table of TABLES) {
      const [[row]] = await connection.query<RowDataPacket[]>(
        `SELECT COUNT(*) AS n, SUM(id) AS ids, COUNT(DISTINCT HEX(raw)) AS raws, MIN(HEX(raw)) AS raw,
           SUM(body = CONCAT('山田 😀 ; '''' \\\\ ', id)) AS same FROM ${table}`,
      );
      const n = ROWS_OF_A_TABLE;
      assert.deepEqual(
        { ...row, ids: Number(row?.["ids"]), same: Number(row?.["same"]) },
        { n, ids: (n * (n - 1)) / 2, raws: 1, raw: RAW, same: n },
      );
      const [keys] = await connection.query<RowDataPacket[]>(`SHOW KEYS FROM ${table}`);
      assert.deepEqual(
        new Set(keys.map(({ Key_name }) => String(Key_name))),
        new Set(["PRIMARY", "by_body", "by_parent", "by_code"]),
      );
    }
    const [objects] = await connection.query<RowDataPacket[]>(
      `SELECT (SELECT COUNT(*) FROM bodies) AS bodies, (SELECT COUNT(*) FROM small) AS small,
         (SELECT COUNT(*) FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = DATABASE()) AS triggers,
         (SELECT COUNT(*) FROM information_schema.REFERENTIAL_CONSTRAINTS WHERE CONSTRAINT_SCHEMA = DATABASE()) AS parents`,
    );
    assert.deepEqual({ ...objects[0] }, { bodies: ROWS_OF_A_TABLE, small: 2, triggers: 1, parents: 3 });
  });

  test(`on ${server.name} an import that is cancelled at any instant has no session left when it ends`, async (t) => {
    const { job, connection } = await emptyPlace(t, server);
    for (const afterMs of [0, 5, 20, 60, 150]) {
      await connection.query("SET FOREIGN_KEY_CHECKS = 0");
      for (const table of ["small", ...TABLES]) await connection.query(`DROP TABLE IF EXISTS ${table}`);
      const cancel = new AbortController();
      const timer = setTimeout(() => cancel.abort(), afterMs);
      await assert.rejects(importDump(job, pieces(DUMP, 5), cancel.signal), { name: "AbortError" });
      clearTimeout(timer);
      const [sessions] = await connection.query<RowDataPacket[]>("SHOW PROCESSLIST");
      assert.equal(sessions.filter(({ db }) => db === job.database).length, 1, `${afterMs} ms`);
    }
  });

  test(`on ${server.name} a cancelled import's statement ends on the server, however long it would be`, async (t) => {
    const { job, connection } = await emptyPlace(t, server);
    const cancel = new AbortController();
    const imported = importDump(job, pieces(Buffer.from("DO SLEEP(60);\n")), cancel.signal);
    const isAsleep = async () => {
      const [sessions] = await connection.query<RowDataPacket[]>("SHOW PROCESSLIST");
      return sessions.some(({ db, Info }) => db === job.database && String(Info).startsWith("DO SLEEP"));
    };
    await until("it sleeps", isAsleep);
    cancel.abort();
    await assert.rejects(imported, { name: "AbortError" });
    assert.equal(await isAsleep(), false);
  });

  test(`on ${server.name} the first error ends an import, and names its line and no value`, async (t) => {
    const { job, connection } = await emptyPlace(t, server);
    const wrong = DUMP.toString("latin1").replace(
      "INSERT INTO `two` VALUES (0,",
      "INSERT INTO `two` VALUES ('ann@example.com',0,0,'',''),(0,",
    );
    const line = wrong.slice(0, wrong.indexOf("ann@example.com")).split("\n").length;
    const dump = wrong.replace("SQL_MODE='", "SQL_MODE='STRICT_ALL_TABLES,");
    const end = await importDump(job, pieces(Buffer.from(dump, "latin1")), new AbortController().signal).catch(
      (error: unknown) => error,
    );
    assert.ok(isFatal(end));
    assert.equal(end.code, "IMPORT_FAILED");
    assert.match(end.message, new RegExp(`at line ${line} of .* error 1366\\.`));
    assert.equal(end.cause, undefined); // mysql2's error has the statement
    const [sessions] = await connection.query<RowDataPacket[]>("SHOW PROCESSLIST");
    assert.equal(sessions.filter(({ db }) => db === job.database).length, 1);
    const [tables] = await connection.query<RowDataPacket[]>("SHOW TABLES LIKE 'three'");
    assert.equal(tables.length, 0);
  });
}

test("a statement that the server undid because two waited for each other is run again", async (t) => {
  const { job, connection } = await emptyPlace(t, mainServer());
  const other = await connect(t, mainServer(), job.database);
  await connection.query("CREATE TABLE heavy (id INT PRIMARY KEY)");
  await connection.query("CREATE TABLE t (id INT PRIMARY KEY)");
  await connection.query("INSERT INTO t VALUES (100)");
  await other.query("BEGIN");
  // The session that has changed less is the one whose statement is undone.
  await other.query(`INSERT INTO heavy VALUES ${Array.from({ length: 50 }, (_, i) => `(${i})`).join()}`);
  await other.query("SELECT * FROM t WHERE id > 100 FOR UPDATE");
  const imported = importDump(
    job,
    pieces(Buffer.from("INSERT INTO t VALUES (1),(200);\n")),
    new AbortController().signal,
  );
  await until("it waits", async () => {
    const [sessions] = await connection.query<RowDataPacket[]>("SHOW PROCESSLIST");
    return sessions.some(({ Info, Time }) => String(Info).startsWith("INSERT INTO t VALUES") && Number(Time) >= 0);
  });
  await sleep(200); // for the row that is there before it
  await other.query("SELECT * FROM t WHERE id = 1 FOR UPDATE");
  await other.query("COMMIT");
  await imported;
  const [[deadlock]] = await connection.query<RowDataPacket[]>("SHOW ENGINE INNODB STATUS");
  assert.match(String(deadlock?.["Status"]), /LATEST DETECTED DEADLOCK[^]*INSERT INTO t VALUES/);
  assert.equal((await connection.query<RowDataPacket[]>("SELECT 1 FROM t"))[0].length, 3);
});

for (const server of servers()) {
  test(`on ${server.name} an account whose name is beyond ASCII imports`, async (t) => {
    const { job, connection } = await emptyPlace(t, server);
    const [user, password] = [`ü山${job.database.slice(-8)}`, "ß #'"];
    await connection.query("CREATE USER ?@'%' IDENTIFIED BY ?", [user, password]);
    afterTest(t, async () => void (await connection.query("DROP USER ?@'%'", [user])));
    await connection.query(`GRANT ALL ON \`${job.database}\`.* TO ?@'%'`, [user]);
    const account = { ...job, server: { ...job.server, user, password } };
    await importDump(account, pieces(Buffer.from("CREATE TABLE t (id INT);\n")), new AbortController().signal);
    assert.equal((await connection.query<RowDataPacket[]>("SHOW TABLES"))[0].length, 1);
  });
}

test("a row that is larger than the server takes is told before it is sent", async (t) => {
  const server = (await startTestServer(t, { flags: ["--max-allowed-packet=1M"] })).test;
  const { job } = await emptyPlace(t, server);
  const row = (bytes: number) => `DO LENGTH('${"x".repeat(bytes - "DO LENGTH('')".length)}');\n`;
  const longest = 1024 * 1024 - 2; // with the command's byte one less than the limit
  await importDump(job, once(Buffer.from(row(longest))), new AbortController().signal);
  for (const bytes of [longest + 1, 40 * longest]) {
    const larger = importDump(job, once(Buffer.from(row(bytes))), new AbortController().signal);
    await assert.rejects(larger, { code: "PACKET_TOO_LARGE" });
  }
});
