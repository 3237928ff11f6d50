// A deployment as Terraform leaves it, for the doctor: every API that it asks, on a test's own servers and the emulators.
import { randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { parseSyncContract } from "../../../contracts/parse-sync-contract.ts";
import type { Finding } from "../../../contracts/examination.ts";
import type { CloudContract } from "../../../contracts/sync-contract.ts";
import { eventsWithSchema } from "../../../deploy/gcp/avro.ts";
import { wantedServices } from "../../../deploy/gcp/doctor/apis.ts";
import { examineCloud } from "../../../deploy/gcp/doctor/index.ts";
import {
  bucketOf,
  firestoreDatabase,
  serviceAccountEmail,
  subscriptionName,
  topicName,
} from "../../../deploy/gcp/names.ts";
import permissions from "../../../deploy/gcp/terraform/permissions.json" with { type: "json" };
import { eventsByName } from "../../../events/index.ts";
import { consumers, DEAD_LETTER } from "../../../handlers/consumers.ts";
import { emulatorHost } from "../../gcp/emulator-host.ts";
import type { Grant as SqlGrant } from "../../gcp/servers/cloud-sql/api.ts";
import { type InstanceDefinition, serviceAccountOf } from "../../gcp/servers/cloud-sql/instance.ts";
import { startCloudSqlServer } from "../../gcp/servers/cloud-sql/server.ts";
import { type Authorize, callerOf, type Routes, startHttpServer } from "../../gcp/servers/http.ts";
import { startMetadataServer } from "../../gcp/servers/metadata.ts";
import { startFront } from "../../gcp/servers/policies.ts";
import { type Secret, type SecretGrant, startSecretManagerServer } from "../../gcp/servers/secret-manager.ts";
import {
  type Binding,
  PREDEFINED,
  type ProjectDefinition,
  startProjectServer,
} from "../../gcp/servers/service-usage.ts";
import type { BucketConfig } from "../../gcp/servers/storage/bucket.ts";
import type { Grant as ObjectGrant, Permission } from "../../gcp/servers/storage/grants.ts";
import { startStorageServer } from "../../gcp/servers/storage/server.ts";
import { afterTest } from "../../support/cleanup.ts";
import { createDatabase, mainServer } from "../../support/servers.ts";

const ROLES = ["production", "replica", "staging"] as const;
type Role = (typeof ROLES)[number];

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

const OPERATOR_MAY = [
  "serviceusage.services.get",
  "resourcemanager.projects.get",
  "resourcemanager.projects.getIamPolicy",
  "iam.serviceAccounts.get",
  "iam.roles.get",
];

interface Row {
  readonly publishes?: readonly string[];
  readonly production?: readonly string[];
  readonly replica?: readonly string[];
  readonly staging?: readonly string[];
  readonly bucket?: readonly string[];
  readonly objects?: Readonly<Record<string, readonly string[] | undefined>>;
  readonly secrets?: readonly string[];
}
const TABLE: Readonly<Record<string, Row | undefined>> = permissions;

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

function objectGrants(
  contract: CloudContract,
  instances: Readonly<Record<Role, InstanceDefinition>>,
  operator: string,
) {
  const { bucket, prefix } = bucketOf(contract);
  const [exporting, importing] = [["create", "delete", "list"] as const, ["get", "list"] as const];
  const needs = { production: [exporting], replica: [exporting, importing], staging: [importing] };
  const ofStages = consumers.flatMap(({ name }): ObjectGrant[] => {
    const { bucket: onBucket = [], objects = {} } = TABLE[name] ?? {};
    const member = serviceAccountEmail(contract, name);
    const below = Object.entries(objects).map(([folder, held = []]) => ({
      ...{ bucket, member, permissions: held as Permission[], objectNamePrefix: `${prefix}${folder}` },
    }));
    return onBucket.length === 0 ? below : [{ bucket, member, permissions: onBucket as Permission[] }, ...below];
  });
  const grants: ObjectGrant[] = [
    ...ofStages,
    ...ROLES.flatMap((role) =>
      needs[role].map((verbs) => ({
        ...{ bucket, member: serviceAccountOf(instances[role]) },
        permissions: verbs.map((verb) => `storage.objects.${verb}` as const),
      })),
    ),
    { bucket, member: operator, permissions: ["storage.buckets.get", "storage.buckets.getIamPolicy"] },
  ];
  return grants;
}

/** As servers/storage/grants.ts calls the custom role of some permissions. */
function customRole(held: readonly string[]): string {
  return `projects/understudy/roles/${held.join("_").replaceAll("storage.", "").replaceAll(".", "_")}`;
}

function projectOf(contract: CloudContract, objects: readonly ObjectGrant[], operator: string): ProjectDefinition {
  const { project } = contract;
  const accounts = consumers.map(({ name }) => serviceAccountEmail(contract, name));
  const roles: Record<string, readonly string[]> = { ...PREDEFINED };
  for (const { permissions: held } of objects) roles[customRole(held)] = held;
  const bindings: Binding[] = [
    { role: "roles/datastore.user", members: accounts.map((email) => `serviceAccount:${email}`) },
  ];
  for (const { name } of consumers) {
    for (const role of ROLES) {
      const held = TABLE[name]?.[role];
      if (!held) continue;
      const own = `projects/${project}/roles/understudy_${name.replaceAll("-", "_")}_${role}`;
      roles[own] = held;
      // All three are in one project: a condition keeps the roles apart.
      const expression = `resource.name == "projects/${project}/instances/${contract[role].name}"`;
      const members = [`serviceAccount:${serviceAccountEmail(contract, name)}`];
      bindings.push({ role: own, members, condition: { title: `${role} only`, expression } });
    }
  }
  return {
    ...{ project, number: "123456789012", bindings, roles, accounts: new Set(accounts) },
    services: new Set(wantedServices(contract).get(project)),
    grants: OPERATOR_MAY.map((permission) => ({ member: operator, permission })),
  };
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

/** Bindings of each topic, subscription and secret. */
function policiesOf(contract: CloudContract, number: string): Map<string, Binding[]> {
  const { project } = contract;
  const agent = `serviceAccount:service-${number}@gcp-sa-pubsub.iam.gserviceaccount.com`;
  const storage = `serviceAccount:service-${number}@gs-project-accounts.iam.gserviceaccount.com`;
  const policies = new Map<string, Binding[]>();
  const member = (stage: string) => `serviceAccount:${serviceAccountEmail(contract, stage)}`;
  for (const event of eventsByName.keys()) {
    const publishers = consumers.map(({ name }) => name).filter((name) => TABLE[name]?.publishes?.includes(event));
    const others = event === DEAD_LETTER ? [agent] : event === "dump-finalized" ? [storage] : [];
    policies.set(`projects/${project}/topics/${topicName(contract, event)}`, [
      { role: "roles/pubsub.publisher", members: [...publishers.map(member), ...others] },
    ]);
  }
  for (const { name } of consumers) {
    const forwards = { role: "roles/pubsub.subscriber", members: [agent] };
    const path = `projects/${project}/subscriptions/${subscriptionName(contract, name)}`;
    policies.set(path, name === DEAD_LETTER ? [] : [forwards]);
  }
  for (const { name } of consumers) {
    policies.set(servicePath(contract, name), [{ role: "roles/run.invoker", members: [member(name)] }]);
  }
  policies.set(`projects/${project}/secrets/masking-key`, [
    { role: "roles/secretmanager.secretAccessor", members: [member("mask")] },
  ]);
  return policies;
}

export function servicePath({ project, pipeline, replica }: CloudContract, consumer: string): string {
  return `projects/${project}/locations/${replica.region}/services/${subscriptionName({ pipeline }, consumer)}`;
}

/** Nobody listens there: nothing is published in these tests. */
function uriOf(consumer: string): string {
  return `http://127.0.0.1:9/${consumer}`;
}

function functionsOf(contract: CloudContract): Deployment["functions"] {
  return new Map(
    consumers.map(({ name }) => [
      subscriptionName(contract, name),
      { state: "ACTIVE", uri: uriOf(name), serviceAccountEmail: serviceAccountEmail(contract, name) },
    ]),
  );
}

/** https://cloud.google.com/functions/docs/reference/rest/v2, and Cloud Run's policies. */
function functionRoutes(
  functions: Deployment["functions"],
  policies: Deployment["policies"],
  authorize: Authorize,
): Routes {
  const notFound = { status: 404, json: { error: { code: 404, status: "NOT_FOUND" } } };
  return {
    "GET /v2/projects/:project/locations/:location/functions/:name": (call) => {
      callerOf(call, authorize);
      const found = functions.get(call.param("name"));
      if (!found) return notFound;
      const { state, ...serviceConfig } = found;
      return { json: { name: call.url.pathname.slice(4), environment: "GEN_2", state, serviceConfig } };
    },
    "GET /v2/:resource(.*)\\:getIamPolicy": (call) => {
      callerOf(call, authorize);
      const bindings = policies.get(call.param("resource"));
      return bindings ? { json: { version: 3, etag: "BwYAAA=", bindings } } : notFound;
    },
  };
}

/** Cloud SQL tells IAM users by the part of their address before the `@`. */
function userRoutes(users: ReadonlySet<string>): Routes {
  return {
    "GET /v1/projects/:project/instances/:instance/users": () => ({
      json: {
        kind: "sql#usersList",
        items: [...users].map((email) => ({
          ...{ kind: "sql#user", name: email.replace(/@.*/s, ""), host: "%" },
          ...{ type: "CLOUD_IAM_SERVICE_ACCOUNT", iamEmail: email },
        })),
      },
    }),
  };
}

function firestoreRoutes(firestore: Deployment["firestore"], own: string): Routes {
  const database = "/v1/projects/:project/databases/:database";
  return {
    [`GET ${database}`]: (call) => {
      if (call.param("database") !== own) return { status: 404, json: { error: { code: 404, status: "NOT_FOUND" } } };
      return { json: { name: call.url.pathname.slice(4), type: firestore.type, locationId: "eur3" } };
    },
    [`GET ${database}/collectionGroups/:group/fields/:field`]: (call) => {
      const state = firestore.ttl[call.param("group")];
      return { json: { name: call.url.pathname.slice(4), ...(state && { ttlConfig: { state } }) } };
    },
  };
}

async function pubsub(method: string, path: string, body?: object): Promise<void> {
  const answer = await fetch(`http://${emulatorHost("pubsub")}/v1/${path}`, {
    method,
    headers: { "content-type": "application/json" },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  if (!answer.ok) throw new Error(`${method} ${path}: ${await answer.text()}`);
  await answer.arrayBuffer();
}

/** Topics, schemas and subscriptions as Terraform makes them. */
async function makeTopics(contract: CloudContract): Promise<void> {
  const { project } = contract;
  const schemas = join(import.meta.dirname, "../../../deploy/gcp/terraform/schemas");
  const withSchema = new Set(eventsWithSchema.map(({ name }) => name));
  for (const event of eventsByName.keys()) {
    const name = topicName(contract, event);
    const schema = `projects/${project}/schemas/${name}`;
    if (withSchema.has(event)) {
      const definition = await readFile(join(schemas, `${event}.avsc`), "utf8");
      await pubsub("POST", `projects/${project}/schemas?schemaId=${name}`, { type: "AVRO", definition });
    }
    const settings = withSchema.has(event) ? { schemaSettings: { schema, encoding: "JSON" } } : {};
    await pubsub("PUT", `projects/${project}/topics/${name}`, settings);
  }
  for (const { name } of consumers) {
    await pubsub("PUT", subscriptionPath(contract, name), subscriptionOf(contract, name));
  }
}

export function subscriptionPath(contract: CloudContract, consumer: string): string {
  return `projects/${contract.project}/subscriptions/${subscriptionName(contract, consumer)}`;
}

function subscriptionOf(contract: CloudContract, consumer: string): Record<string, unknown> {
  const path = (event: string) => `projects/${contract.project}/topics/${topicName(contract, event)}`;
  const on = consumers.find(({ name }) => name === consumer)?.on.name ?? "";
  return {
    topic: path(on),
    ackDeadlineSeconds: 600,
    expirationPolicy: {},
    retryPolicy: { minimumBackoff: "10s", maximumBackoff: "600s" },
    pushConfig: {
      pushEndpoint: uriOf(consumer),
      oidcToken: { serviceAccountEmail: serviceAccountEmail(contract, consumer) },
    },
    ...(consumer === DEAD_LETTER
      ? {}
      : { deadLetterPolicy: { deadLetterTopic: path(DEAD_LETTER), maxDeliveryAttempts: 10 } }),
  };
}
