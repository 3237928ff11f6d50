// `npm test [-- FILE…]`: starts real servers, runs node's own test runner against them, stops them.
import { spawn } from "node:child_process";
import { mkdir, rm } from "node:fs/promises";
import { availableParallelism, constants } from "node:os";
import { join, resolve } from "node:path";
import { removeDeadRuns, runDirectory, startServers } from "./support/start-servers.ts";

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
const root = resolve(import.meta.dirname, "..");
const say = (sentence: string) => void process.stderr.write(`${sentence}\n`);

process.exitCode = await main(process.argv.slice(2));

async function main(args: string[]): Promise<number> {
  // A signal ends the tests, or keeps them from starting; the servers are stopped in any case.
  let interrupted: (typeof SIGNALS)[number] | undefined;
  for (const signal of SIGNALS) process.on(signal, () => (interrupted ??= signal));
  await removeDeadRuns();
  const directory = runDirectory();
  await mkdir(directory, { mode: 0o700 });
  const given = process.env["UNDERSTUDY_TEST_SERVERS"];
  try {
    if (given) return await runTests(args, given, directory);
    const started = await startServers(directory, say);
    try {
      const { servers, missing } = started;
      say(
        `Testing on ${servers.map(({ name }) => name).join(", ")}${missing.length > 0 ? `; not on ${missing.join(", ")}` : ""}.`,
      );
      if (interrupted) return 128 + constants.signals[interrupted];
      return await runTests(args, JSON.stringify(servers), directory);
    } finally {
      await started.stop();
    }
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** Runs node's test runner on the given files, or on all, and passes its exit code on. Options for it pass through. */
async function runTests(args: readonly string[], servers: string, directory: string): Promise<number> {
  const options = args.filter((arg) => arg.startsWith("-"));
  const files = args.filter((arg) => !arg.startsWith("-"));
  const child = spawn(
    process.execPath,
    [
      "--disable-warning=ExperimentalWarning",
      "--test",
      "--test-reporter=spec",
      // Tests wait for leases and servers a good part of their time.
      `--test-concurrency=${availableParallelism() + 2}`,
      ...options,
      ...(files.length > 0 ? files : [`${root}/test/**/*.test.ts`]),
    ],
    {
      stdio: "inherit",
      env: {
        ...process.env,
        UNDERSTUDY_TEST_SERVERS: servers,
        UNDERSTUDY_TEST_DIRECTORY: directory,
        // Hundreds of processes load the same modules.
        NODE_COMPILE_CACHE: join(directory, "compile-cache"),
      },
    },
  );
  for (const signal of SIGNALS) process.on(signal, () => child.kill(signal));
  return new Promise((done, fail) => {
    child.on("error", fail);
    child.on("exit", (code, signal) => done(code ?? 128 + constants.signals[signal ?? "SIGTERM"]));
  });
}
