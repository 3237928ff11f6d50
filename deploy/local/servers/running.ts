// The servers that this process runs: they must not outlive it. And those that a killed process left behind.
import type { ChildProcess } from "node:child_process";
import { execFile } from "node:child_process";
import { readFile, rm } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { FatalError } from "../../../contracts/errors.ts";

const children = new Set<ChildProcess>();
let watching = false;

/** Ties a server to this process: it is told to shut down when the process exits, by whatever way but SIGKILL. */
export function dieTogether(child: ChildProcess): void {
  children.add(child);
  child.once("exit", () => children.delete(child));
  if (watching) return;
  watching = true;
  process.on("exit", stopAll); // also reached by an uncaught error
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, function stopAndDie() {
      // Where the program listens too, it cleans up in its own way and exits; else we are all there is.
      if (process.listenerCount(signal) > 1) return;
      stopAll();
      process.removeListener(signal, stopAndDie);
      process.kill(process.pid, signal);
    });
  }
}

function stopAll(): void {
  for (const child of children) child.kill("SIGTERM");
}

/** How long a server may take to shut down; its data is a sample's, so then it is killed. */
const SHUTDOWN_MS = 15_000;

/** Stops a server that this process started: SIGTERM, then SIGKILL. Resolves when it is gone. */
export async function stopChild(child: ChildProcess, signal: "SIGTERM" | "SIGKILL"): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  child.kill(signal);
  const deadline = new AbortController();
  const overdue = sleep(SHUTDOWN_MS, undefined, { signal: deadline.signal }).then(
    () => child.kill("SIGKILL"),
    () => undefined,
  );
  await gone;
  deadline.abort();
  await overdue;
}

/**
 * Stops the server that a killed process left running in a directory.
 *
 * @param pidFile the file that the server itself wrote; the process is touched only if its command line names this file.
 * @returns whether there was one.
 * @throws FatalError MYSQL_LEFTOVER when it does not go away.
 */
export async function stopLeftover(pidFile: string): Promise<boolean> {
  const pid = Number(await readFile(pidFile, "utf8").catch(() => ""));
  if (!Number.isInteger(pid) || pid <= 1) return false;
  if (!(await isServer(pid, pidFile))) {
    await rm(pidFile, { force: true });
    return false;
  }
  send(pid, "SIGTERM");
  for (let waited = 0; waited < SHUTDOWN_MS + 5_000; waited += 50) {
    if (!(await isServer(pid, pidFile))) return true;
    if (waited === SHUTDOWN_MS) send(pid, "SIGKILL");
    await sleep(50);
  }
  throw new FatalError(
    "MYSQL_LEFTOVER",
    `The server of an earlier run, process ${pid}, holds \`${pidFile}\` and does not stop. End it, then start again.`,
  );
}

/** Sends a signal to a process that may be gone by now. */
function send(pid: number, name: "SIGTERM" | "SIGKILL"): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}

/** Pids are used again: only a process that was started with this very pid file is ours. */
async function isServer(pid: number, pidFile: string): Promise<boolean> {
  const command =
    process.platform === "linux"
      ? (await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")).replaceAll("\0", " ")
      : await promisify(execFile)("ps", ["-ww", "-o", "command=", "-p", String(pid)]).then(
          ({ stdout }) => stdout,
          () => "",
        );
  return command.includes(`--pid-file=${pidFile} `) || command.trimEnd().endsWith(`--pid-file=${pidFile}`);
}
