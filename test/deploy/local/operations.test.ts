// Operations of the local SQL admin: on every server that there is, and over the death of processes.
import assert from "node:assert/strict";
import { mkdir, readdir, readFile, symlink } from "node:fs/promises";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { test, type TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { gunzipSync, gzipSync } from "node:zlib";
import { createConnection, type RowDataPacket } from "mysql2/promise";
import { findTools } from "../../../deploy/local/sql-admin/tools.ts";
import type { LocalPlatform } from "../../../deploy/local/platform.ts";
import { openState } from "../../../deploy/local/state.ts";
import { readError, readWriteErrno } from "../../../deploy/mysql-tool-text.ts";
import { newFolder, openLocal } from "../../platform/open-local.ts";
import { contractFor, ended, instanceOn, once, until } from "../../platform/world.ts";
import { afterTest } from "../../support/cleanup.ts";
import {
  connect,
  connectionOptions,
  createDatabase,
  mainServer,
  servers,
  startTestServer,
  type TestServer,
} from "../../support/servers.ts";
import { startVictim, type Victim } from "./kill.ts";
import { DUMP as MADE_DUMP, ROWS_OF_A_TABLE, TABLES } from "./sql-admin/made-dump.ts";

const DUMP = "runs/one/production.sql.gz";
const PLAIN_DUMP = "runs/one/production.sql";
/** Every character that could go wrong on its way to a client tool. */
const PASSWORD = `s3 #'"\\=;ß`;

for (const server of servers()) {
  test(`on ${server.name} every value comes back from an export and an import, as an account without SUPER`, async (t) => {
    const { database, connection, platform, folder } = await withAccount(t, server);
    await connection.query(
      `CREATE TABLE odd (id BIGINT UNSIGNED PRIMARY KEY, body TEXT, raw LONGBLOB, bits BIT(9), amount DECIMAL(30,10),
         ratio DOUBLE, day DATE, at DATETIME(6), kind ENUM('a','b''c'), place POINT) CHARACTER SET utf8mb4`,
    );
    await connection.query("SET SESSION sql_mode = 'ALLOW_INVALID_DATES'");
    const all = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
    const insert = "INSERT INTO odd VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, POINT(1.5, -2))";
    const text = `a\0b\r\nc\\n\u001A'"\`; -- USE \`${database}\`;\nsource x\n山田 😀`;
    await connection.query(insert, [
      1,
      text,
      all,
      Buffer.from([1, 255]),
      "-0.0000000001",
      0.1,
      "0000-00-00",
      "2026-02-28 01:02:03.000001",
      "b'c",
    ]);
    await connection.query(insert, ["18446744073709551615", "", "", 0, "1e19", -1e300, null, null, null]);
    if (!server.version.startsWith("5.6")) {
      await connection.query("ALTER TABLE odd ADD twice BIGINT GENERATED ALWAYS AS (LENGTH(body) * 2) STORED AFTER id");
    }
    const [columns] = await connection.query<RowDataPacket[]>("SHOW COLUMNS FROM odd");
    const look = `SELECT ${columns.map(({ Field }) => `HEX(CONCAT(\`${Field}\`))`).join(",")} FROM odd ORDER BY id`;
    const [before] = await connection.query(look);
    const [definition] = await connection.query("SHOW CREATE TABLE odd");

    await done(platform, { type: "export", key: "e", role: "production", database, object: PLAIN_DUMP });
    assert.match(await readFile(join(folder, "dumps", PLAIN_DUMP), "latin1"), /^-- Dump completed/m);
    await connection.query("DROP TABLE odd");
    await done(platform, { type: "import", key: "i", role: "replica", database, object: PLAIN_DUMP });

    assert.deepEqual((await connection.query(look))[0], before);
    assert.deepEqual((await connection.query("SHOW CREATE TABLE odd"))[0], definition);
  });

  test(`on ${server.name} an export has views and no triggers, a backup has both, and only the newest three stay`, async (t) => {
    const { database, connection, platform, folder } = await withAccount(t, server);
    await connection.query("CREATE TABLE t (id INT PRIMARY KEY)");
    await connection.query("CREATE TRIGGER watch BEFORE INSERT ON t FOR EACH ROW SET NEW.id = NEW.id");
    await connection.query("CREATE SQL SECURITY INVOKER VIEW a AS SELECT * FROM t");
    await done(platform, { type: "export", key: "e", role: "production", database, object: DUMP });
    const dump = gunzipSync(await readFile(join(folder, "dumps", DUMP))).toString();
    assert.match(dump, /VIEW `a`/);
    assert.doesNotMatch(dump, /TRIGGER/);
    const backups: (string | undefined)[] = [];
    for (const key of ["1", "2", "3", "4"]) {
      backups.push((await done(platform, { type: "backup", key, role: "staging", database })).backup);
    }
    const kept = (await platform.objects.list("backups/")).map(({ name }) => name);
    assert.deepEqual(kept, backups.slice(1));
    const backup = gunzipSync(await readFile(join(folder, "dumps", kept[0] ?? ""))).toString();
    assert.match(backup, /TRIGGER/);
    assert.match(backup, /VIEW `a`/);
  });

  test(`on ${server.name} an account without SUPER puts back what others defined`, async (t) => {
    const { database, connection, platform } = await withAccount(t, server);
    await connection.query("CREATE TABLE t (id INT PRIMARY KEY, body TEXT)");
    await connection.query("INSERT INTO t VALUES (1, 'one')");
    await connection.query("CREATE TRIGGER watch BEFORE INSERT ON t FOR EACH ROW SET NEW.body = 'watched'");
    await connection.query("CREATE VIEW bodies AS SELECT body FROM t");
    const staging = { role: "staging", database } as const;
    const { backup = "" } = await done(platform, { type: "backup", key: "b", ...staging });
    await connection.query(`DROP DATABASE \`${database}\``);
    await connection.query(`CREATE DATABASE \`${database}\``);
    await done(platform, { type: "restore", key: "r", ...staging, backup });
    await connection.query(`INSERT INTO \`${database}\`.t (id) VALUES (2)`);
    const [bodies] = await connection.query<RowDataPacket[]>(`SELECT body FROM \`${database}\`.bodies ORDER BY body`);
    assert.deepEqual(
      bodies.map(({ body }) => String(body)),
      ["one", "watched"],
    );
  });

  test(`on ${server.name} an import whose runner is killed at any instant is made whole by the next`, async (t) => {
    const { folder, database, connection, platform } = await withAccount(t, server);
    await platform.objects.write(DUMP, once(gzipSync(MADE_DUMP)));
    for (const afterMs of [0, 60, 150]) {
      const start = async (key: string) => {
        await connection.query(`DROP DATABASE \`${database}\``);
        await connection.query(`CREATE DATABASE \`${database}\``);
        return platform.sql.start({ type: "import", key, role: "replica", database, object: DUMP });
      };
      const name = await start(`first ${afterMs}`);
      await until("it has a runner", () => runnerPid(folder, name) > 0);
      await sleep(afterMs);
      try {
        process.kill(runnerPid(folder, name), "SIGKILL");
      } catch {
        // it has ended already
      }
      const { error } = await ended(platform, name);
      assert.ok([undefined, "OPERATION_INTERRUPTED"].includes(error?.code));
      assert.equal((await ended(platform, await start(`next ${afterMs}`))).error, undefined);
      for (const table of TABLES) {
        const [rows] = await connection.query<RowDataPacket[]>(`SELECT COUNT(*) AS n FROM \`${database}\`.${table}`);
        assert.equal(rows[0]?.["n"], ROWS_OF_A_TABLE, `${table} after ${afterMs} ms`);
      }
    }
  });

  test(`on ${server.name} a backup that cannot have another's routines says so in its name`, async (t) => {
    const { database, connection, platform } = await withAccount(t, server);
    await connection.query("CREATE TABLE t (id INT PRIMARY KEY)");
    await connection.query("CREATE PROCEDURE of_root() SELECT 1");
    const { backup } = await done(platform, { type: "backup", key: "b", role: "staging", database });
    assert.match(backup ?? "", /\.without-routines\.sql\.gz$/);
  });
}

test("a backup that is damaged, of another database or not there costs nothing of what is", async (t) => {
  const { database, connection, platform } = await withAccount(t, mainServer());
  await connection.query("CREATE TABLE t (id INT PRIMARY KEY)");
  const staging = { role: "staging", database } as const;
  const { backup = "" } = await done(platform, { type: "backup", key: "b", ...staging });
  const whole = await buffer(platform.objects.read(backup));
  await platform.objects.write("backups/cut-off.sql.gz", once(whole.subarray(0, -40)));
  const text = gunzipSync(whole).toString().replaceAll(database, "another");
  await platform.objects.write("backups/another.sql.gz", once(gzipSync(text)));
  for (const [object, code] of [
    ["backups/cut-off.sql.gz", "DUMP_GZIP_CORRUPT"],
    ["backups/another.sql.gz", "DUMP_FOREIGN_DATABASE"],
    ["backups/none.sql.gz", "BACKUP_MISSING"],
  ] as const) {
    const name = await platform.sql.start({ type: "restore", key: object, ...staging, backup: object });
    assert.equal((await ended(platform, name)).error?.code, code);
    await connection.query("SELECT 1 FROM t");
  }
});

test("an operation outlives the process that started it, and is adopted by the next", async (t) => {
  const { folder, request, platform, connection } = await slowImport(t);
  const victim = startVictim(t, folder, "operate", request);
  const name = await firstLine(victim);
  await until("it imports", () => isImporting(connection));
  await victim.kill();
  assert.equal(await platform.sql.start(request.request), name);
  const { error } = await ended(platform, name);
  assert.equal(error, undefined);
});

test("a runner that has no job yet ends with the process that began it, and is not missed when it is killed", async (t) => {
  const { folder, request, platform } = await slowImport(t);
  const victim = startVictim(t, folder, "look", request);
  await firstLine(victim);
  const [spare] = await groupsOfChildren(victim.pid);
  assert.ok(spare);
  await victim.kill();
  await until("it has ended", async () => (await groupOf(spare)).length === 0);

  assert.equal(await platform.sql.find(request.request), undefined);
  const mine = await groupsOfChildren(process.pid);
  assert.ok(mine.length > 0);
  for (const group of mine) process.kill(-group, "SIGKILL");
  const name = await platform.sql.start(request.request);
  await platform.sql.cancel(name);
  assert.equal((await platform.sql.get(name)).status, "DONE");
});

test("an operation whose runner is killed is done with an error that another attempt may mend, and its client is gone", async (t) => {
  const { folder, request, platform, connection } = await slowImport(t);
  const name = await platform.sql.start(request.request);
  await until("it imports", () => isImporting(connection));
  const pid = runnerPid(folder, name);
  process.kill(pid, "SIGKILL");
  const { error } = await ended(platform, name);
  assert.equal(error?.code, "OPERATION_INTERRUPTED");
  assert.equal(error.retryable, true);
  assert.throws(() => process.kill(-pid, 0), { code: "ESRCH" });
  const again = await platform.sql.start({ ...request.request, key: "second" }); // the instance is free
  await platform.sql.cancel(again);
});

test("passwords are on no command line, and the pipeline's other secrets not in the tools' environment", async (t) => {
  const environment = { UNRELATED_SECRET: "unrelated-hunter2" };
  const { folder, platform, database, connection } = await withAccount(t, mainServer(), environment);
  await connection.query("CREATE TABLE t (id INT PRIMARY KEY)");
  await connection.query("LOCK TABLES t WRITE"); // the dump tool waits for it
  const name = await platform.sql.start({ type: "export", key: "e", role: "production", database, object: DUMP });
  await until("it waits", async () => {
    const [sessions] = await connection.query<RowDataPacket[]>("SHOW PROCESSLIST");
    return sessions.some(({ State }) => /metadata lock/.test(String(State)));
  });
  const members = await groupOf(runnerPid(folder, name));
  assert.ok(members.length >= 2, "the runner and the dump tool");
  for (const pid of members) {
    assert.ok(!(await readFile(`/proc/${pid}/cmdline`, "utf8")).includes(PASSWORD));
    assert.ok(!(await readFile(`/proc/${pid}/environ`, "utf8")).includes("unrelated-hunter2"));
  }
  await connection.query("UNLOCK TABLES");
  await platform.sql.cancel(name);
});

test("a server that goes away in the middle of an import is worth another attempt", async (t) => {
  const server = await startTestServer(t);
  const database = await createDatabaseOn(server.test);
  const platform = await openLocal(t, await newFolder(t), {
    instances: { replica: instanceOn(server.test, database) },
  });
  await platform.objects.write(DUMP, once(gzipSync("SELECT SLEEP(0.1);\n".repeat(300))));
  const name = await platform.sql.start({ type: "import", key: "k", role: "replica", database, object: DUMP });
  const connection = await connect(t, server.test, database);
  await until("it imports", () => isImporting(connection));
  await server.kill();
  assert.partialDeepStrictEqual((await ended(platform, name)).error, { code: "MYSQL_UNREACHABLE", retryable: true });
});

test("without a client tool an operation is done with an error that says what to install", async (t) => {
  const { platform, database } = await withAccount(t, mainServer(), { PATH: "/nowhere" });
  const name = await platform.sql.start({ type: "export", key: "k", role: "production", database, object: DUMP });
  const { error } = await ended(platform, name);
  assert.equal(error?.code, "TOOL_MISSING");
  assert.deepEqual(await platform.objects.list(""), []);
});

test("the tools of UNDERSTUDY_MYSQL_BIN come before those of PATH", async (t) => {
  const folder = join(await newFolder(t), "bin");
  await mkdir(folder);
  const [tool] = await findTools("client", mainServer().flavour);
  await symlink(tool?.path ?? "", join(folder, "mysql"));
  process.env["UNDERSTUDY_MYSQL_BIN"] = folder;
  t.after(() => delete process.env["UNDERSTUDY_MYSQL_BIN"]);
  assert.equal((await findTools("client", tool?.flavour ?? "mariadb"))[0]?.path, join(folder, "mysql"));
});

test("a dump that is cut off is never run to its half", async (t) => {
  const { platform, database, connection } = await withAccount(t, mainServer());
  await connection.query("CREATE TABLE t (id INT PRIMARY KEY)");
  await connection.query("INSERT INTO t VALUES (1), (2)");
  const half = "DELETE FROM t WHERE id IN (1"; // a client that saw the end of its input would send it
  const damaged = gzipSync(`${"-- a comment\n".repeat(1000)}DELETE FROM t;`).subarray(0, -12);
  for (const [dump, code] of [
    [gzipSync(`-- a comment\n${half}`), "DUMP_DAMAGED"],
    [damaged, "DUMP_GZIP_CORRUPT"],
  ] as const) {
    await platform.objects.write(DUMP, once(dump));
    const name = await platform.sql.start({ type: "import", key: code, role: "replica", database, object: DUMP });
    assert.equal((await ended(platform, name)).error?.code, code);
    assert.equal((await connection.query<RowDataPacket[]>("SELECT 1 FROM t"))[0].length, 2);
  }
});

test("a server that is not there, and one that does not let us in, are told apart", async (t) => {
  const nowhere = { ...instanceOn(mainServer(), "shop"), port: 1 };
  const stranger = { ...instanceOn(mainServer(), "shop"), user: "nobody_here" };
  const platform = await openLocal(t, await newFolder(t), { instances: { replica: nowhere, production: stranger } });
  const [away, denied] = [
    await platform.sql.start({ type: "import", key: "a", role: "replica", database: "shop", object: DUMP }),
    await platform.sql.start({ type: "export", key: "b", role: "production", database: "shop", object: DUMP }),
  ];
  assert.partialDeepStrictEqual((await ended(platform, away)).error, { code: "MYSQL_UNREACHABLE", retryable: true });
  assert.partialDeepStrictEqual((await ended(platform, denied)).error, {
    code: "MYSQL_ACCESS_DENIED",
    retryable: false,
  });
  await assert.rejects(platform.databases.read("replica"), {
    name: "RetryAfter",
    code: "MYSQL_UNREACHABLE",
    message: /replica.*127\.0\.0\.1:1/,
  });
  await assert.rejects(platform.databases.read("production"), { name: "FatalError", code: "MYSQL_ACCESS_DENIED" });
});

test("the tools' errors are read for their numbers", () => {
  assert.deepEqual(readError("ERROR 1062 (23000) at line 12: Duplicate entry 'x (1045)'"), {
    errno: 1062,
    sqlState: "23000",
    line: 12,
  });
  assert.deepEqual(readError(`mysqldump: Got error: 1045: "Access denied" when trying to connect`), { errno: 1045 });
  assert.deepEqual(readError("mysqldump: Couldn't execute 'SHOW x': no (1142)\n"), { errno: 1142 });
  assert.deepEqual(readError("mysqldump: Error 2013: Lost connection when dumping table `x` at row: 5"), {
    errno: 2013,
  });
  assert.deepEqual(readError("something else"), {});
  assert.equal(readWriteErrno("mysqldump: Got errno 28 on write\n"), 28);
  assert.equal(readWriteErrno("mysqldump: Got error: 1045"), undefined);
});

/** A database, an account for it with no other privilege, and a world whose three roles are all that. */
async function withAccount(t: TestContext, server: TestServer, environment: Record<string, string> = {}) {
  const database = await createDatabase(t, server);
  const connection = await connect(t, server);
  const user = database.slice(-12); // MySQL 5.6 takes 16 characters
  await connection.query("CREATE USER ?@'%' IDENTIFIED BY ?", [user, PASSWORD]);
  afterTest(t, async () => void (await connection.query("DROP USER ?@'%'", [user])));
  await connection.query(`GRANT ALL ON \`${database}\`.* TO ?@'%'`, [user]);
  await connection.query(`USE \`${database}\``);
  const instance = { ...instanceOn(server, database), user, password: "env:ACCOUNT_PASSWORD" };
  const instances = { production: instance, replica: instance, staging: instance };
  const folder = await newFolder(t);
  const platform = await openLocal(t, folder, {
    instances,
    environment: { ACCOUNT_PASSWORD: PASSWORD, ...environment },
  });
  return { folder, database, connection, platform, instances };
}

/** On a server that is the test's own: it goes with the server. */
async function createDatabaseOn(server: TestServer): Promise<string> {
  const root = await createConnection(connectionOptions(server));
  await root.query("CREATE DATABASE shop");
  await root.end();
  return "shop";
}

/** A dump that takes three seconds to import. */
async function slowImport(t: TestContext, environment: Record<string, string> = {}) {
  const world = await withAccount(t, mainServer(), environment);
  await world.platform.objects.write(DUMP, once(gzipSync("SELECT SLEEP(0.1);\n".repeat(30))));
  const root = instanceOn(mainServer(), world.database);
  return {
    ...world,
    request: {
      contract: contractFor({ replica: root }),
      request: { type: "import", key: "slow", role: "replica", database: world.database, object: DUMP } as const,
    },
  };
}

async function done(platform: LocalPlatform, request: Parameters<LocalPlatform["sql"]["start"]>[0]) {
  const operation = await ended(platform, await platform.sql.start(request));
  assert.equal(operation.error, undefined);
  return operation;
}

async function isImporting(connection: Awaited<ReturnType<typeof connect>>): Promise<boolean> {
  const [rows] = await connection.query<RowDataPacket[]>(
    "SELECT 1 FROM information_schema.PROCESSLIST WHERE DB = DATABASE() AND INFO LIKE 'SELECT SLEEP%'",
  );
  return rows.length > 0;
}

async function firstLine(victim: Victim): Promise<string> {
  await until("it has started", () => victim.lines.length > 0);
  return victim.lines[0] ?? "";
}

function runnerPid(folder: string, operation: string): number {
  const state = openState(join(folder, ".understudy", "shop", "state.sqlite"));
  const row = state.database.prepare("SELECT runner FROM operations WHERE name = ?").get(operation);
  state.close();
  return Number.parseInt(String(row?.["runner"]), 10);
}

interface Process {
  readonly pid: string;
  readonly parent: number;
  readonly group: number;
}

/** By Linux's /proc; a process that has ended and was not asked for its status is none. */
async function processes(): Promise<Process[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const found: Process[] = [];
  for (const pid of pids) {
    const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => ") Z");
    const [state, parent, group] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    if (state !== "Z") found.push({ pid, parent: Number(parent), group: Number(group) });
  }
  return found;
}

async function groupOf(group: number): Promise<string[]> {
  return (await processes()).filter((one) => one.group === group).map(({ pid }) => pid);
}

/** A process's children that lead a group of their own, as runners do. */
async function groupsOfChildren(parent: number): Promise<number[]> {
  return (await processes())
    .filter((one) => one.parent === parent && String(one.group) === one.pid)
    .map(({ group }) => group);
}
