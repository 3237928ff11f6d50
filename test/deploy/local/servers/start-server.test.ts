// Servers that this process starts: they end with the process, leftovers are cleared away, failures are told.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { connect as connectTo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { createConnection } from "mysql2/promise";
import { findServer } from "../../../../deploy/local/servers/find-server.ts";
import { stopLeftover } from "../../../../deploy/local/servers/running.ts";
import { type StartOptions, startServer } from "../../../../deploy/local/servers/start-server.ts";
import { afterTest } from "../../../support/cleanup.ts";

const RUN = process.env["UNDERSTUDY_TEST_DIRECTORY"] ?? tmpdir();
const TEMPLATES = join(RUN, "templates");

async function folder(t: TestContext): Promise<string> {
  const path = await mkdtemp(join(RUN, "start-"));
  afterTest(t, () => rm(path, { recursive: true, force: true }));
  return path;
}

async function start(t: TestContext, directory: string, options: Partial<StartOptions> = {}) {
  const binary = await findServer();
  assert.ok(binary);
  const server = await startServer({ name: "test", directory, binary, templates: TEMPLATES, ...options });
  afterTest(t, () => server.kill());
  return server;
}

/** Another program that starts a server in `directory`; resolves when the server runs. */
async function startElsewhere(t: TestContext, directory: string, way: "exit" | "throw" | "wait") {
  const script = join(import.meta.dirname, "start-and-end.ts");
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", script, directory, TEMPLATES, way], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  afterTest(t, async () => void child.kill("SIGKILL"));
  afterTest(t, async () => void (await stopLeftover(join(directory, "server.pid"))));
  const ended = once(child, "exit");
  const [line] = await once(child.stdout, "data");
  return { child, ended, port: Number(String(line)) };
}

async function listens(port: number): Promise<boolean> {
  const socket = connectTo(port, "127.0.0.1");
  const answer = await Promise.race([
    once(socket, "connect").then(() => true),
    once(socket, "close").then(() => false),
  ]).catch(() => false);
  socket.destroy();
  return answer;
}

async function falls(port: number): Promise<boolean> {
  for (let attempt = 0; attempt < 100; attempt++, await sleep(100)) if (!(await listens(port))) return true;
  return false;
}

test("a server listens on 127.0.0.1 only, and root comes in by the socket only", async (t) => {
  const server = await start(t, await folder(t));
  const admin = await server.connect();
  const [rows] = await admin.query("SELECT @@bind_address AS address, @@port AS port");
  await admin.end();
  assert.deepEqual(rows, [{ address: "127.0.0.1", port: server.port }]);
  await assert.rejects(createConnection({ host: "127.0.0.1", port: server.port, user: "root" }), {
    code: /ER_ACCESS_DENIED_ERROR|ER_HOST_NOT_PRIVILEGED/,
  });
});

test("servers share no folder for temporary files: a starting MariaDB clears its own", async (t) => {
  const folders = new Set<unknown>();
  for (let count = 0; count < 2; count++) {
    const admin = await (await start(t, await folder(t))).connect();
    const [rows] = await admin.query("SELECT @@tmpdir AS tmpdir");
    await admin.end();
    folders.add(JSON.stringify(rows));
  }
  assert.equal(folders.size, 2);
});

test("a stopped server starts again on its port with its data", async (t) => {
  const server = await start(t, await folder(t));
  const before = await server.connect();
  await before.query("CREATE DATABASE kept");
  await before.end();
  await server.stop();
  assert.equal(await listens(server.port), false);
  await server.restart();
  const after = await server.connect();
  const [rows] = await after.query("SHOW DATABASES LIKE 'kept'");
  await after.end();
  assert.equal(Array.isArray(rows) && rows.length, 1);
  assert.equal(await listens(server.port), true);
});

for (const way of ["exit", "throw"] as const) {
  test(`a server ends with a program that ends by ${way === "exit" ? "process.exit" : "an uncaught error"}`, async (t) => {
    const { ended, port } = await startElsewhere(t, await folder(t), way);
    await ended;
    assert.ok(await falls(port), `port ${port} still answers`);
  });
}

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  test(`a server ends with a program that ${signal} ends`, async (t) => {
    const { child, ended, port } = await startElsewhere(t, await folder(t), "wait");
    assert.equal(await listens(port), true);
    child.kill(signal);
    assert.deepEqual(await ended, [null, signal], "the program itself dies of the signal, as its shell expects");
    assert.ok(await falls(port), `port ${port} still answers`);
  });
}

test("the server of a killed program is stopped by the next start in its directory", async (t) => {
  const directory = await folder(t);
  const { child, ended, port } = await startElsewhere(t, directory, "wait");
  child.kill("SIGKILL");
  await ended;
  assert.equal(await listens(port), true, "SIGKILL leaves the server running");
  const server = await start(t, directory);
  const admin = await server.connect();
  await admin.end();
  assert.equal(await listens(port), port === server.port);
});

test("a pid file that names somebody else's process ends nobody", async (t) => {
  const directory = await folder(t);
  const stranger = spawn("sleep", ["60"]);
  afterTest(t, async () => void stranger.kill("SIGKILL"));
  const pidFile = join(directory, "server.pid");
  await writeFile(pidFile, `${stranger.pid}\n`);
  assert.equal(await stopLeftover(pidFile), false);
  await sleep(50);
  assert.equal(stranger.exitCode ?? stranger.signalCode, null);
});

test("a directory whose path is too long for a socket serves as well", async (t) => {
  const directory = join(await folder(t), "long".repeat(25), "server");
  await mkdir(directory, { recursive: true });
  const server = await start(t, directory);
  const admin = await server.connect();
  await admin.query("SELECT 1");
  await admin.end();
  await server.stop();
});

test("a wanted port that is taken is told, and nothing is left running", async (t) => {
  const other = createServer().listen(0, "127.0.0.1");
  afterTest(t, async () => void other.close());
  await once(other, "listening");
  const address = other.address();
  assert.ok(typeof address === "object" && address);
  const directory = await folder(t);
  await assert.rejects(start(t, directory, { port: address.port }), { code: "MYSQL_PORT_TAKEN" });
  assert.equal(await stopLeftover(join(directory, "server.pid")), false);
});

test("a server that cannot start names its log, which says why", async (t) => {
  const directory = await folder(t);
  const logFile = join(directory, "server.log");
  await assert.rejects(start(t, directory, { flags: ["--no-such-option"] }), (error: Error & { code?: string }) => {
    assert.equal(error.code, "MYSQL_START_FAILED");
    assert.match(error.message, new RegExp(logFile));
    return true;
  });
  assert.match(await readFile(logFile, "utf8"), /no-such-option/);
});
