// `npm test [-- FILE…]`: starts real servers, runs node's own test runner against them, stops them.
// `npm run test:gcp`: the same for the gcp world's tests alone; fails where Google's emulators are missing.
import { spawn } from "node:child_process";
import { mkdir, rm } from "node:fs/promises";
import { availableParallelism, constants } from "node:os";
import { join } from "node:path";
import { startEmulators } from "./gcp/emulators.ts";
import { removeDeadRuns, runDirectory, startServers } from "./support/start-servers.ts";
import { findTestFiles, needsEmulators } from "./support/test-files.ts";

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
const say = (sentence: string) => void process.stderr.write(`${sentence}\n`);

/** Arguments under which a test that cannot run is a failure. */
const REQUIRING = ["--gcp", "--require-emulators"];

type Environment = Readonly<Record<string, string>>;

process.exitCode = await main(process.argv.slice(2));

async function main(args: string[]): Promise<number> {
  // A signal ends the tests, or keeps them from starting; the servers are stopped in any case.
  let interrupted: (typeof SIGNALS)[number] | undefined;
  for (const signal of SIGNALS) process.on(signal, () => (interrupted ??= signal));
  const { files, named, options } = findTestFiles(args);
  if (files.length === 0) throw new Error("No such test files.");
  const onEmulators = new Set(files.filter((path) => needsEmulators(path)));
  await removeDeadRuns();
  const directory = runDirectory();
  await mkdir(directory, { mode: 0o700 });
  await using cleanup = new AsyncDisposableStack();
  cleanup.defer(() => rm(directory, { recursive: true, force: true }));
  const [servers, emulators] = await Promise.all([
    mysqlServers(directory, cleanup),
    onEmulators.size > 0 ? googleEmulators(directory, cleanup) : {},
  ]);
  let runnable = files;
  if (emulators instanceof Error) {
    say(`Google's emulators: ${emulators.message}. Not tested: the ${onEmulators.size} test files that need them.`);
    if (named || args.some((arg) => REQUIRING.includes(arg))) return 1; // they were asked for
    runnable = files.filter((path) => !onEmulators.has(path));
  }
  if (interrupted) return 128 + constants.signals[interrupted];
  return await runTests([...options, ...runnable], { ...servers, ...emulators, UNDERSTUDY_TEST_DIRECTORY: directory });
}

async function mysqlServers(directory: string, cleanup: AsyncDisposableStack): Promise<Environment> {
  const given = process.env["UNDERSTUDY_TEST_SERVERS"];
  if (given) return { UNDERSTUDY_TEST_SERVERS: given };
  const { servers, missing, stop } = await startServers(directory, say);
  cleanup.defer(stop);
  say(
    `Testing on ${servers.map(({ name }) => name).join(", ")}${missing.length > 0 ? `; not on ${missing.join(", ")}` : ""}.`,
  );
  return { UNDERSTUDY_TEST_SERVERS: JSON.stringify(servers) };
}

/** The emulators' addresses, or the Error that says why there are none. */
async function googleEmulators(directory: string, cleanup: AsyncDisposableStack): Promise<Environment | Error> {
  try {
    const { environment, stop } = await startEmulators(directory);
    cleanup.defer(stop);
    return environment;
  } catch (error) {
    return error as Error;
  }
}

/** Runs node's test runner on files, and passes its exit code on. */
async function runTests(args: readonly string[], environment: Environment): Promise<number> {
  const child = spawn(
    process.execPath,
    [
      "--disable-warning=ExperimentalWarning",
      "--test",
      "--test-reporter=spec",
      // Tests wait for leases and servers a good part of their time.
      `--test-concurrency=${availableParallelism() + 2}`,
      ...args,
    ],
    {
      stdio: "inherit",
      env: {
        ...process.env,
        ...environment,
        // Hundreds of processes load the same modules.
        NODE_COMPILE_CACHE: join(environment["UNDERSTUDY_TEST_DIRECTORY"] ?? "", "compile-cache"),
      },
    },
  );
  for (const signal of SIGNALS) process.on(signal, () => child.kill(signal));
  return new Promise((done, fail) => {
    child.on("error", fail);
    child.on("exit", (code, signal) => done(code ?? 128 + constants.signals[signal ?? "SIGTERM"]));
  });
}
