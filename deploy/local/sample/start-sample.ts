// The sample whole: three servers, "production" and "staging" filled, and a contract that names them.
import { randomBytes } from "node:crypto";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createUnderstudyAccount } from "../servers/accounts.ts";
import type { ServerBinary } from "../servers/find-server.ts";
import type { InstalledServer } from "../servers/install-server.ts";
import { stopLeftover } from "../servers/running.ts";
import { type LocalServer, startServer } from "../servers/start-server.ts";
import { sampleContract } from "./contract.ts";
import { fillProduction } from "./production.ts";
import { createSchema, schemaFlavour } from "./schema.ts";
import { fillStaging } from "./staging.ts";

/** The three instances' databases. Staging's has another name, as it mostly has: a dump's own USE would miss it. */
const DATABASES = { production: "shop", replica: "shop", staging: "shop_staging" } as const;
const USER = "understudy";

type Role = keyof typeof DATABASES;
export const ROLES = ["production", "replica", "staging"] as const;

export interface SampleOptions {
  readonly binary: InstalledServer;
  /** Everything of the sample is in it. What an earlier sample left there is removed. */
  readonly directory: string;
  readonly rows: number;
  readonly seed: number;
  readonly onProgress?: (written: number) => void;
}

export interface Sample {
  readonly contractFile: string;
  /** The contract's secrets, by the names that it gives them, and where the tools are. */
  readonly environment: Readonly<Record<string, string>>;
  readonly servers: Readonly<Record<Role, LocalServer>>;
  /** Rows written to production, over all tables. */
  readonly productionRows: number;
  stop(): Promise<void>;
}

/** Starts and fills the sample. Where a step fails, the servers that it started are stopped. */
export async function startSample(options: SampleOptions): Promise<Sample> {
  const { directory, binary } = options;
  const started: LocalServer[] = [];
  // A sample's data is worth nothing: no orderly shutdown is waited for.
  const stop = async (): Promise<void> => void (await Promise.all(started.map((server) => server.kill())));
  try {
    const servers = {} as Record<Role, LocalServer>;
    for (const name of ROLES) {
      const server = await startFresh(binary, name, join(directory, "servers", name));
      started.push(server);
      servers[name] = server;
    }
    const passwords = await makeAccounts(servers);
    const productionRows = await fill(servers, options);
    const environment = {
      ...passwords,
      UNDERSTUDY_MASKING_KEY: randomBytes(32).toString("hex"),
      UNDERSTUDY_MYSQL_BIN: binary.toolFolder,
    };
    const contractFile = await writeContract(directory, servers, environment);
    return { contractFile, environment, servers, productionRows, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startFresh(binary: ServerBinary, name: string, directory: string): Promise<LocalServer> {
  const templates = join(directory, "..", "templates");
  // What a killed process left running there.
  await stopLeftover(join(directory, "server.pid"));
  await rm(directory, { recursive: true, force: true });
  return startServer({ name, directory, binary, templates });
}

async function makeAccounts(servers: Record<Role, LocalServer>): Promise<Record<string, string>> {
  const passwords: Record<string, string> = {};
  for (const role of ROLES) {
    const { password } = await createUnderstudyAccount(servers[role], role, DATABASES[role]);
    passwords[`${role.toUpperCase()}_PASSWORD`] = password;
  }
  return passwords;
}

async function fill(servers: Record<Role, LocalServer>, options: SampleOptions): Promise<number> {
  for (const role of ["production", "staging"] as const) {
    const admin = await servers[role].connect();
    try {
      await admin.query(`CREATE DATABASE ${DATABASES[role]} CHARACTER SET utf8mb4`);
      await admin.query(`USE ${DATABASES[role]}`);
      await createSchema(admin, schemaFlavour(servers[role].binary.version));
    } finally {
      await admin.end();
    }
  }
  const { rows, seed, onProgress } = options;
  const into = (role: "production" | "staging") => ({ ...servers[role].admin, database: DATABASES[role] });
  await fillStaging(into("staging"), { seed });
  const written = await fillProduction(into("production"), { rows, seed, ...(onProgress ? { onProgress } : {}) });
  return [...written.values()].reduce((sum, count) => sum + count, 0);
}

async function writeContract(
  directory: string,
  servers: Record<Role, LocalServer>,
  environment: Readonly<Record<string, string>>,
): Promise<string> {
  const instance = (role: Role) => {
    const { host, port } = servers[role];
    return { host, port, user: USER, database: DATABASES[role] };
  };
  for (const leftover of ["dumps", ".understudy"])
    await rm(join(directory, leftover), { recursive: true, force: true });
  const text = await sampleContract({
    production: instance("production"),
    replica: instance("replica"),
    staging: instance("staging"),
    dumps: "dumps",
    hasJson: schemaFlavour(servers.replica.binary.version) === "modern",
  });
  await mkdir(directory, { recursive: true });
  const contractFile = join(directory, "sync.yaml");
  await writeFile(contractFile, text);
  const exports = Object.entries(environment).map(([name, value]) => `export ${name}=${value}\n`);
  await writeFile(join(directory, "secrets.env"), exports.join(""), { mode: 0o600 });
  return contractFile;
}
