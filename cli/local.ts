// `npm run local`: one whole sync on three real MySQL servers with a sample shop, from an empty folder to the report.
import { readFile, writeFile } from "node:fs/promises";
import { constants } from "node:os";
import { relative, resolve } from "node:path";
import { parseArgs } from "node:util";
import { parseServersContract } from "../contracts/parse-sync-contract.ts";
import { reportOf, type RunReport } from "../contracts/report.ts";
import type { ServersContract } from "../contracts/sync-contract.ts";
import { ROLES, type Sample, startSample } from "../deploy/local/sample/start-sample.ts";
import { ensureServer } from "../deploy/local/servers/install-server.ts";
import { openWorld, type World } from "../deploy/world.ts";
import { SyncRequested } from "../events/index.ts";
import { newRunId } from "../events/run-id.ts";
import { UsageError } from "./arguments.ts";
import { failureOf, failureText } from "./failure.ts";
import { followRun } from "./follow.ts";
import { openLog } from "./log.ts";
import { formatCount, formatSeconds } from "./render/format.ts";
import { openView } from "./render/view.ts";
import { reportText } from "./report-text.ts";
import { showResult } from "./sample-result.ts";

const HELP = `npm run local -- [options]

Starts three MySQL servers, fills "production" and "staging" with a sample shop, runs one sync and shows the result.
Everything is in .understudy/sample; nothing keeps running afterwards.

  --rows N       rows in production's big tables together (default 50000)
  --seed S       another number makes another shop (default 1)
  --keep         leave the servers up until Ctrl-C, and print how to connect
  --report FILE  write the run's report as JSON
  --help         print this`;

const DIRECTORY = ".understudy/sample";
const started = Date.now();

const interrupt = new AbortController();
for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(name, () => {
    // The first stops what runs, in order; who asks again does not want to wait for that.
    if (interrupt.signal.aborted) process.exit(128 + constants.signals[name]);
    process.exitCode = 128 + constants.signals[name];
    interrupt.abort();
  });
}

try {
  await main();
} catch (error) {
  if (!interrupt.signal.aborted) {
    const text =
      error instanceof UsageError
        ? `${error.message}\n\`npm run local -- --help\` tells what there is.`
        : failureText(error);
    process.stderr.write(`${text}\n`);
    process.exitCode = failureOf(error).exitCode;
  }
}
// Whatever a server or a tool has left open must not keep the command from ending.
process.exit();

async function main(): Promise<void> {
  const options = readOptions();
  if (!options) return say(HELP);
  const sample = await prepare(options);
  try {
    const contract = parseServersContract(await readFile(sample.contractFile, "utf8"), sample.contractFile);
    const report = await sync(contract, sample);
    if (!report || interrupt.signal.aborted) return say("\nInterrupted: the servers and what ran on them are stopped.");
    say(`\n${reportText(report)}`);
    if (options.report !== undefined) await writeFile(options.report, `${JSON.stringify(report, null, 2)}\n`);
    if (report.status !== "synced") process.exitCode = 1;
    else say(`\n${await showResult(sample, contract)}`);
    const peakMb = Math.round(process.resourceUsage().maxRSS / 1000);
    say(`\nThe whole took ${formatSeconds((Date.now() - started) / 1000)}; this process used ${peakMb} MB at most.`);
    if (options.keep) await keepUp(sample, contract);
  } finally {
    await sample.stop();
  }
}

interface LocalOptions {
  readonly rows: number;
  readonly seed: number;
  readonly keep: boolean;
  readonly report: string | undefined;
}

/** Undefined when help is asked for. Throws UsageError. */
function readOptions(): LocalOptions | undefined {
  try {
    const { values } = parseArgs({
      options: {
        rows: { type: "string", default: "50000" },
        seed: { type: "string", default: "1" },
        keep: { type: "boolean", default: false },
        report: { type: "string" },
        help: { type: "boolean", default: false },
      },
    });
    if (values.help) return undefined;
    const { keep, report } = values;
    return { rows: whole("rows", values.rows, 1), seed: whole("seed", values.seed, 0), keep, report };
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError((error as Error).message);
  }
}

function whole(name: string, text: string, least: number): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= least) return value;
  throw new UsageError(`\`--${name}\` takes a whole number from ${least}.`);
}

async function prepare({ rows, seed }: LocalOptions): Promise<Sample> {
  say("Understudy: one whole sync on this machine, in .understudy/sample.");
  const binary = await ensureServer(say);
  interrupt.signal.throwIfAborted();
  const begun = Date.now();
  say(`Starting three servers and filling production with about ${formatCount(rows)} rows.`);
  const sample = await startSample({ binary, directory: resolve(DIRECTORY), rows, seed });
  const kind = `${binary.flavour === "mariadb" ? "MariaDB" : "MySQL"} ${binary.version}`;
  const ports = ROLES.map((role) => `${role} :${sample.servers[role].port}`).join(", ");
  say(`Three servers (${kind}): ${ports}.`);
  say(
    `Production has ${formatCount(sample.productionRows)} rows, staging a few old ones and three demo companies (${formatSeconds((Date.now() - begun) / 1000)}).\n`,
  );
  return sample;
}

/** Requests a sync, works on it and follows it; undefined when it was interrupted before it began. */
async function sync(contract: ServersContract, sample: Sample): Promise<RunReport | undefined> {
  interrupt.signal.throwIfAborted();
  const baseDirectory = resolve(DIRECTORY);
  const { pipeline } = contract;
  const log = openLog({
    destination: "file",
    file: undefined,
    workingDirectory: baseDirectory,
    baseDirectory,
    pipeline,
  });
  const environment = { ...process.env, ...sample.environment };
  const world = await openWorld(contract, { baseDirectory, environment, log });
  try {
    return await requestAndFollow(world, pipeline);
  } finally {
    await world.close();
  }
}

async function requestAndFollow(world: World, pipeline: string): Promise<RunReport | undefined> {
  const { runs, clock, bus } = world.platform;
  const runId = newRunId(clock.now());
  await bus.publish(SyncRequested.create({ pipeline, runId, requestedBy: "npm run local" }));
  world.work?.start();
  const view = openView(process.stderr, process.env);
  const run = await followRun({ runs, clock, runId, view, signal: interrupt.signal });
  return run && reportOf(run, clock.now());
}

/** Waits for Ctrl-C, with the servers up. */
async function keepUp({ contractFile, servers }: Sample, { staging, production }: ServersContract): Promise<void> {
  const file = relative(".", contractFile);
  const client = (role: "production" | "staging", database: string) =>
    `  MYSQL_PWD=$${role.toUpperCase()}_PASSWORD mysql -h 127.0.0.1 -P ${servers[role].port} -u understudy ${database}`;
  say(
    [
      "\nThe servers stay up until Ctrl-C. In another terminal:",
      `  . ${relative(".", resolve(DIRECTORY, "secrets.env"))}`,
      client("production", production.database),
      client("staging", staging.database),
      `  npx understudy runs --contract ${file}`,
      `  npx understudy sync --contract ${file}`,
      "Or write a contract of your own for this shop (docs/first-contract.md):",
      `  npx understudy classify --server 127.0.0.1:${servers.production.port} --user understudy --password env:PRODUCTION_PASSWORD --database ${production.database} --samples`,
    ].join("\n"),
  );
  const hold = setInterval(() => undefined, 60_000);
  await new Promise<void>((resolveAtEnd) => {
    if (interrupt.signal.aborted) resolveAtEnd();
    interrupt.signal.addEventListener("abort", () => resolveAtEnd());
  });
  clearInterval(hold);
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
