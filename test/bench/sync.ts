// A whole sync against what one would type: dump and load, one UPDATE a column, dump and load; and the same unmasked.
import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { createConnection, type Connection } from "mysql2/promise";
import pino from "pino";
import { parseServersContract } from "../../contracts/parse-sync-contract.ts";
import { createAccount } from "../../deploy/local/servers/accounts.ts";
import { findTools } from "../../deploy/local/sql-admin/tools.ts";
import { openLocalWorld } from "../../deploy/local/world.ts";
import { SyncRequested } from "../../events/index.ts";
import { newRunId } from "../../events/run-id.ts";
import { planMasking } from "../../handlers/masking/index.ts";
import { setKey } from "../../handlers/masking/keyed.ts";
import { updateStatement } from "../../handlers/masking/mask-chunk.ts";
import { maskedColumns } from "../../handlers/masking/plan.ts";
import { readSchema } from "../../handlers/mysql/schema.ts";
import { openWriteSession } from "../../handlers/mysql/session.ts";
import { ROLES, type Role } from "../support/sample-servers.ts";
import { connectionOptions, type TestServer } from "../support/servers.ts";
import { addDemo, createTables, fillTables, MASKING } from "./shop.ts";
import { watchReaders } from "./watch-readers.ts";
import { type Timeline, watchRun } from "./watch-run.ts";

export type Servers = Readonly<Record<Role, TestServer>>;

/** Seconds of the plain way's parts. */
export interface PlainSync {
  readonly seconds: number;
  readonly toReplica: number;
  /** 0 where nothing is masked. */
  readonly masking: number;
  readonly toStaging: number;
  /** The longest time for which staging's readers did not see all of its rows. */
  readonly outageSeconds: number;
}

export interface SyncFigures {
  readonly server: string;
  readonly version: string;
  readonly cores: number;
  readonly rows: number;
  readonly unmasked: PlainSync;
  readonly plain: PlainSync;
  readonly pipeline: Timeline & { readonly seconds: number; readonly outageSeconds: number };
  readonly timesThePlain: number;
  readonly timesTheUnmasked: number;
}

const DATABASES: Readonly<Record<Role, string>> = { production: "shop", replica: "shop", staging: "shop_staging" };
const KEY = randomBytes(32);
/** A stage's steps are seen by what it stores of its progress. */
const STEP_MS = 50;
const RUNNER = join(import.meta.dirname, "../../deploy/local/sql-admin/run-operation.ts");
const execute = promisify(execFile);

/** Measures three servers of one kind; `directory` is for the pipeline's state and dumps. */
export async function benchSync(
  servers: Servers,
  directory: string,
  rows: number,
  say: (sentence: string) => void,
): Promise<SyncFigures> {
  const { name, version } = servers.production;
  const tell = (what: string) => say(`${name}: ${what}.`);
  tell(`making ${rows.toLocaleString("en")} rows`);
  await onServer(servers.production, DATABASES.production, async (connection) => {
    await createTables(connection);
    await fillTables(connection, rows);
  });
  await onServer(servers.staging, DATABASES.staging, createTables);
  tell("dump and load, dump and load");
  await plainSync(servers, false); // staging is full from here on, as after any other night
  const unmasked = await plainSync(servers, false);
  tell("the same with one UPDATE a column");
  const plain = await plainSync(servers, true);
  await onServer(servers.staging, DATABASES.staging, addDemo);
  await onServer(servers.replica, DATABASES.replica, (connection) =>
    connection.query(`DROP DATABASE ${DATABASES.replica}`),
  );
  tell("the pipeline");
  const pipeline = await pipelineSync(servers, directory);
  return {
    ...{ server: name, version, cores: availableParallelism(), rows, unmasked, plain, pipeline },
    timesThePlain: pipeline.seconds / plain.seconds,
    timesTheUnmasked: pipeline.seconds / unmasked.seconds,
  };
}

async function plainSync(servers: Servers, isMasked: boolean): Promise<PlainSync> {
  const started = performance.now();
  await copy(servers, "production", "replica");
  const loaded = performance.now();
  if (isMasked) await maskPlainly(servers.replica);
  const masked = performance.now();
  const readers = await watchReaders(servers.staging, DATABASES.staging);
  await copy(servers, "replica", "staging");
  const ended = performance.now();
  return {
    seconds: (ended - started) / 1000,
    toReplica: (loaded - started) / 1000,
    masking: (masked - loaded) / 1000,
    toStaging: (ended - masked) / 1000,
    outageSeconds: await readers.stop(),
  };
}

/** `mysqldump | mysql`, with the tools of the server's own kind. */
async function copy(servers: Servers, from: Role, to: Role): Promise<void> {
  const { flavour } = servers.production;
  const [[dump], [client]] = [await findTools("dump", flavour), await findTools("client", flavour)];
  if (!dump || !client) throw new Error("There is no dump tool.");
  await onServer(servers[to], DATABASES[to], () => Promise.resolve());
  const address = ({ host, port, user }: TestServer) => `--no-defaults --host=${host} --port=${port} --user=${user}`;
  const options = `--single-transaction --quick ${dump.flavour === "mysql" ? "--set-gtid-purged=OFF" : ""}`;
  await execute("sh", [
    "-c",
    `"${dump.path}" ${address(servers[from])} ${options} ${DATABASES[from]} | "${client.path}" ${address(servers[to])} ${DATABASES[to]}`,
  ]);
}

async function maskPlainly({ host, port, user, password }: TestServer): Promise<void> {
  const session = await openWriteSession("replica", { host, port, user, password });
  try {
    await setKey(session, KEY);
    const { masking } = contractOf({ host, port });
    const plan = planMasking(masking, await readSchema(session, DATABASES.replica));
    for (const table of plan.tables) {
      for (const column of maskedColumns(table)) {
        await session.run(
          updateStatement(DATABASES.replica, { ...table, columns: [column] }, { low: null, high: null }),
        );
      }
    }
  } finally {
    await session.close();
  }
}

type Address = Pick<TestServer, "host" | "port">;

function contractText(addresses: Readonly<Record<Role, Address>>): string {
  const line = (role: Role) =>
    `${role}: { host: ${addresses[role].host}, port: ${addresses[role].port}, user: understudy, password: env:SYNC_PASSWORD, database: ${DATABASES[role]} }`;
  return `pipeline: bench\n${ROLES.map(line).join("\n")}\ndumps: dumps\nmasking:\n  key: env:SYNC_KEY\n  tables:${MASKING}\npreserve:\n  - { table: companies, where: is_demo = 1 }\n`;
}

/** For its masking rules alone. */
function contractOf({ host, port }: Address) {
  const at = (offset: number) => ({ host, port: port + offset });
  return parseServersContract(contractText({ production: at(0), replica: at(1), staging: at(2) }), "sync.yaml");
}

async function pipelineSync(servers: Servers, directory: string): Promise<SyncFigures["pipeline"]> {
  const password = randomBytes(12).toString("hex");
  for (const role of ROLES) {
    await onServer(servers[role], undefined, (root) =>
      createAccount(root, { user: "understudy", password, role, database: DATABASES[role] }),
    );
  }
  const text = contractText(servers);
  const file = join(directory, "sync.yaml");
  await writeFile(file, text);
  const compiled = { NODE_COMPILE_CACHE: join(directory, "compile-cache") };
  await compileRunner(compiled);
  const world = await openLocalWorld(parseServersContract(text, file), {
    baseDirectory: directory,
    environment: { ...process.env, ...compiled, SYNC_PASSWORD: password, SYNC_KEY: KEY.toString("hex") },
    log: pino({ level: "silent" }),
    settings: { heartbeatMs: STEP_MS },
  });
  try {
    world.work?.start();
    const readers = await watchReaders(servers.staging, DATABASES.staging);
    const runId = newRunId(new Date());
    const started = performance.now();
    await world.platform.bus.publish(SyncRequested.create({ pipeline: "bench", runId, requestedBy: "bench" }));
    const timeline = await watchRun(world.platform, runId, servers);
    const seconds = (performance.now() - started) / 1000;
    return { ...timeline, seconds, outageSeconds: await readers.stop() };
  } finally {
    await world.close();
  }
}

/** As after any other night: only the first run in a folder waits half a second until an operation's process is compiled. */
async function compileRunner(environment: Readonly<Record<string, string>>): Promise<void> {
  const running = execute(process.execPath, [RUNNER], { env: { ...process.env, ...environment } });
  running.child.stdin?.end(); // it gets no job, and ends
  await running.catch(() => undefined);
}

/** @param database the connection's own, made where it is not there */
async function onServer(
  server: TestServer,
  database: string | undefined,
  use: (connection: Connection) => Promise<unknown>,
): Promise<void> {
  const connection = await createConnection(connectionOptions(server));
  try {
    if (database !== undefined) {
      await connection.query(`CREATE DATABASE IF NOT EXISTS ${database} CHARACTER SET utf8mb4`);
      await connection.query(`USE ${database}`);
    }
    await use(connection);
  } finally {
    await connection.end();
  }
}
