// A deployment as Terraform leaves it, for the doctor: every API that it asks, on a test's own servers and the emulators.
import { randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import type { Finding } from "../../../contracts/examination.ts";
import { parseSyncContract } from "../../../contracts/parse-sync-contract.ts";
import type { CloudContract } from "../../../contracts/sync-contract.ts";
import { examineCloud } from "../../../deploy/gcp/doctor/index.ts";
import { bucketOf, firestoreDatabase, serviceAccountEmail, topicName } from "../../../deploy/gcp/names.ts";
import { consumers } from "../../../handlers/consumers.ts";
import { emulatorHost } from "../../gcp/emulator-host.ts";
import type { Grant as SqlGrant } from "../../gcp/servers/cloud-sql/api.ts";
import type { InstanceDefinition } from "../../gcp/servers/cloud-sql/instance.ts";
import { startCloudSqlServer } from "../../gcp/servers/cloud-sql/server.ts";
import { type Routes, startHttpServer } from "../../gcp/servers/http.ts";
import { startMetadataServer } from "../../gcp/servers/metadata.ts";
import { startFront } from "../../gcp/servers/policies.ts";
import { type Secret, type SecretGrant, startSecretManagerServer } from "../../gcp/servers/secret-manager.ts";
import { type Binding, type ProjectDefinition, startProjectServer } from "../../gcp/servers/service-usage.ts";
import type { BucketConfig } from "../../gcp/servers/storage/bucket.ts";
import type { Grant as ObjectGrant } from "../../gcp/servers/storage/grants.ts";
import { startStorageServer } from "../../gcp/servers/storage/server.ts";
import { afterTest } from "../../support/cleanup.ts";
import { createDatabase, mainServer } from "../../support/servers.ts";
import { objectGrants, policiesOf, projectOf, ROLES, type Role } from "./doctor-grants.ts";
import { firestoreRoutes, functionRoutes, functionsOf, userRoutes } from "./doctor-routes.ts";
import { makeTopics, pubsub } from "./doctor-topics.ts";

/** All that can be spoiled: every server looks into it at every request. */
export interface Deployment {
  readonly contract: CloudContract;
  readonly contractFile: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly project: ProjectDefinition;
  readonly instances: Readonly<Record<Role, { -readonly [Key in keyof InstanceDefinition]: InstanceDefinition[Key] }>>;
  readonly bucket: { -readonly [Key in keyof BucketConfig]: BucketConfig[Key] };
  readonly objects: ObjectGrant[];
  readonly sql: SqlGrant[];
  readonly secrets: Secret[];
  /** Bindings of topics, subscriptions and secrets. */
  readonly policies: Map<string, Binding[]>;
  readonly firestore: { type: string; ttl: Record<string, string> };
  /** Functions by name: `understudy-shop-mask`. */
  readonly functions: Map<string, { state: string; uri: string; serviceAccountEmail: string }>;
  /** E-mail addresses of the IAM users that the replica and staging have. */
  readonly users: Set<string>;
  /** Changes a subscription, or makes or deletes something, on the emulator. */
  pubsub(method: string, path: string, body?: object): Promise<void>;
  examine(): Promise<Finding[]>;
}

export async function openDeployment(t: TestContext): Promise<Deployment> {
  const directory = await mkdtemp(join(process.env["UNDERSTUDY_TEST_DIRECTORY"] ?? tmpdir(), "doctor-"));
  afterTest(t, () => rm(directory, { recursive: true, force: true }));
  const main = mainServer();
  const { host, port, user, password } = main;
  const server = { host, port, user, password };
  const names = {
    production: await createDatabase(t, main, "shop"),
    staging: await createDatabase(t, main, "stage"),
  };
  const project = `shop-${randomBytes(4).toString("hex")}`;
  const contractFile = join(directory, "sync.yaml");
  await writeFile(contractFile, contractText(project, { ...names, replica: names.production }));
  const contract = parseSyncContract(await readFile(contractFile, "utf8"), contractFile) as CloudContract;
  const operator = `operator@${project}.iam.gserviceaccount.com`;
  const metadata = await startMetadataServer({ project, accounts: [operator] });
  afterTest(t, () => metadata.close());
  const authorize = (token: string) => metadata.emailOf(token);

  const instanceOf = (role: Role): InstanceDefinition => {
    const { region, name } = contract[role];
    return { project, region, name, server, owns: (database) => Object.values(names).includes(database) };
  };
  const instances = {
    production: instanceOf("production"),
    replica: instanceOf("replica"),
    staging: instanceOf("staging"),
  };
  const objects = objectGrants(contract, instances, operator);
  const definition = projectOf(contract, objects, operator);
  const bucket: BucketConfig = bucketConfig(contract);
  const storage = await startStorageServer({ directory, buckets: [bucket], grants: objects, authorize });
  afterTest(t, () => storage.close());
  const sql: SqlGrant[] = ["instances.get", "databases.get", "users.list"].map((verb) => ({
    ...{ email: operator, permission: `cloudsql.${verb}`, instance: "*" },
  }));
  const cloudSql = await startCloudSqlServer({
    instances: Object.values(instances),
    storage,
    grants: sql,
    authorize,
    directory,
  });
  afterTest(t, () => cloudSql.close());
  const secrets: Secret[] = [{ project, name: "masking-key", versions: [{ value: "irrelevant" }] }];
  const secretGrants: SecretGrant[] = [
    { project, secret: "masking-key", member: operator, permissions: ["secretmanager.versions.get"] },
  ];
  const secretManager = await startSecretManagerServer({ secrets, grants: secretGrants, authorize });
  afterTest(t, () => secretManager.close());
  const projectServer = await startProjectServer(definition, authorize);
  afterTest(t, () => projectServer.close());

  const policies = policiesOf(contract, definition.number);
  const firestore = { type: "FIRESTORE_NATIVE", ttl: { runs: "ACTIVE", deadLetters: "ACTIVE" } };
  const front = async (behind: string, routes?: Routes) => {
    const opened = await startFront({ ...{ behind, policies, authorize }, ...(routes ? { routes } : {}) });
    afterTest(t, () => opened.close());
    return opened.url;
  };
  const users = new Set(consumers.map(({ name }) => serviceAccountEmail(contract, name)));
  const functions = functionsOf(contract);
  const functionServer = await startHttpServer(functionRoutes(functions, policies, authorize));
  afterTest(t, () => functionServer.close());
  const [sqlUrl, pubsubUrl, firestoreUrl, secretUrl] = [
    await front(cloudSql.url, userRoutes(users)),
    await front(`http://${emulatorHost("pubsub")}`),
    await front(`http://${emulatorHost("firestore")}`, firestoreRoutes(firestore, firestoreDatabase(contract))),
    await front(secretManager.url),
  ];
  await makeTopics(contract);
  const environment = {
    PATH: process.env["PATH"] ?? "",
    GCE_METADATA_HOST: metadata.hostOf(operator),
    GOOGLE_CLOUD_PROJECT: project, // or the library asks gcloud first, for half a second
    PUBSUB_EMULATOR_HOST: new URL(pubsubUrl).host,
    FIRESTORE_EMULATOR_HOST: new URL(firestoreUrl).host,
    CLOUDSDK_API_ENDPOINT_OVERRIDES_SQL: sqlUrl,
    CLOUDSDK_API_ENDPOINT_OVERRIDES_STORAGE: storage.url,
    CLOUDSDK_API_ENDPOINT_OVERRIDES_SECRETMANAGER: secretUrl,
    CLOUDSDK_API_ENDPOINT_OVERRIDES_SERVICEUSAGE: projectServer.url,
    CLOUDSDK_API_ENDPOINT_OVERRIDES_CLOUDRESOURCEMANAGER: projectServer.url,
    CLOUDSDK_API_ENDPOINT_OVERRIDES_IAM: projectServer.url,
    CLOUDSDK_API_ENDPOINT_OVERRIDES_CLOUDFUNCTIONS: functionServer.url,
    CLOUDSDK_API_ENDPOINT_OVERRIDES_RUN: functionServer.url,
  };
  const { GCE_METADATA_HOST, GOOGLE_CLOUD_PROJECT } = environment;
  Object.assign(process.env, { GCE_METADATA_HOST, GOOGLE_CLOUD_PROJECT }); // Google's libraries read the process's own
  return {
    ...{ contract, contractFile, environment, project: definition, instances, bucket, objects, sql, secrets },
    ...{ policies, firestore, functions, users, pubsub },
    async examine() {
      const findings: Finding[] = [];
      for await (const finding of examineCloud(contract, { environment })) findings.push(finding);
      return findings;
    },
  };
}

function contractText(project: string, databases: Readonly<Record<Role, string>>): string {
  const instance = (role: Role) =>
    `${role}: { instance: "${project}:europe-west1:shop-${role}", database: ${databases[role]} }`;
  return [
    "pipeline: shop",
    ...ROLES.map(instance),
    `dumps: gs://${project}-dumps/shop`,
    "masking:",
    `  key: secret://${project}/masking-key`,
    "  tables: {}",
    "",
  ].join("\n");
}

function bucketConfig(contract: CloudContract): BucketConfig {
  const { bucket, prefix } = bucketOf(contract);
  return {
    name: bucket,
    notifications: ["runs/", "inbox/"].map((folder) => ({
      topic: `projects/${contract.project}/topics/${topicName(contract, "dump-finalized")}`,
      eventTypes: ["OBJECT_FINALIZE" as const],
      objectNamePrefix: `${prefix}${folder}`,
    })),
    resource: {
      projectNumber: "123456789012",
      softDeletePolicy: { retentionDurationSeconds: "0" },
      lifecycle: { rule: [{ action: { type: "Delete" }, condition: { age: 1, matchesPrefix: [`${prefix}runs/`] } }] },
    },
  };
}
