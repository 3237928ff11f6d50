// Starts the servers of one test run: the machine's own, and real MySQL 9.7 and 5.6 where the helper for these is there.
import { readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ensureServer } from "../../deploy/local/servers/install-server.ts";
import { stopLeftover } from "../../deploy/local/servers/running.ts";
import { startServer } from "../../deploy/local/servers/start-server.ts";
import { REAL_VERSIONS, type RealVersion, removeRealMySql, startRealMySql } from "./real-mysql.ts";
import { admitRoot, type TestServer } from "./servers.ts";

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

async function startReal(version: RealVersion, directory: string): Promise<{ server?: TestServer; missing?: string }> {
  try {
    return { server: await startRealMySql(version, directory) };
  } catch (error) {
    return { missing: `MySQL ${version} (${(error as Error).message})` };
  }
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
    await removeRealMySql(directory, name);
  }
  await rm(directory, { recursive: true, force: true });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
