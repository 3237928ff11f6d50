// Starts processes that a test kills.
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import type { TestContext } from "node:test";
import { afterTest } from "../../support/cleanup.ts";

export interface Victim {
  readonly pid: number;
  /** The lines that it has written so far. */
  readonly lines: string[];
  /** SIGKILL; resolves when it is gone and all that it wrote is in `lines`. */
  kill(): Promise<void>;
}

/** Runs process.ts in a process of its own; killed after the test at the latest. */
export function startVictim(t: TestContext, folder: string, verb: string, given: object = {}): Victim {
  const child: ChildProcessByStdio<null, Readable, null> = spawn(
    process.execPath,
    ["--disable-warning=ExperimentalWarning", `${import.meta.dirname}/process.ts`, folder, verb, JSON.stringify(given)],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  const lines: string[] = [];
  createInterface(child.stdout).on("line", (line) => lines.push(line));
  const closed = once(child, "close");
  async function kill(): Promise<void> {
    child.kill("SIGKILL");
    await closed;
  }
  afterTest(t, kill);
  return { pid: child.pid ?? 0, lines, kill };
}
