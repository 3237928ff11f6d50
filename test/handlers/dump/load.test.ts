// Rewritten dumps loaded into real servers, by an account without SUPER: the content is the source's, and the objects work.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { type TestContext, test } from "node:test";
import { promisify } from "node:util";
import { type Connection, createConnection, type RowDataPacket } from "mysql2/promise";
import { createAccount } from "../../../deploy/local/servers/accounts.ts";
import { findTools } from "../../../deploy/local/sql-admin/tools.ts";
import { afterTest } from "../../support/cleanup.ts";
import { realMySqlTools } from "../../support/real-mysql.ts";
import { connectionOptions, createDatabase, servers, type TestServer } from "../../support/servers.ts";
import { loadWithClient } from "./loading.ts";
import { EVERY_BYTE, fillNastily, NASTY_TEXTS } from "./nasty-schema.ts";
import { rewrite, samples } from "./rewriting.ts";

const withoutRowsOf = (table: string) => table === "tokens";

/** As the samples were made: names of character sets that every server has. */
async function connect(t: TestContext, server: TestServer, database: string): Promise<Connection> {
  const connection = await createConnection({ ...connectionOptions(server, database), charset: "utf8mb4_general_ci" });
  afterTest(t, async () => connection.destroy());
  return connection;
}

/** An account of the server that may do everything in one database, and nothing else. */
async function limitedTo(t: TestContext, server: TestServer, database: string): Promise<TestServer> {
  const root = await connect(t, server, database);
  const account = { user: `u${database.slice(-14)}`, password: "correct horse" };
  await createAccount(root, { ...account, role: "staging", database });
  afterTest(t, async () => void (await root.query("DROP USER ?@'%'", [account.user])));
  return { ...server, ...account };
}

async function select(connection: Connection, sql: string): Promise<unknown[]> {
  const [rows] = await connection.query<RowDataPacket[]>({ sql, rowsAsArray: true });
  return rows;
}

/** That the rows are those of nasty-schema.ts, and that its view, function, procedure and trigger work, in this database. */
async function checkContent(connection: Connection): Promise<void> {
  assert.deepEqual(
    await select(connection, "SELECT HEX(note), HEX(data) FROM users ORDER BY id"),
    NASTY_TEXTS.map((text) => [
      Buffer.from(text).toString("hex").toUpperCase(),
      EVERY_BYTE.toString("hex").toUpperCase(),
    ]),
  );
  assert.deepEqual(await select(connection, "SELECT * FROM tokens"), []);
  assert.deepEqual(await select(connection, "SELECT * FROM companies"), [
    [1, null, "shop"],
    [2, 1, "USE shop;"],
  ]);
  assert.deepEqual(await select(connection, "SELECT * FROM `odd ``name; 'x\" --` ORDER BY 1"), [
    [-1, "--"],
    [2, "/*"],
  ]);
  const views = await select(connection, "SELECT id, name, trimmed, tokens FROM `view; of views` WHERE id = 1");
  assert.deepEqual(views, [[1, "shop", "shop", 0]]);
  assert.deepEqual(await select(connection, "SELECT company_count(0)"), [[2]]);
  assert.deepEqual(await select(connection, "SELECT COUNT(*) FROM audit"), [[0]]);
  await connection.query("CALL note_all(@counted)");
  await connection.query("INSERT INTO users (note) VALUES ('new')");
  const count = NASTY_TEXTS.length;
  assert.deepEqual(await select(connection, "SELECT @counted, COUNT(*), MAX(definer) FROM audit"), [
    [2, count + 1, "trigger"],
  ]);
}

/** No stored object of the database names `other`, and none runs as an account of the source. */
async function checkObjects(connection: Connection, database: string, other: string, user: string): Promise<void> {
  const objects = await select(
    connection,
    `SELECT 'view', DEFINER, SECURITY_TYPE, VIEW_DEFINITION FROM information_schema.VIEWS WHERE TABLE_SCHEMA = DATABASE()
     UNION ALL SELECT 'routine', DEFINER, SECURITY_TYPE, ROUTINE_DEFINITION FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = DATABASE()
     UNION ALL SELECT 'event', DEFINER, 'DEFINER', EVENT_DEFINITION FROM information_schema.EVENTS WHERE EVENT_SCHEMA = DATABASE()
     UNION ALL SELECT 'trigger', DEFINER, 'DEFINER', ACTION_STATEMENT FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = DATABASE()`,
  );
  assert.equal(objects.length, 6);
  for (const object of objects) {
    assert.ok(Array.isArray(object));
    const [kind, definer, security, body] = object.map(String);
    assert.equal(definer, `${user}@%`, kind);
    if (kind === "view") assert.equal(security, "INVOKER");
    assert.equal(new RegExp(String.raw`\b${other}\b\W*\.\W*(?!users')`).test(body ?? ""), false, `${kind}: ${body}`);
    if (kind !== "view") assert.ok(body?.includes(database), `${kind}: ${body}`);
  }
}

for (const server of servers()) {
  for (const { name, dump } of samples) {
    test(`${name} loads into ${server.name} under another name`, async (t) => {
      const database = await createDatabase(t, server, "dump");
      const account = await limitedTo(t, server, database);
      const { bytes } = await rewrite(dump, { to: database, withoutRowsOf, laterKeysFromBytes: 1 });
      await loadWithClient(account, bytes);
      const connection = await connect(t, account, database);
      await checkObjects(connection, database, "shop", account.user);
      await checkContent(connection);
    });
  }
}

/** Of MySQL 5.6, no tool of today can: mariadb-dump asks it for generated columns, and mysqldump 9 has lost its logins. */
const dumpable = servers().filter(({ version }) => !version.startsWith("5.6"));

/** Options with which the same rows look otherwise: one statement a row, no locks, no SET NAMES, texts as bytes. */
const OPTIONS = [
  ["--hex-blob"],
  ["--skip-opt", "--create-options"], // without which mariadb-dump forgets AUTO_INCREMENT
  [
    "--replace",
    "--complete-insert",
    "--no-autocommit",
    "--skip-set-charset",
    "--add-drop-trigger",
    "--order-by-primary",
  ],
  ["--insert-ignore", "--default-character-set=binary", "--skip-add-locks", "--skip-disable-keys", "--skip-tz-utc"],
];

for (const server of dumpable) {
  test(`dumps made of ${server.name} now load into it under another name`, async (t) => {
    const source = await createDatabase(t, server, "source");
    await fillNastily(await connect(t, server, source), source);
    for (const options of OPTIONS) {
      const database = await createDatabase(t, server, "dump");
      const account = await limitedTo(t, server, database);
      const { bytes } = await rewrite(await dumpOf(server, source, options), {
        from: source,
        to: database,
        withoutRowsOf,
        laterKeysFromBytes: 1,
      });
      await loadWithClient(account, bytes);
      const connection = await connect(t, account, database);
      await checkObjects(connection, database, source, account.user);
      await checkContent(connection);
    }
  });
}

async function dumpOf(server: TestServer, database: string, options: readonly string[]): Promise<Buffer> {
  const isMySql = server.flavour === "mysql";
  const [tool] = await findTools("dump", server.flavour, isMySql ? [await realMySqlTools()] : []);
  assert.equal(tool?.flavour, server.flavour);
  const { stdout } = await promisify(execFile)(
    tool.path,
    [
      ...["--no-defaults", "--protocol=tcp", `--host=${server.host}`, `--port=${server.port}`, `--user=${server.user}`],
      ...(isMySql ? ["--get-server-public-key"] : []),
      ...["--single-transaction", "--routines", "--triggers", "--events", ...options, "--databases", database],
    ],
    { env: { ...process.env, MYSQL_PWD: server.password }, encoding: "buffer", maxBuffer: 64 * 1024 * 1024 },
  );
  return stdout;
}
