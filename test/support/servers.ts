// What a test asks for: the servers that test/run.ts started, a database of its own, a connection that does not leak.
import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { type Connection, type ConnectionOptions, createConnection, type RowDataPacket } from "mysql2/promise";
import * as z from "zod";
import { findServer } from "../../deploy/local/servers/find-server.ts";
import { type LocalServer, startServer } from "../../deploy/local/servers/start-server.ts";
import { afterTest, hasPassed } from "./cleanup.ts";

const TestServerSchema = z.strictObject({
  /** `MariaDB 10.11`, `MySQL 9.7`: for test names. */
  name: z.string(),
  flavour: z.enum(["mariadb", "mysql"]),
  /** In full: `10.11.14`. */
  version: z.string(),
  host: z.string(),
  port: z.int(),
  user: z.string(),
  password: z.string(),
});
/** A server that tests may make databases on, as root. */
export type TestServer = z.infer<typeof TestServerSchema>;

/** Every server that this test run has; a test that depends on the server's kind runs once on each. */
export function servers(): TestServer[] {
  const json = process.env["UNDERSTUDY_TEST_SERVERS"];
  if (!json) throw new Error("No test servers. Run the test through `npm test -- FILE`, which starts them.");
  return z.array(TestServerSchema).min(1).parse(JSON.parse(json));
}

/** The server for tests that do not depend on its kind. */
export function mainServer(): TestServer {
  const [main] = servers();
  if (!main) throw new Error("No test servers.");
  return main;
}

/** What mysql2 needs to connect to a server, which may be slow to greet while six test files run beside each other. */
export function connectionOptions(server: TestServer, database?: string): ConnectionOptions {
  const { host, port, user, password } = server;
  return { host, port, user, password, connectTimeout: 60_000, ...(database === undefined ? {} : { database }) };
}

/** Opens a connection that is closed after the test. */
export async function connect(t: TestContext, server: TestServer, database?: string): Promise<Connection> {
  const connection = await createConnection(connectionOptions(server, database));
  afterTest(t, async () => connection.destroy());
  return connection;
}

/**
 * Creates a database for one test: dropped when the test passes, kept when it fails so that one can look.
 *
 * Databases whose names begin with it (`<name>__next`, `<name>_staging`) are dropped with it. A connection that the test
 * leaves open in one of them fails the test.
 *
 * @returns its name, at most 40 characters.
 */
export async function createDatabase(t: TestContext, server: TestServer, prefix = "test"): Promise<string> {
  const name = `${prefix.slice(0, 27)}_${randomBytes(6).toString("hex")}`;
  await asRoot(server, (root) => root.query(`CREATE DATABASE \`${name}\` CHARACTER SET utf8mb4`));
  afterTest(t, async () => {
    if (!hasPassed(t)) {
      t.diagnostic(`kept on ${server.name} while it runs: database ${name}`);
      return;
    }
    await asRoot(server, async (root) => {
      const leaked = await countOpen(root, name);
      await dropAll(root, name);
      if (leaked > 0) throw new Error(`The test left ${leaked} connection(s) open in its database \`${name}\`.`);
    });
  });
  return name;
}

/** A closed connection is seen by the server a moment later: asks until there is none, or for 2 s. */
async function countOpen(root: Connection, name: string): Promise<number> {
  for (let attempt = 1; ; attempt++) {
    // Not information_schema.PROCESSLIST: MySQL 9.7 fails on it while anyone runs a statement with an emoji (error 3854).
    const [sessions] = await root.query<RowDataPacket[]>("SHOW PROCESSLIST");
    const open = sessions.filter(({ db }) => String(db).startsWith(name)).length;
    if (open === 0 || attempt === 40) return open;
    await sleep(50);
  }
}

async function dropAll(root: Connection, name: string): Promise<void> {
  const [rows] = await root.query<RowDataPacket[]>(
    "SELECT SCHEMA_NAME AS name FROM information_schema.SCHEMATA WHERE LEFT(SCHEMA_NAME, ?) = ?",
    [name.length, name],
  );
  for (const row of rows) await root.query(`DROP DATABASE \`${String(row["name"])}\``);
}

async function asRoot<T>(server: TestServer, work: (root: Connection) => Promise<T>): Promise<T> {
  const root = await createConnection(connectionOptions(server));
  try {
    return await work(root);
  } finally {
    await root.end();
  }
}

/**
 * Starts a server for this test alone, in about half a second: for tests that need three instances, or that kill one.
 * It and its data are gone after the test.
 */
export async function startTestServer(
  t: TestContext,
  options: { readonly name?: string; readonly flags?: readonly string[] } = {},
): Promise<LocalServer & { readonly test: TestServer }> {
  const binary = await findServer();
  if (!binary) throw new Error("No MySQL server program on this machine.");
  const run = process.env["UNDERSTUDY_TEST_DIRECTORY"] ?? tmpdir();
  const directory = await mkdtemp(join(run, "server-"));
  const server = await startServer({
    name: options.name ?? "test",
    directory,
    binary,
    templates: join(run, "templates"),
    flags: options.flags ?? [],
  });
  afterTest(t, async () => {
    await server.kill();
    await rm(directory, { recursive: true, force: true });
  });
  return Object.assign(server, { test: await admitRoot(server) });
}

/** Lets root in over TCP with no password, as tests want it, and describes the server. */
export async function admitRoot(server: LocalServer): Promise<TestServer> {
  const admin = await server.connect();
  await admin.query("CREATE USER 'root'@'127.0.0.1' IDENTIFIED BY ''");
  await admin.query("GRANT ALL ON *.* TO 'root'@'127.0.0.1' WITH GRANT OPTION");
  await admin.end();
  const { flavour, version } = server.binary;
  const name = `${flavour === "mariadb" ? "MariaDB" : "MySQL"} ${version.split(".").slice(0, 2).join(".")}`;
  return { name, flavour, version, host: server.host, port: server.port, user: "root", password: "" };
}
