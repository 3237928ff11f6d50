// A whole pipeline for a test: three servers of its own, the sample shop in them, and the local world on top.
import { randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import pino from "pino";
import { parseServersContract } from "../../contracts/parse-sync-contract.ts";
import type { Run } from "../../contracts/run.ts";
import type { ServersContract } from "../../contracts/sync-contract.ts";
import { sampleContract } from "../../deploy/local/sample/contract.ts";
import { schemaFlavour } from "../../deploy/local/sample/schema.ts";
import type { LocalServer } from "../../deploy/local/servers/start-server.ts";
import { createAccount } from "../../deploy/local/servers/accounts.ts";
import { openLocalWorld, type LocalWorldOptions } from "../../deploy/local/world.ts";
import { SyncRequested } from "../../events/index.ts";
import { newRunId } from "../../events/run-id.ts";
import type { StageSettings } from "../../handlers/stage.ts";
import { afterTest } from "./cleanup.ts";
import {
  asRoot,
  DATABASES,
  emptyDatabases,
  fillSample,
  type Query,
  queryOn,
  type Role,
  ROLES,
  type SampleOptions,
  startThree,
  testServersOf,
} from "./sample-servers.ts";
import type { TestServer } from "./servers.ts";

export { DATABASES, type Role, ROLES, stagingDigests } from "./sample-servers.ts";

/** Short waits, so that a test of what goes wrong does not take minutes. */
export const BUS_SETTINGS = { minBackoffMs: 50, maxBackoffMs: 500, leaseMs: 1_000, pollMs: 100, maxAttempts: 5 };
export const STAGE_SETTINGS: StageSettings = { budgetMs: 60_000, leaseMs: 1_000, heartbeatMs: 250 };

export interface PipelineOptions extends SampleOptions {
  /** Servers to use, of any kind; three of the main kind are started where they are not given. */
  readonly servers?: Readonly<Record<Role, TestServer>>;
  /** Leaves databases, data and accounts on `servers` as they are. */
  readonly keep?: boolean;
  /** Fills the role's database, which is there and empty, with something else than the sample. */
  readonly fill?: (server: TestServer, role: Role, database: string) => Promise<void>;
  /** Changes the sample's contract before it is parsed. */
  readonly edit?: (text: string) => string | Promise<string>;
  /** SQL files of `after`, by name; written beside the contract. */
  readonly scripts?: Readonly<Record<string, string>>;
}

export interface Pipeline {
  readonly directory: string;
  readonly contractFile: string;
  readonly contract: ServersContract;
  readonly environment: Record<string, string>;
  readonly servers: Readonly<Record<Role, TestServer>>;
  /** The server processes, where the test started them: to kill and to restart. */
  readonly processes: Readonly<Record<Role, LocalServer>> | undefined;
  readonly query: Query;
  /** Opens the local world in this process; closed after the test. */
  open(options?: Partial<LocalWorldOptions>): ReturnType<typeof openLocalWorld>;
}

/** Starts servers, fills the sample and writes its contract. */
export async function openPipeline(t: TestContext, options: PipelineOptions = {}): Promise<Pipeline> {
  const processes = options.servers ? undefined : await startThree(t);
  const servers = options.servers ?? testServersOf(processes!);
  const directory = await mkdtemp(join(process.env["UNDERSTUDY_TEST_DIRECTORY"] ?? tmpdir(), "pipeline-"));
  afterTest(t, () => rm(directory, { recursive: true, force: true }));
  const environment = { ...process.env, UNDERSTUDY_MASKING_KEY: randomBytes(32).toString("hex") } as Record<
    string,
    string
  >;
  for (const role of options.keep ? [] : ROLES)
    environment[`${role.toUpperCase()}_PASSWORD`] = await prepare(servers[role], role, options);
  const instance = (role: Role) => ({
    host: servers[role].host,
    port: servers[role].port,
    user: "understudy",
    database: DATABASES[role],
  });
  const sample = await sampleContract({
    ...{ production: instance("production"), replica: instance("replica"), staging: instance("staging") },
    dumps: "dumps",
    hasJson: hasJson(servers, options),
  });
  const text = (await options.edit?.(sample)) ?? sample;
  const contractFile = join(directory, "sync.yaml");
  await writeFile(contractFile, text);
  const scripts = Object.entries(options.scripts ?? {});
  for (const [name, sql] of scripts) await writeFile(join(directory, name), sql);
  const contract = parseServersContract(text, contractFile, new Map(scripts));
  return {
    ...{ directory, contractFile, contract, environment, servers, processes },
    query: queryOn(servers),
    async open(more = {}) {
      const world = await openLocalWorld(contract, {
        baseDirectory: directory,
        environment,
        log: testLog(directory),
        settings: STAGE_SETTINGS,
        platformSettings: { bus: BUS_SETTINGS },
        ...more,
      });
      afterTest(t, () => world.close());
      return world;
    },
  };
}

/** MySQL takes MariaDB's JSON for the checked text that it is there, and 5.6 has none. */
function hasJson({ production, replica }: Readonly<Record<Role, TestServer>>, { schema }: PipelineOptions): boolean {
  const isModern = [production, replica].every(({ version }) => (schema ?? schemaFlavour(version)) === "modern");
  return isModern && production.flavour === replica.flavour;
}

export type LocalWorld = Awaited<ReturnType<Pipeline["open"]>>;

/** Requests a sync; the run's id. */
export async function requestSync({ platform }: Pick<LocalWorld, "platform">, pipeline = "shop"): Promise<string> {
  const runId = newRunId(new Date());
  await platform.bus.publish(SyncRequested.create({ pipeline, runId, requestedBy: "test" }));
  return runId;
}

/** A run takes seconds on an idle machine; what is waited for comes, or it never does. */
const WAIT_MS = 600_000;

/** Waits until the run is as wished; fails with the run's document when it is not in time. */
export async function waitForRun(
  { platform }: Pick<LocalWorld, "platform">,
  runId: string,
  wished: (run: Run) => boolean = (run) => run.status !== "running",
  timeoutMs = WAIT_MS,
): Promise<Run> {
  const end = Date.now() + timeoutMs;
  for (;;) {
    const run = await platform.runs.get(runId);
    if (run && wished(run)) return run;
    if (Date.now() > end) throw new Error(`Run ${runId} is not as wished in time: ${JSON.stringify(run, null, 1)}`);
    await sleep(50);
  }
}

/** What the pipeline logged in this test, as one text: for assertions about what must not be in it. */
export async function readLog(directory: string): Promise<string> {
  return readFile(join(directory, "log"), "utf8").catch(() => "");
}

/** A log in the pipeline's directory, written at once so that a killed process loses nothing. */
export function testLog(directory: string): pino.Logger {
  return pino({ level: "debug" }, pino.destination({ dest: join(directory, "log"), sync: true, mkdir: true }));
}

/** Fills the role's databases and creates the account; gives its password. */
async function prepare(server: TestServer, role: Role, options: PipelineOptions): Promise<string> {
  const password = randomBytes(12).toString("hex");
  const account = { user: "understudy", password, role, database: DATABASES[role] };
  if (options.fill) {
    await emptyDatabases(server, role);
    await options.fill(server, role, DATABASES[role]);
  } else await fillSample(server, role, options);
  await asRoot(server, (root) => createAccount(root, account));
  return password;
}
