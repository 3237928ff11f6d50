// An import through several sessions: the same database as one session makes, on every server, and an end at any instant.
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { Connection, RowDataPacket } from "mysql2/promise";
import { isFatal } from "../../../../contracts/errors.ts";
import { importDump } from "../../../../deploy/local/sql-admin/import.ts";
import type { Job } from "../../../../deploy/local/sql-admin/job.ts";
import { connect, createDatabase, servers, type TestServer } from "../../../support/servers.ts";
import { until } from "../../../platform/world.ts";

const EVERY_BYTE = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)).toString("latin1");
const QUOTED = EVERY_BYTE.replaceAll(/[\\']/g, "\\$&");
const TABLES = ["one", "two", "three"];
const STATEMENTS = 30;
const ROWS = 20;

/** Three tables, each with keys after its rows and a foreign key to the one before, a view, a trigger; as latin1. */
function dumpText(): string {
  const parts = [
    "SET FOREIGN_KEY_CHECKS=0, UNIQUE_CHECKS=0, @saved_sql_mode=@@sql_mode, SQL_MODE='NO_AUTO_VALUE_ON_ZERO';",
  ];
  for (const [i, table] of TABLES.entries()) {
    parts.push(
      `DROP TABLE IF EXISTS \`${table}\`;`,
      "SET @saved_cs_client = @@character_set_client, character_set_client = utf8mb4;",
      `CREATE TABLE \`${table}\` (id INT PRIMARY KEY, code INT, parent INT, raw BLOB, body TEXT) ENGINE=InnoDB CHARSET=utf8mb4;`,
      "SET character_set_client = @saved_cs_client;",
      `LOCK TABLES \`${table}\` WRITE;`,
      `/*!40000 ALTER TABLE \`${table}\` DISABLE KEYS */;`,
      "set autocommit=0;",
    );
    for (let at = 0; at < STATEMENTS; at++) parts.push(`INSERT INTO \`${table}\` VALUES ${rowsText(at * ROWS)};`);
    parts.push(`/*!40000 ALTER TABLE \`${table}\` ENABLE KEYS */;`, "UNLOCK TABLES;", "commit;");
    const reference = i === 0 ? "" : `,\n  ADD FOREIGN KEY (parent) REFERENCES ${TABLES[i - 1]} (id)`;
    parts.push(
      `ALTER TABLE \`${table}\` ADD KEY by_body (body(20)), ADD KEY by_parent (parent), ADD UNIQUE KEY by_code (code)${reference};`,
    );
  }
  parts.push(
    // Its parent's key is still to be added when this could begin.
    "CREATE TABLE small (id INT PRIMARY KEY, FOREIGN KEY (id) REFERENCES three (code));",
    "INSERT INTO small VALUES (1),(2);",
    "CREATE VIEW bodies AS SELECT body FROM three;",
    "DELIMITER ;;",
    "CREATE TRIGGER watch BEFORE INSERT ON small FOR EACH ROW BEGIN SET @a = 1; SET @b = 2; END ;;",
    "DELIMITER ;",
    "SET SQL_MODE=@saved_sql_mode;",
  );
  return `${parts.join("\n")}\n-- Dump completed\n`;
}

function rowsText(first: number): string {
  const text = Buffer.from(`山田 😀 ; '' \\\\ `).toString("latin1").replaceAll("'", "\\'");
  return Array.from(
    { length: ROWS },
    (_, i) => `(${first + i},${first + i},${first},_binary '${QUOTED}','${text}${first + i}')`,
  ).join(",\n");
}

const DUMP = Buffer.from(dumpText(), "latin1");
const RAW = Buffer.from(EVERY_BYTE, "latin1").toString("hex").toUpperCase();

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
      const n = STATEMENTS * ROWS;
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
    assert.deepEqual({ ...objects[0] }, { bodies: STATEMENTS * ROWS, small: 2, triggers: 1, parents: 3 });
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
