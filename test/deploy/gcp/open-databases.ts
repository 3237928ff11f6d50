// The gcp world's databases and secrets: Cloud SQL's connector onto real MySQL servers, as service accounts.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import type { Role, Secrets } from "../../../contracts/platform.ts";
import type { CloudContract, CloudSqlInstance, ServerInstance } from "../../../contracts/sync-contract.ts";
import { STAGING_DEFAULTS } from "../../../contracts/staging-rules.ts";
import { type CloudDatabases, openCloudDatabases } from "../../../deploy/gcp/databases.ts";
import { openCloudSecrets } from "../../../deploy/gcp/secrets.ts";
import type { Grant } from "../../gcp/servers/cloud-sql/api.ts";
import type { InstanceDefinition } from "../../gcp/servers/cloud-sql/instance.ts";
import { type CloudSqlServer, startCloudSqlServer } from "../../gcp/servers/cloud-sql/server.ts";
import { startMetadataServer } from "../../gcp/servers/metadata.ts";
import {
  type Secret,
  type SecretGrant,
  type SecretVersion,
  startSecretManagerServer,
} from "../../gcp/servers/secret-manager.ts";
import { startStorageServer } from "../../gcp/servers/storage/server.ts";
import { afterTest } from "../../support/cleanup.ts";
import { mainServer } from "../../support/servers.ts";
import { authOf } from "./open-objects.ts";
import { type FaultyProxy, startFaultyProxy } from "./faulty-proxy.ts";

export const PROJECT = "shop-project";
/** May describe, connect to and log in on every instance, and read every secret. */
export const STAGE = `shop-mask@${PROJECT}.iam.gserviceaccount.com`;
/** Holds nothing, but what a test grants. */
export const STRANGER = `stranger@${PROJECT}.iam.gserviceaccount.com`;

const ROLES = ["production", "replica", "staging"] as const;
const VERBS = ["get", "connect", "login"];

export interface DatabasesWorld {
  readonly contract: CloudContract;
  readonly databases: CloudDatabases;
  readonly secrets: Secrets;
  readonly server: CloudSqlServer;
  /** In front of the Cloud SQL Admin API, and of Secret Manager. */
  readonly proxy: FaultyProxy;
  readonly secretProxy: FaultyProxy;
  readonly grants: Grant[];
  /** Adds a secret that STAGE may read. A list of versions that grows is read anew for every request. */
  readonly putSecret: (name: string, versions: readonly SecretVersion[]) => void;
  /** The world as another account, or of another contract. */
  as(email: string, contract?: Partial<CloudContract>): Promise<Pick<DatabasesWorld, "databases" | "secrets">>;
}

export interface DatabasesOptions {
  /** By role; roles on one host and port are one instance. The main test server where one is left out. */
  readonly servers?: Partial<Record<Role, Pick<ServerInstance, "host" | "port" | "user" | "database">>>;
  /** What instances say of themselves, by role. */
  readonly resources?: Partial<Record<Role, NonNullable<InstanceDefinition["resource"]>>>;
  readonly contract?: Partial<CloudContract>;
}

export async function openDatabasesWorld(t: TestContext, options: DatabasesOptions = {}): Promise<DatabasesWorld> {
  const metadata = await startMetadataServer({ project: PROJECT, accounts: [STAGE, STRANGER] });
  afterTest(t, () => metadata.close());
  const directory = await mkdtemp(join(process.env["UNDERSTUDY_TEST_DIRECTORY"] ?? tmpdir(), "databases-"));
  afterTest(t, () => rm(directory, { recursive: true, force: true }));
  const authorize = (token: string) => metadata.emailOf(token);
  const storage = await startStorageServer({
    directory: join(directory, "buckets"),
    buckets: [],
    grants: [],
    authorize,
  });
  afterTest(t, () => storage.close());

  const grants = VERBS.map((verb) => ({ email: STAGE, permission: `cloudsql.instances.${verb}`, instance: "*" }));
  const definitions = definitionsOf(options);
  const server = await startCloudSqlServer({ instances: definitions, storage, authorize, grants, directory });
  afterTest(t, () => server.close());
  const proxy = await startFaultyProxy(t, server.url);

  const [secrets, secretGrants]: [Secret[], SecretGrant[]] = [[], []];
  const permissions = ["secretmanager.versions.access"] as const;
  const putSecret = (name: string, versions: readonly SecretVersion[]) => {
    secrets.push({ project: PROJECT, name, versions });
    secretGrants.push({ project: PROJECT, secret: name, member: STAGE, permissions });
  };
  putSecret("no-such-secret", []);
  const secretManager = await startSecretManagerServer({ authorize, secrets, grants: secretGrants });
  afterTest(t, () => secretManager.close());
  const secretProxy = await startFaultyProxy(t, secretManager.url);

  const endpoints = { sqlAdmin: proxy.url, secretManager: secretProxy.url };
  const contract = contractOf(options);
  async function as(email: string, more: Partial<CloudContract> = {}) {
    const auth = await authOf(metadata, email);
    const reader = openCloudSecrets({ auth, endpoints });
    const databases = openCloudDatabases({ ...contract, ...more }, { auth, endpoints, secrets: reader });
    afterTest(t, () => databases.close());
    return { databases, secrets: reader };
  }
  return { contract, server, proxy, secretProxy, grants, putSecret, as, ...(await as(STAGE)) };
}

function serverOf(role: Role, { servers = {} }: DatabasesOptions) {
  return servers[role] ?? { ...mainServer(), database: "unused" };
}

/** Servers are told apart by their port: every one is on this machine. */
function nameOf(role: Role, options: DatabasesOptions): string {
  return options.servers ? `shop-${serverOf(role, options).port}` : `shop-${role}`;
}

function definitionsOf(options: DatabasesOptions): InstanceDefinition[] {
  const all = ROLES.map((role): InstanceDefinition => {
    const { port, user } = serverOf(role, options);
    const resource = options.resources?.[role];
    return {
      ...{ project: PROJECT, region: "europe-west1", name: nameOf(role, options) },
      server: { host: "127.0.0.1", port, user, password: "" },
      iamUsers: role === "production" ? [] : [{ email: STAGE, privileges: ["ALL ON *.*"] }],
      ...(resource ? { resource } : {}),
    };
  });
  return all.toReversed().filter(({ name }, i, list) => list.findIndex((other) => other.name === name) === i);
}

function contractOf(options: DatabasesOptions): CloudContract {
  const instance = (role: Role): CloudSqlInstance => ({
    ...{ project: PROJECT, region: "europe-west1", name: nameOf(role, options) },
    database: serverOf(role, options).database,
  });
  return {
    ...{ kind: "cloud-sql", pipeline: "shop", project: PROJECT, network: "private" },
    ...{ production: instance("production"), replica: instance("replica"), staging: instance("staging") },
    dumps: "gs://dumps",
    masking: { key: `secret://${PROJECT}/masking-key`, unlisted: "stop", tables: {} },
    preserve: [],
    references: [],
    collations: {},
    load: STAGING_DEFAULTS,
    ...options.contract,
  };
}
