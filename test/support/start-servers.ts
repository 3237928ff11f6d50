// Starts the servers of one test run: the machine's own, and real MySQL 9.7 and 5.6 where the helper for these is there.
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { type Connection, createConnection, type RowDataPacket } from "mysql2/promise";
import { freePort } from "../../deploy/local/servers/free-port.ts";
import { ensureServer } from "../../deploy/local/servers/install-server.ts";
import { stopLeftover } from "../../deploy/local/servers/running.ts";
import { startServer } from "../../deploy/local/servers/start-server.ts";
import { admitRoot, type TestServer } from "./servers.ts";

const execute = promisify(execFile);

/** A script that runs a named MySQL version: `SCRIPT start 9.7 PORT [mysqld flags]`. */
const REAL_MYSQL =
  process.env["UNDERSTUDY_REAL_MYSQL"] ?? resolve(import.meta.dirname, "../../../shared/mysql/real-mysql");
const REAL_MYSQL_HOME = process.env["REAL_MYSQL_HOME"] ?? join(process.env["TMPDIR"] ?? "/tmp", "real-mysql");
const REAL_VERSIONS = ["9.7", "5.6"];

/** Tests make many small tables: no waiting for the disk. */
const FAST_FLAGS = ["--innodb-doublewrite=0", "--innodb-flush-log-at-trx-commit=2", "--skip-log-bin"];

export interface TestServers {
  readonly servers: TestServer[];
  /** What is not tested and why, in words: `MySQL 5.6 (no download)`. */
  readonly missing: string[];
  stop(): Promise<void>;
}

/** Starts them all at once in `directory`, a folder of this run alone. */
export async function startServers(directory: string, log: (sentence: string) => void): Promise<TestServers> {
  const [main, ...real] = await Promise.all([
    startMain(directory, log),
    ...REAL_VERSIONS.map((version) => startReal(version, directory)),
  ]);
  return {
    servers: [main.server, ...real.flatMap(({ server }) => server ?? [])],
    missing: real.flatMap(({ missing }) => missing ?? []),
    async stop() {
      await main.stop();
      await removeRun(directory);
    },
  };
}

async function startMain(directory: string, log: (sentence: string) => void) {
  const binary = await ensureServer(log);
  const server = await startServer({
    name: "test",
    directory: join(directory, "main"),
    binary,
    templates: join(directory, "templates"),
    flags: ["--max-connections=1000"],
  });
  return { server: await admitRoot(server), stop: () => server.kill() };
}

async function startReal(version: string, directory: string): Promise<{ server?: TestServer; missing?: string }> {
  if (!existsSync(REAL_MYSQL)) return { missing: `MySQL ${version} (no \`${REAL_MYSQL}\`)` };
  const port = await freePort();
  const data = join(REAL_MYSQL_HOME, version, `data-${port}`);
  await writeFile(join(directory, `real-${version}`), data); // for removeRun, if need be in a later run
  const temporary = join(directory, `tmp-${version}`);
  await mkdir(temporary); // its own, as every server's of a run: see deploy/local/servers/flags.ts
  const flags = [...FAST_FLAGS, "--max-connections=1000", "--max-allowed-packet=64M", `--tmpdir=${temporary}`];
  if (version === "9.7") flags.push("--performance-schema=OFF", "--innodb-redo-log-capacity=64M");
  try {
    // To files, not pipes: the server inherits them and would hold a pipe open for as long as it lives.
    await execute("sh", ["-c", '"$0" start "$@" >"$LOG" 2>&1', REAL_MYSQL, version, String(port), ...flags], {
      env: { ...process.env, LOG: join(directory, `real-${version}.log`) },
      timeout: 180_000,
    });
    return { server: await describe(version, port) };
  } catch {
    const said = await readFile(join(directory, `real-${version}.log`), "utf8").catch(() => "");
    return { missing: `MySQL ${version} (did not start: ${said.trim().split("\n").at(-1) ?? ""})` };
  }
}

async function describe(version: string, port: number): Promise<TestServer> {
  const server = { host: "127.0.0.1", port, user: "root", password: "" };
  const connection = await createConnection(server);
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

const RUN_PREFIX = "understudy-test-";

/** The folder of this process's run. */
export function runDirectory(): string {
  return join(tmpdir(), `${RUN_PREFIX}${process.pid}`);
}

/** Stops and removes what runs left behind whose process was killed. */
export async function removeDeadRuns(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const pid = Number(name.startsWith(RUN_PREFIX) ? name.slice(RUN_PREFIX.length) : Number.NaN);
    if (Number.isInteger(pid) && !isAlive(pid)) await removeRun(join(tmpdir(), name)).catch(() => undefined); // another user's
  }
}

async function removeRun(directory: string): Promise<void> {
  for (const name of await readdir(directory)) {
    await stopLeftover(join(directory, name, "server.pid"));
    if (/^real-\d+\.\d+$/.test(name)) await removeReal(await readFile(join(directory, name), "utf8"));
  }
  await rm(directory, { recursive: true, force: true });
}

async function removeReal(data: string): Promise<void> {
  await stopLeftover(`${data}.pid`);
  for (const path of [
    data,
    `${data}.pid`,
    `${data}.sock`,
    `${data}.sock.lock`,
    data.replace(/data-(\d+)$/, "log-$1"),
  ]) {
    await rm(path, { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
