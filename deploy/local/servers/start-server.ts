// Starts a real MySQL or MariaDB server on 127.0.0.1, in a directory of its own, for as long as this process lives.
import { type ChildProcess, spawn } from "node:child_process";
import { mkdir, mkdtemp, open, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Connection, type ConnectionOptions, createConnection } from "mysql2/promise";
import { FatalError } from "../../../contracts/errors.ts";
import { keepRootToSocket } from "./accounts.ts";
import { ensureDataDirectory } from "./data-directory.ts";
import type { ServerBinary } from "./find-server.ts";
import { type ServerPlace, runFlags } from "./flags.ts";
import { freePort } from "./free-port.ts";
import { dieTogether, stopChild, stopLeftover } from "./running.ts";

export interface StartOptions {
  /** For messages: `production`. */
  readonly name: string;
  /** The server's own: data, log, pid file and socket. A server started here again has the same data. */
  readonly directory: string;
  /** From `ensureServer` or `findServer`. */
  readonly binary: ServerBinary;
  /** Default: any free one. */
  readonly port?: number;
  /** More server options; they win over ours. */
  readonly flags?: readonly string[];
  /** Where initialised data directories are kept for copying. Default: `templates` beside `directory`. */
  readonly templates?: string;
}

/** A server that runs until it is stopped or this process ends. */
export interface LocalServer {
  readonly name: string;
  readonly binary: ServerBinary;
  readonly host: "127.0.0.1";
  /** Stays the same over `restart`. */
  readonly port: number;
  readonly directory: string;
  readonly logFile: string;
  /** Process id of the server that runs now. */
  readonly pid: number;
  /** How its administrator connects: root, by the socket, which only this operating system user can reach. */
  readonly admin: ConnectionOptions;
  /** Opens an administrator's connection; the caller ends it. */
  connect(): Promise<Connection>;
  /** Shuts down in order. */
  stop(): Promise<void>;
  /** Ends it as a crash does. */
  kill(): Promise<void>;
  /** Starts again on the same port with the same data, after `stop` or `kill` or in one go. */
  restart(): Promise<void>;
}

/** How long a server may take to answer; recovery after a kill is the slow case. */
const START_TIMEOUT_MS = 60_000;
/** A free port can be lost to another program between asking for it and binding it. */
const PORT_ATTEMPTS = 5;
/** sun_path holds 108 bytes on Linux and 104 on macOS, with the closing zero. */
const SOCKET_PATH_BYTES = 103;

/**
 * Starts a server and waits until it answers queries.
 *
 * @throws FatalError MYSQL_START_FAILED when it ends early or does not answer in time; it names the server's log.
 */
export async function startServer(options: StartOptions): Promise<LocalServer> {
  const directory = resolve(options.directory);
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const pidFile = join(directory, "server.pid");
  await stopLeftover(pidFile);
  const dataDirectory = join(directory, "data");
  await ensureDataDirectory(options.binary, dataDirectory, options.templates ?? join(dirname(directory), "templates"));
  const temporaryDirectory = join(directory, "tmp");
  await mkdir(temporaryDirectory, { recursive: true, mode: 0o700 });
  const socketFolder = await privateSocketFolder(directory);
  const base = { dataDirectory, temporaryDirectory, pidFile, socketPath: join(socketFolder, "server.sock") };
  const admin: ConnectionOptions = { socketPath: base.socketPath, user: "root", password: "" };
  const logFile = join(directory, "server.log");

  const launch = (place: ServerPlace) => launchAndWait({ ...options, place, logFile, admin });
  const first = await onFreePort(options.port, (port) => launch({ ...base, port }));
  let child = first.child;
  const connection = await createConnection(admin);
  await keepRootToSocket(connection);
  await connection.end();

  const end = async (signal: "SIGTERM" | "SIGKILL") => {
    await stopChild(child, signal);
    if (socketFolder !== directory) await rm(base.socketPath, { force: true });
  };
  return {
    name: options.name,
    binary: options.binary,
    host: "127.0.0.1",
    port: first.port,
    directory,
    logFile,
    admin,
    get pid() {
      return child.pid ?? 0;
    },
    connect: () => createConnection(admin),
    async stop() {
      await end("SIGTERM");
      if (socketFolder !== directory) await rm(socketFolder, { recursive: true, force: true });
    },
    kill: () => end("SIGKILL"),
    async restart() {
      await end("SIGTERM");
      await mkdir(socketFolder, { recursive: true, mode: 0o700 });
      const again = await launch({ ...base, port: first.port });
      if (!again) throw startFailed(options.name, `port ${first.port} was taken meanwhile`, logFile);
      child = again;
    },
  };
}

/** The directory itself, unless its path is too long for a Unix socket. */
async function privateSocketFolder(directory: string): Promise<string> {
  const fits = Buffer.byteLength(join(directory, "server.sock")) <= SOCKET_PATH_BYTES;
  return fits ? directory : mkdtemp(join(tmpdir(), "understudy-"));
}

/** Launches on the wanted port, or on free ones until no other program has taken it. */
async function onFreePort(
  wanted: number | undefined,
  launch: (port: number) => Promise<ChildProcess | undefined>,
): Promise<{ child: ChildProcess; port: number }> {
  for (let attempt = 1; ; attempt++) {
    const port = wanted ?? (await freePort());
    const child = await launch(port);
    if (child) return { child, port };
    if (wanted !== undefined || attempt === PORT_ATTEMPTS) {
      throw new FatalError(
        "MYSQL_PORT_TAKEN",
        `Port ${port} on 127.0.0.1 is taken by another program. Choose another port.`,
      );
    }
  }
}

interface Launch {
  readonly name: string;
  readonly binary: ServerBinary;
  readonly flags?: readonly string[];
  readonly place: ServerPlace;
  readonly logFile: string;
  readonly admin: ConnectionOptions;
}

/** One attempt. Resolves with the process once it answers queries, with nothing when its port was taken. */
async function launchAndWait({
  name,
  binary,
  flags = [],
  place,
  logFile,
  admin,
}: Launch): Promise<ChildProcess | undefined> {
  const log = await open(logFile, "w", 0o600);
  const child = spawn(binary.path, runFlags(binary, place, flags), {
    stdio: ["ignore", log.fd, log.fd],
    detached: true, // Ctrl-C on a terminal goes to the whole process group; we end it in order instead
  });
  child.once("error", () => undefined); // told apart below: no pid, or an exit code
  await log.close();
  dieTogether(child);
  for (const deadline = Date.now() + START_TIMEOUT_MS; Date.now() < deadline; await sleep(25)) {
    if (child.pid === undefined) throw startFailed(name, `\`${binary.path}\` does not run`, logFile);
    if (child.exitCode !== null || child.signalCode !== null) {
      if (/address already in use|port is already in use/i.test(await readFile(logFile, "utf8"))) return undefined;
      throw startFailed(name, "it ended at once", logFile);
    }
    if (await answers(admin)) return child;
  }
  await stopChild(child, "SIGKILL");
  throw startFailed(name, `it did not answer within ${START_TIMEOUT_MS / 1000} s`, logFile);
}

async function answers(admin: ConnectionOptions): Promise<boolean> {
  try {
    const connection = await createConnection(admin);
    await connection.query("SELECT 1");
    await connection.end();
    return true;
  } catch {
    return false;
  }
}

function startFailed(name: string, why: string, logFile: string): FatalError {
  return new FatalError("MYSQL_START_FAILED", `The ${name} server did not start: ${why}. Its log is \`${logFile}\`.`);
}
