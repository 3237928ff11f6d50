// The whole pipeline as it is deployed: every function in a process of its own behind its push subscription, Google's
// emulators, stand-ins for what has none, three MySQL servers, and each function with its own service account's rights.
import { randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { parseSyncContract } from "../../../contracts/parse-sync-contract.ts";
import type { Platform } from "../../../contracts/platform.ts";
import type { Run } from "../../../contracts/run.ts";
import type { CloudContract } from "../../../contracts/sync-contract.ts";
import { bucketOf, serviceAccountEmail, topicName } from "../../../deploy/gcp/names.ts";
import { openGcpPlatform } from "../../../deploy/gcp/platform.ts";
import { sampleContract } from "../../../deploy/local/sample/contract.ts";
import { SyncRequested } from "../../../events/index.ts";
import { newRunId } from "../../../events/run-id.ts";
import { consumers, DEAD_LETTER } from "../../../handlers/consumers.ts";
import { afterTest } from "../../support/cleanup.ts";
import {
  DATABASES,
  fillSample,
  type Query,
  queryOn,
  type Role,
  ROLES,
  startThree,
  testServersOf,
} from "../../support/sample-servers.ts";
import type { TestServer } from "../../support/servers.ts";
import { emulatorHost } from "../emulator-host.ts";
import { type IamUser, type InstanceDefinition, serviceAccountOf } from "../servers/cloud-sql/instance.ts";
import { type CloudSqlServer, startCloudSqlServer } from "../servers/cloud-sql/server.ts";
import { startMetadataServer } from "../servers/metadata.ts";
import { startSecretManagerServer } from "../servers/secret-manager.ts";
import type { Permission } from "../servers/storage/grants.ts";
import { type StorageServer, startStorageServer } from "../servers/storage/server.ts";
import { type CloudRun, startCloudRun } from "./cloud-run.ts";
import { type Grants, instanceGrants, readGrants } from "./grants.ts";
import { makeTopics } from "./topics.ts";

const MASKING_KEY = "masking-key";
const REGION = "europe-west1";

/** A run takes 15 s on an idle machine; what is waited for comes, or it never does. */
const WAIT_MS = 600_000;

export interface CloudPipelineOptions {
  readonly rows?: number;
  /** Three of the main kind are started where they are not given. */
  readonly servers?: Readonly<Record<Role, TestServer>>;
  /** The functions' settings, as a deployment's environment has them. */
  readonly settings?: Readonly<Record<string, string>>;
}

export interface CloudPipeline {
  readonly contract: CloudContract;
  readonly contractFile: string;
  readonly directory: string;
  readonly run: CloudRun;
  readonly sql: CloudSqlServer;
  readonly storage: StorageServer;
  readonly grants: Grants;
  readonly servers: Readonly<Record<Role, TestServer>>;
  readonly query: Query;
  /** As an operator has it. */
  readonly platform: Platform;
  /** The operator's environment, for a command. */
  readonly environment: Readonly<Record<string, string>>;
  /** The account that a role's instance reads and writes the bucket as. */
  accountOf(role: Role): string;
  /** Publishes a SyncRequested; the run that it will open. */
  request(): Promise<string>;
  /** Waits until the run is as wished; fails with the run's document when it is not in time. */
  waitFor(runId: string, wished?: (run: Run) => boolean, timeoutMs?: number): Promise<Run>;
  /** The names of all objects in the bucket, without the contract's prefix. */
  objects(): Promise<string[]>;
  /** What the functions wrote to standard output and error. */
  log(): Promise<string>;
}

export async function openCloudPipeline(t: TestContext, options: CloudPipelineOptions = {}): Promise<CloudPipeline> {
  const servers = options.servers ?? testServersOf(await startThree(t));
  for (const role of ROLES) await fillSample(servers[role], role, options);
  const directory = await mkdtemp(join(process.env["UNDERSTUDY_TEST_DIRECTORY"] ?? tmpdir(), "cloud-"));
  afterTest(t, () => rm(directory, { recursive: true, force: true }));
  const project = `shop-${randomBytes(4).toString("hex")}`;
  const contractFile = join(directory, "sync.yaml");
  await writeFile(contractFile, await cloudContractText(project));
  const contract = parseSyncContract(await readFile(contractFile, "utf8"), contractFile) as CloudContract;

  const operator = `operator@${project}.iam.gserviceaccount.com`;
  const accounts = [...consumers.map(({ name }) => serviceAccountEmail(contract, name)), operator];
  const metadata = await startMetadataServer({ project, accounts });
  afterTest(t, () => metadata.close());
  const authorize = (token: string) => metadata.emailOf(token);
  const grants = await readGrants(contract);
  const instances = Object.fromEntries(
    ROLES.map((role) => [role, instanceOf(contract, role, servers[role], operator)]),
  ) as Record<Role, InstanceDefinition>;
  const accountOf = (role: Role) => serviceAccountOf(instances[role]);
  grants.objects.push(
    ...instanceGrants(contract, Object.fromEntries(ROLES.map((role) => [role, accountOf(role)]))),
    everyObject(contract, operator),
  );
  // For `check` and `plan`, which read staging.
  for (const verb of ["get", "connect", "login"])
    grants.sql.push({ email: operator, permission: `cloudsql.instances.${verb}`, instance: contract.staging.name });

  // Storage publishes to topics, topics push to functions, functions call Storage: the functions know all addresses.
  const { bucket, prefix } = bucketOf(contract);
  let publish: (topic: string, message: { attributes: Record<string, string>; data: Buffer }) => Promise<unknown>;
  const storage = await startStorageServer({
    ...{ directory, grants: grants.objects, authorize, maxPage: 10 },
    buckets: [
      {
        name: bucket,
        notifications: ["runs/", "inbox/"].map((folder) => ({
          topic: `projects/${project}/topics/${topicName(contract, "dump-finalized")}`,
          eventTypes: ["OBJECT_FINALIZE"],
          objectNamePrefix: `${prefix}${folder}`,
        })),
      },
    ],
    publish: (topic, { attributes, data }) => publish(topic, { attributes: { ...attributes }, data }),
  });
  afterTest(t, () => storage.close());
  const sql = await startCloudSqlServer({
    ...{ instances: Object.values(instances), storage, authorize, grants: grants.sql, directory },
  });
  afterTest(t, () => sql.close());
  const secrets = await startSecretManagerServer({
    secrets: [{ project, name: MASKING_KEY, versions: [{ value: randomBytes(32).toString("hex") }] }],
    grants: [...grants.secrets]
      .filter(([, paths]) => paths.includes("masking.key"))
      .map(([member]) => ({ project, secret: MASKING_KEY, member, permissions: ["secretmanager.versions.access"] })),
    authorize,
  });
  afterTest(t, () => secrets.close());

  const shared = {
    PATH: process.env["PATH"] ?? "",
    HOME: directory, // no credentials of whoever runs the tests
    GOOGLE_CLOUD_PROJECT: project, // or Google's library would ask gcloud
    PUBSUB_EMULATOR_HOST: emulatorHost("pubsub"),
    FIRESTORE_EMULATOR_HOST: emulatorHost("firestore"),
    CLOUDSDK_API_ENDPOINT_OVERRIDES_SQL: sql.url,
    CLOUDSDK_API_ENDPOINT_OVERRIDES_STORAGE: storage.url,
    CLOUDSDK_API_ENDPOINT_OVERRIDES_SECRETMANAGER: secrets.url,
  };
  const environmentOf = (email: string) => ({ ...shared, GCE_METADATA_HOST: metadata.hostOf(email) });
  const environment = environmentOf(operator);
  Object.assign(process.env, environment); // Google's libraries read the process's own, and the first of them decides
  const run = await startCloudRun({
    logFile: join(directory, "functions.log"),
    environments: Object.fromEntries(
      consumers.map(({ name }) => [
        name,
        {
          ...environmentOf(serviceAccountEmail(contract, name)),
          UNDERSTUDY_CONTRACT: contractFile,
          ...{ UNDERSTUDY_LEASE_MS: "4000", UNDERSTUDY_HEARTBEAT_MS: "1000", UNDERSTUDY_POLL_MS: "200" },
          ...options.settings,
        },
      ]),
    ),
  });
  afterTest(t, () => run.close());
  const topics = await makeTopics(contract, {
    endpointOf: (consumer) => run.urlOf(consumer),
    maxDeliveryAttempts: 10,
    ackDeadlineSeconds: 600,
  });
  afterTest(t, () => topics.close());
  publish = (topic, message) => topics.client.topic(topic).publishMessage(message);

  const platform = openGcpPlatform(contract, { environment });
  afterTest(t, () => platform.close());
  const cloud: CloudPipeline = {
    ...{ contract, contractFile, directory, run, sql, storage, grants, platform, environment, accountOf },
    servers,
    query: queryOn(servers),
    async request() {
      const runId = newRunId(new Date());
      await platform.bus.publish(SyncRequested.create({ pipeline: contract.pipeline, runId, requestedBy: "test" }));
      return runId;
    },
    async waitFor(runId, wished = (found) => found.status !== "running", timeoutMs = WAIT_MS) {
      const end = Date.now() + timeoutMs;
      for (;;) {
        const found = await platform.runs.get(runId);
        if (found && wished(found)) return found;
        if (Date.now() > end)
          throw new Error(`Not as wished in time: ${JSON.stringify(found, null, 1)}\n${await this.log()}`);
        await sleep(100);
      }
    },
    objects: async () => (await platform.objects.list("")).map(({ name }) => name),
    log: () => readFile(join(directory, "functions.log"), "utf8").catch(() => ""),
  };
  return cloud;
}

/** The sample shop's contract, for Cloud SQL. */
async function cloudContractText(project: string): Promise<string> {
  const nowhere = { host: "localhost", port: 1, user: "nobody", database: "none" };
  const sample = await sampleContract({ production: nowhere, replica: nowhere, staging: nowhere, dumps: "none" });
  return sample
    .replaceAll(/^(production|replica|staging): .*$/gm, (_, role: Role) => {
      return `${role}: { instance: "${project}:${REGION}:shop-${role}", database: ${DATABASES[role]} }`;
    })
    .replace(/^dumps: .*$/m, `dumps: gs://${project}-dumps/shop`)
    .replace(/key: env:.*$/m, `key: secret://${project}/${MASKING_KEY}`);
}

/** What a stage's account may do in MySQL: the README's statements, which Terraform cannot make. */
const WRITERS: Readonly<Record<string, readonly Role[]>> = {
  "load-replica": ["replica"],
  mask: ["replica"],
  preserve: ["replica"],
  "export-replica": ["replica"],
  "load-staging": ["staging"],
  abandon: ["replica", "staging"],
  rollback: ["staging"],
};
const READERS: Readonly<Record<string, readonly Role[]>> = {
  "export-production": ["replica"],
  "load-replica": ["staging"],
  preserve: ["staging"],
};
const READING: Readonly<Record<Role, string>> = {
  production: "",
  replica: "SELECT, SHOW VIEW",
  staging: "SELECT, SHOW VIEW, EXECUTE",
};
const BESIDE: Readonly<Record<Role, readonly string[]>> = {
  production: [],
  replica: ["_understudy"],
  staging: [`${DATABASES.staging}__next`, `${DATABASES.staging}__prev`],
};

function instanceOf(contract: CloudContract, role: Role, server: TestServer, operator: string): InstanceDefinition {
  const { project, region, name } = contract[role];
  const { host, port, user, password } = server;
  const databases = [DATABASES[role], ...BESIDE[role]].map((database) => database.replaceAll("_", "\\_"));
  const iamUsers: IamUser[] = consumers
    .filter(({ name: stage }) => stage !== DEAD_LETTER)
    .map(({ name: stage }) => {
      const may = WRITERS[stage]?.includes(role) ? "ALL" : READERS[stage]?.includes(role) ? READING[role] : "";
      const privileges = may === "" ? [] : databases.map((database) => `${may} ON \`${database}\`.*`);
      return { email: serviceAccountEmail(contract, stage), privileges };
    })
    .filter(({ privileges }) => privileges.length > 0);
  if (role === "staging")
    iamUsers.push({
      email: operator,
      privileges: databases.map((database) => `${READING.staging} ON \`${database}\`.*`),
    });
  return { project, region, name, server: { host, port, user, password }, iamUsers };
}

function everyObject(contract: CloudContract, member: string) {
  const permissions = ["get", "list", "create", "delete"].map(
    (verb): Permission => `storage.objects.${verb}` as Permission,
  );
  return { bucket: bucketOf(contract).bucket, member, permissions };
}
