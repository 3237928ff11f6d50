// The gcp world's SQL admin and object store, on the tests' Cloud SQL and Cloud Storage in front of given MySQL servers, as
// a service account that the metadata server knows.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import type { Clock, Platform, Role } from "../../contracts/platform.ts";
import type { CloudContract, ServerInstance } from "../../contracts/sync-contract.ts";
import { STAGING_DEFAULTS } from "../../contracts/staging-rules.ts";
import type { CloudAuth } from "../../deploy/gcp/auth.ts";
import { openCloudObjects } from "../../deploy/gcp/objects/object-store.ts";
import { openSqlAdminClient, type SqlAdminClient } from "../../deploy/gcp/sql-admin/client.ts";
import { openCloudSqlAdmin } from "../../deploy/gcp/sql-admin/sql-admin.ts";
import { systemClock } from "../../deploy/local/clock.ts";
import { authOf } from "../deploy/gcp/open-objects.ts";
import { afterTest } from "../support/cleanup.ts";
import { mainServer } from "../support/servers.ts";
import type { Grant } from "./servers/cloud-sql/api.ts";
import { serviceAccountOf, type InstanceDefinition } from "./servers/cloud-sql/instance.ts";
import { type CloudSqlServer, startCloudSqlServer } from "./servers/cloud-sql/server.ts";
import { startMetadataServer } from "./servers/metadata.ts";
import { type Grant as BucketGrant, ROLES } from "./servers/storage/grants.ts";
import { startStorageServer } from "./servers/storage/server.ts";

export const PROJECT = "shop-project";
export const BUCKET = "shop-dumps";
/** May do everything that a stage may do. */
export const STAGE = `stage@${PROJECT}.iam.gserviceaccount.com`;
/** May do nothing but what a test grants. */
export const STRANGER = `stranger@${PROJECT}.iam.gserviceaccount.com`;

const PERMISSIONS = [
  ...["get", "list", "export", "import", "restoreBackup"].map((verb) => `instances.${verb}`),
  ...["get", "list", "create", "delete"].map((verb) => `backupRuns.${verb}`),
];
const THREE: readonly Role[] = ["production", "replica", "staging"];

export interface SqlWorld {
  readonly contract: CloudContract;
  readonly platform: Pick<Platform, "sql" | "objects">;
  readonly server: CloudSqlServer;
  /** The API as the stage's account sees it. */
  readonly api: SqlAdminClient;
  readonly grants: Grant[];
  readonly bucketGrants: BucketGrant[];
  /** The account that a role's instance reads and writes the bucket as. */
  accountOf(role: Role): string;
  /** The SQL admin as another account or with another clock. */
  as(email: string, clock?: Clock): Promise<Platform["sql"]>;
}

/** @param instances the main test server where one is not given; an instance is the named database alone */
export async function openCloudSql(
  t: TestContext,
  instances: Partial<Record<Role, ServerInstance>> = {},
  resource: InstanceDefinition["resource"] = {},
): Promise<SqlWorld> {
  const metadata = await startMetadataServer({ project: PROJECT, accounts: [STAGE, STRANGER] });
  afterTest(t, () => metadata.close());
  const directory = await mkdtemp(join(process.env["UNDERSTUDY_TEST_DIRECTORY"] ?? tmpdir(), "cloud-sql-"));
  afterTest(t, () => rm(directory, { recursive: true, force: true }));
  const definitions = new Map(THREE.map((role) => [role, definitionOf(role, instances[role], resource)]));
  const accountOf = (role: Role) => serviceAccountOf(definitions.get(role)!);
  const bucketGrants: BucketGrant[] = [STAGE, ...THREE.map(accountOf)].map((member) => ({
    ...{ bucket: BUCKET, member, permissions: ROLES["roles/storage.objectAdmin"] },
  }));
  const authorize = (token: string) => metadata.emailOf(token);
  const storage = await startStorageServer({
    ...{ directory, grants: bucketGrants, authorize, buckets: [{ name: BUCKET }] },
  });
  afterTest(t, () => storage.close());
  const grants = PERMISSIONS.map((name) => ({ email: STAGE, permission: `cloudsql.${name}`, instance: "*" }));
  const server = await startCloudSqlServer({
    ...{ instances: [...definitions.values()], storage, authorize, grants, directory },
  });
  afterTest(t, () => server.close());

  const contract = contractOf(instances);
  const endpoints = { sqlAdmin: server.url, storage: storage.url };
  const admin = (auth: CloudAuth, clock: Clock = systemClock) =>
    openCloudSqlAdmin(contract, { auth, endpoints, clock, poll: { firstMs: 20, longestMs: 100 } });
  const auth = await authOf(metadata, STAGE);
  return {
    ...{ contract, server, grants, bucketGrants, accountOf },
    platform: { sql: admin(auth), objects: openCloudObjects(contract, { auth, endpoints }) },
    api: openSqlAdminClient(endpoints, auth.google),
    as: async (email, clock) => admin(await authOf(metadata, email), clock),
  };
}

function contractOf(instances: Partial<Record<Role, ServerInstance>>): CloudContract {
  const instance = (role: Role) => ({
    ...{ project: PROJECT, region: "europe-west1", name: `shop-${role}` },
    database: instances[role]?.database ?? "unused",
  });
  return {
    ...{ kind: "cloud-sql", pipeline: "shop", project: PROJECT, network: "private" },
    ...{ production: instance("production"), replica: instance("replica"), staging: instance("staging") },
    dumps: `gs://${BUCKET}/team`,
    masking: { key: `secret://${PROJECT}/masking-key`, unlisted: "stop", tables: {} },
    preserve: [],
    references: [],
    collations: {},
    load: STAGING_DEFAULTS,
  };
}

function definitionOf(
  role: Role,
  instance: ServerInstance | undefined,
  resource: InstanceDefinition["resource"],
): InstanceDefinition {
  const { host, port, user } = instance ?? mainServer();
  return {
    ...{ project: PROJECT, region: "europe-west1", name: `shop-${role}` },
    server: { host, port, user, password: "" },
    owns: (database) => database === instance?.database,
    ...(resource ? { resource } : {}),
  };
}
