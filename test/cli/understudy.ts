// The program as an operator starts it: a process of its own.
import { spawn, type ChildProcess } from "node:child_process";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { afterTest } from "../support/cleanup.ts";

const PROGRAM = join(import.meta.dirname, "../../cli/understudy.ts");

export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Started {
  readonly child: ChildProcess;
  readonly ended: Promise<Outcome>;
  /** Resolves when standard error has these words; rejects when the program ends without. */
  stderr(words: string): Promise<void>;
}

export interface Place {
  readonly directory: string;
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

/** Starts `understudy WORDS` in a directory; killed after the test where it still runs. */
export function start(t: TestContext, words: string, { directory, environment = {} }: Place): Started {
  const child = spawn(
    process.execPath,
    ["--disable-warning=ExperimentalWarning", PROGRAM, ...words.split(" ").filter(Boolean)],
    { cwd: directory, env: { PATH: process.env["PATH"], ...environment }, stdio: ["ignore", "pipe", "pipe"] },
  );
  const told = { stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => (told.stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (told.stderr += text));
  const ended = new Promise<Outcome>((resolve) => child.on("close", (code) => resolve({ code, ...told })));
  afterTest(t, async () => {
    child.kill("SIGKILL");
    await ended;
  });
  return {
    child,
    ended,
    stderr: (wanted) =>
      new Promise((resolve, reject) => {
        const look = () => told.stderr.includes(wanted) && resolve();
        child.stderr.on("data", look);
        child.on("close", () => reject(new Error(`The program ended and did not say \`${wanted}\`: ${told.stderr}`)));
        look();
      }),
  };
}

/** Runs `understudy WORDS` to its end. */
export function understudy(t: TestContext, words: string, place: Place): Promise<Outcome> {
  return start(t, words, place).ended;
}
