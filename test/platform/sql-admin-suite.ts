// What every world's SQL admin promises.
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { gzipSync } from "node:zlib";
import type { Platform, Role } from "../../contracts/platform.ts";
import type { ServerInstance } from "../../contracts/sync-contract.ts";
import { connect, createDatabase, mainServer, startTestServer } from "../support/servers.ts";
import { ended, instanceOn, once, until } from "./world.ts";

/** Opens an SQL admin on these servers for one test, and the bucket that it reads and writes. */
export type OpenSqlAdmin = (
  t: TestContext,
  instances?: Partial<Record<Role, ServerInstance>>,
) => Promise<{ readonly platform: Pick<Platform, "sql" | "objects"> }>;

const DUMP = "runs/one/production.sql.gz";
/** Half a minute of statements that each end soon: a server notices only between two that its client has gone. */
const SLOW = "SELECT SLEEP(0.1);\n".repeat(300);

export function describeSqlAdmin(world: string, open: OpenSqlAdmin): void {
  test(`${world}: a database exported from one server and imported into another is the same`, async (t) => {
    const source = mainServer();
    const target = (await startTestServer(t)).test;
    const database = await createDatabase(t, source);
    const there = await connect(t, source, database);
    await there.query("CREATE TABLE notes (id INT PRIMARY KEY, body TEXT, raw BLOB) CHARACTER SET utf8mb4");
    const rows = [
      [1, "a \0 b\r\nc\\n'\";--", Buffer.from([0, 1, 13, 10, 26, 39, 92, 255])],
      [2, `USE \`${database}\`; 山田 😀`, null],
      [3, "system echo no\nsource no", Buffer.alloc(0)],
    ];
    await there.query("INSERT INTO notes VALUES ?", [rows]);
    const here = await connect(t, target);
    await here.query(`CREATE DATABASE \`${database}\``);
    const { platform } = await open(t, {
      production: instanceOn(source, database),
      replica: instanceOn(target, database),
    });
    const { sql } = platform;

    const exported = await sql.start({ type: "export", key: "e", role: "production", database, object: DUMP });
    const { generation, ...end } = await ended(platform, exported);
    assert.deepEqual(end, { name: exported, status: "DONE" });
    if (generation !== undefined) assert.equal(generation, (await platform.objects.list(""))[0]?.generation);
    const imported = await sql.start({ type: "import", key: "i", role: "replica", database, object: DUMP });
    assert.deepEqual(await ended(platform, imported), { name: imported, status: "DONE" });

    const all = "SELECT id, HEX(body) AS body, HEX(raw) AS raw FROM notes ORDER BY id";
    const [was] = await there.query(all);
    const [is] = await here.query(all.replace("notes", `\`${database}\`.notes`));
    assert.deepEqual(is, was);
  });

  test(`${world}: the same key adopts an operation while it runs and when it has ended`, async (t) => {
    const { platform, request, write } = await importing(t, open);
    const { sql } = platform;
    await write(SLOW);
    assert.equal(await sql.find(request("k")), undefined);
    const name = await sql.start(request("k"));
    assert.equal(await sql.start(request("k")), name);
    assert.equal(await sql.find(request("k")), name);
    await sql.cancel(name);
    assert.equal(await sql.start(request("k")), name);
    assert.equal((await sql.get(name)).status, "DONE");
  });

  test(`${world}: an instance does one operation at a time`, async (t) => {
    const { platform, request, write } = await importing(t, open);
    const { sql } = platform;
    await write(SLOW, "one");
    const first = await sql.start(request("one"));
    await assert.rejects(sql.start(request("two")), {
      ...{ name: "RetryAfter", code: "OPERATION_IN_PROGRESS", busy: true },
    });
    await sql.cancel(first);
    await write("SELECT 1;\n", "two");
    assert.deepEqual(Object.keys(await ended(platform, await sql.start(request("two")))), ["name", "status"]);
  });

  test(`${world}: a failed import is done with an error that names the place and quotes no row`, async (t) => {
    const { platform, request, write } = await importing(t, open);
    await write(
      "CREATE TABLE t (id VARCHAR(50) PRIMARY KEY);\nINSERT INTO t VALUES ('ann@example.com'),('ann@example.com');\nSELECT 1;\n",
    );
    const operation = await ended(platform, await platform.sql.start(request("k")));
    assert.ok(operation.error);
    assert.equal(operation.error.code, "IMPORT_FAILED");
    assert.equal(operation.error.retryable, false);
    assert.match(operation.error.message, /1062/);
    assert.doesNotMatch(operation.error.message, /ann/);
  });

  test(`${world}: an import stops at its first error`, async (t) => {
    const { platform, request, write, connection } = await importing(t, open);
    await write("CREATE TABLE one (id INT);\nNO SUCH STATEMENT;\nCREATE TABLE two (id INT);\n");
    assert.ok((await ended(platform, await platform.sql.start(request("k")))).error);
    const [tables] = await connection.query("SHOW TABLES");
    assert.equal(Array.isArray(tables) && tables.length, 1);
  });

  test(`${world}: a cancelled operation has ended`, async (t) => {
    const { platform, request, write, connection, database } = await importing(t, open);
    await write(SLOW);
    const name = await platform.sql.start(request("k"));
    const atWork = async () => {
      const [rows] = await connection.query(
        "SELECT 1 FROM information_schema.PROCESSLIST WHERE DB = ? AND INFO LIKE 'SELECT SLEEP%'",
        [database],
      );
      return Array.isArray(rows) && rows.length > 0;
    };
    await until("it runs", atWork);
    await platform.sql.cancel(name);
    const operation = await platform.sql.get(name);
    assert.ok(operation.status === "DONE" && operation.error?.code === "OPERATION_CANCELLED");
    await platform.sql.cancel(name); // does nothing
  });

  test(`${world}: an export that fails leaves no object`, async (t) => {
    const { platform } = await open(t, { production: instanceOn(mainServer(), "no_such_database") });
    const database = "no_such_database";
    const name = await platform.sql.start({ type: "export", key: "k", role: "production", database, object: DUMP });
    const { error } = await ended(platform, name);
    assert.equal(error?.code, "DATABASE_MISSING");
    assert.deepEqual(await platform.objects.list(""), []);
  });

  test(`${world}: a backup says which it is`, async (t) => {
    const database = await createDatabase(t, mainServer());
    const { platform } = await open(t, { staging: instanceOn(mainServer(), database) });
    const name = await platform.sql.start({ type: "backup", key: "k", role: "staging", database });
    const { error, backup } = await ended(platform, name);
    assert.equal(error, undefined);
    assert.ok(backup);
  });

  test(`${world}: a backup that is put back gives what there was, and nothing that came since`, async (t) => {
    const database = await createDatabase(t, mainServer());
    const connection = await connect(t, mainServer());
    const notes = `\`${database}\`.notes`;
    await connection.query(`CREATE TABLE ${notes} (id INT PRIMARY KEY, body TEXT, raw BLOB) CHARACTER SET utf8mb4`);
    await connection.query(`INSERT INTO ${notes} VALUES ?`, [
      [
        [1, "a \0 b\r\nc\\n'\";-- 山田 😀", Buffer.from([0, 1, 13, 10, 26, 39, 92, 255])],
        [2, null, null],
      ],
    ]);
    await connection.query(`CREATE VIEW \`${database}\`.bodies AS SELECT body FROM ${notes}`);
    const look = async () => [
      (await connection.query(`SELECT id, HEX(body) AS body, HEX(raw) AS raw FROM ${notes} ORDER BY id`))[0],
      (await connection.query(`SHOW FULL TABLES FROM \`${database}\``))[0],
    ];
    const was = await look();
    const { platform } = await open(t, { staging: instanceOn(mainServer(), database) });
    const staging = { role: "staging", database } as const;
    const { backup = "" } = await ended(platform, await platform.sql.start({ type: "backup", key: "b", ...staging }));

    await connection.query(`DELETE FROM ${notes} WHERE id = 1`);
    await connection.query(`ALTER TABLE ${notes} ADD later INT`);
    await connection.query(`CREATE TABLE \`${database}\`.newcomer (id INT)`);
    const name = await platform.sql.start({ type: "restore", key: "r", ...staging, backup });
    assert.deepEqual(await ended(platform, name), { name, status: "DONE" });
    assert.deepEqual(await look(), was);
  });
}

/** Each attempt has an object of its own. */
function objectOf(key: string): string {
  return `runs/one/load-replica/import-${key}.sql.gz`;
}

/** A database to import into, and dumps to fill. */
async function importing(t: TestContext, open: OpenSqlAdmin) {
  const database = await createDatabase(t, mainServer());
  const connection = await connect(t, mainServer());
  await connection.query(`USE \`${database}\``);
  const { platform } = await open(t, { replica: instanceOn(mainServer(), database) });
  return {
    platform,
    database,
    connection,
    request: (key: string) => ({ type: "import", key, role: "replica", database, object: objectOf(key) }) as const,
    async write(sql: string, key = "k") {
      await platform.objects.write(objectOf(key), once(gzipSync(sql)));
    },
  };
}
