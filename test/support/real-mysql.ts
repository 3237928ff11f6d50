// Starts real MySQL servers, 9.7 and 5.6, through a script that knows how to get them; where it is not there, none.
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { TestContext } from "node:test";
import { promisify } from "node:util";
import { type Connection, createConnection, type RowDataPacket } from "mysql2/promise";
import { freePort } from "../../deploy/local/servers/free-port.ts";
import { stopLeftover } from "../../deploy/local/servers/running.ts";
import { afterTest } from "./cleanup.ts";
import type { TestServer } from "./servers.ts";

const execute = promisify(execFile);

export const REAL_VERSIONS = ["9.7", "5.6"] as const;
export type RealVersion = (typeof REAL_VERSIONS)[number];

/** A script that runs a named MySQL version: `SCRIPT start 9.7 PORT [mysqld flags]`, `SCRIPT path 9.7`. */
const REAL_MYSQL =
  process.env["UNDERSTUDY_REAL_MYSQL"] ?? resolve(import.meta.dirname, "../../../shared/mysql/real-mysql");
const REAL_MYSQL_HOME = process.env["REAL_MYSQL_HOME"] ?? join(process.env["TMPDIR"] ?? "/tmp", "real-mysql");

/** Tests make many small tables: no waiting for the disk. */
const FLAGS = [
  "--innodb-doublewrite=0",
  "--innodb-flush-log-at-trx-commit=2",
  "--skip-log-bin",
  "--max-connections=1000",
  "--max-allowed-packet=64M",
];
const VERSION_FLAGS: Readonly<Record<RealVersion, readonly string[]>> = {
  "9.7": ["--performance-schema=OFF", "--innodb-redo-log-capacity=64M"],
  "5.6": ["--performance-schema=OFF"],
};

/** A server's note in the run's folder: where its data is, for who stops it, if need be in a later run. */
const NOTE = /^real-\d+\.\d+-\d+$/;

/** Starts a server in `directory`, the test run's folder. Throws an Error that says in words why it did not start. */
export async function startRealMySql(version: RealVersion, directory: string): Promise<TestServer> {
  if (!existsSync(REAL_MYSQL)) throw new Error(`no \`${REAL_MYSQL}\``);
  const port = await freePort();
  const note = join(directory, `real-${version}-${port}`);
  await writeFile(note, join(REAL_MYSQL_HOME, version, `data-${port}`));
  const temporary = `${note}.tmp`;
  await mkdir(temporary); // its own, as every server's of a run: see deploy/local/servers/flags.ts
  const flags = [...FLAGS, ...VERSION_FLAGS[version], `--tmpdir=${temporary}`];
  try {
    // To files, not pipes: the server inherits them and would hold a pipe open for as long as it lives.
    await execute("sh", ["-c", '"$0" start "$@" >"$LOG" 2>&1', REAL_MYSQL, version, String(port), ...flags], {
      env: { ...process.env, LOG: `${note}.log` },
      timeout: 180_000,
    });
    return await describe(version, port);
  } catch (cause) {
    const said = await readFile(`${note}.log`, "utf8").catch(() => "");
    throw new Error(`did not start: ${said.trim().split("\n").at(-1) ?? ""}`, { cause });
  }
}

/** Starts a server for this test alone; it and its data are gone after the test. */
export async function startTestMySql(t: TestContext, version: RealVersion): Promise<TestServer> {
  const directory = process.env["UNDERSTUDY_TEST_DIRECTORY"];
  if (!directory) throw new Error("No folder for servers. Run the test through `npm test -- FILE`, which makes it.");
  const server = await startRealMySql(version, directory);
  afterTest(t, () => removeRealMySql(directory, `real-${version}-${server.port}`));
  return server;
}

/** The folder with MySQL 9.7's own `mysql` and `mysqldump`, for UNDERSTUDY_MYSQL_BIN. */
export async function realMySqlTools(): Promise<string> {
  return (await execute(REAL_MYSQL, ["path", "9.7"])).stdout.trim();
}

/** Stops and removes the server that `name`, a file in the test run's folder, is the note of; passes over other files. */
export async function removeRealMySql(directory: string, name: string): Promise<void> {
  if (!NOTE.test(name)) return;
  const data = await readFile(join(directory, name), "utf8");
  await stopLeftover(`${data}.pid`);
  for (const path of [
    data,
    `${data}.pid`,
    `${data}.sock`,
    `${data}.sock.lock`,
    data.replace(/data-(?=\d+$)/, "log-"),
  ]) {
    await rm(path, { recursive: true, force: true });
  }
}

async function describe(version: RealVersion, port: number): Promise<TestServer> {
  const server = { host: "127.0.0.1", port, user: "root", password: "" };
  // Its port is open a while before it greets: under a whole suite's load, longer than mysql2 waits by itself (10 s).
  const connection = await createConnection({ ...server, connectTimeout: 120_000 });
  const [rows] = await connection.query<RowDataPacket[]>("SELECT VERSION() AS version");
  await dropNamelessAccounts(connection);
  await connection.end();
  const full = String(rows[0]?.["version"]).replace(/-.*/, "");
  return { name: `MySQL ${version}`, flavour: "mysql", version: full, ...server };
}

/** MySQL 5.6 comes with accounts for any name at `localhost`; they would stand before a test's own at `%`. */
async function dropNamelessAccounts(connection: Connection): Promise<void> {
  const [rows] = await connection.query<RowDataPacket[]>("SELECT Host AS host FROM mysql.user WHERE User = ''");
  for (const { host } of rows) await connection.query("DROP USER ''@?", [host]);
}
