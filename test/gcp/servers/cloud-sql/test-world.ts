// For the tests of this server: one instance on a test's MySQL server, a bucket, and Google's client of the API.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { sqladmin, type sqladmin_v1 } from "@googleapis/sqladmin";
import { OAuth2Client } from "google-auth-library";
import { afterTest } from "../../../support/cleanup.ts";
import { mainServer, type TestServer } from "../../../support/servers.ts";
import type { Authorize } from "../http.ts";
import type { Account } from "../storage/account.ts";
import { type Grant as BucketGrant, ROLES } from "../storage/grants.ts";
import { startStorageServer } from "../storage/server.ts";
import type { Grant } from "./api.ts";
import { type InstanceDefinition, serviceAccountOf } from "./instance.ts";
import { type CloudSqlServer, startCloudSqlServer } from "./server.ts";

export const PROJECT = "shop-project";
export const OPERATOR = "operator@shop-project.iam.gserviceaccount.com";
export const STRANGER = "stranger@shop-project.iam.gserviceaccount.com";
export const BUCKET = "shop-dumps";

const PERMISSIONS = [
  ...["get", "list", "export", "import", "connect", "login", "restoreBackup"].map((verb) => `instances.${verb}`),
  ...["get", "list", "create", "delete"].flatMap((verb) => [`databases.${verb}`, `backupRuns.${verb}`]),
  "users.list",
];

export interface TestWorld {
  readonly server: CloudSqlServer;
  readonly api: sqladmin_v1.Sqladmin;
  readonly instance: InstanceDefinition;
  /** The bucket, as somebody who may do everything. */
  readonly bucket: Account;
  readonly bucketGrants: BucketGrant[];
  readonly grants: Grant[];
  /** Google's client as another account. */
  as(email: string): sqladmin_v1.Sqladmin;
  /** Follows an operation to its end. */
  done(operation: { readonly data: sqladmin_v1.Schema$Operation }): Promise<sqladmin_v1.Schema$Operation>;
}

/** A token that says whose it is. */
export const tokenOf = (email: string): string => `token-of-${email}`;

const emailOf = (token: string) => /^token-of-(.*)$/.exec(token)?.[1];

export function credentialsOf(email: string): OAuth2Client {
  const client = new OAuth2Client();
  client.setCredentials({ access_token: tokenOf(email), expiry_date: Date.now() + 3_600_000 });
  return client;
}

/** @param definition what the instance is besides; its server is the main one where none is given */
export async function openTestWorld(
  t: TestContext,
  definition: Partial<InstanceDefinition> & { readonly on?: TestServer; readonly authorize?: Authorize } = {},
): Promise<TestWorld> {
  const { on = mainServer(), authorize = emailOf, ...rest } = definition;
  const { host, port, user, password } = on;
  const instance = {
    ...{ project: PROJECT, region: "europe-west1", name: "shop-replica" },
    ...{ server: { host, port, user, password }, ...rest },
  };
  const directory = await mkdtemp(join(process.env["UNDERSTUDY_TEST_DIRECTORY"] ?? tmpdir(), "cloud-sql-"));
  afterTest(t, () => rm(directory, { recursive: true, force: true }));
  const permissions = ROLES["roles/storage.objectAdmin"];
  const bucketGrants: BucketGrant[] = [OPERATOR, serviceAccountOf(instance)].map((member) => ({
    ...{ bucket: BUCKET, member, permissions },
  }));
  const storage = await startStorageServer({
    ...{ directory: join(directory, "buckets"), buckets: [{ name: BUCKET }], grants: bucketGrants },
    authorize: emailOf,
  });
  afterTest(t, () => storage.close());
  const grants = PERMISSIONS.map((name) => ({ email: OPERATOR, permission: `cloudsql.${name}`, instance: "*" }));
  const server = await startCloudSqlServer({
    ...{ instances: [instance], storage, grants, directory },
    authorize: (token) => authorize(token) ?? emailOf(token),
  });
  afterTest(t, () => server.close());
  const as = (email: string) => sqladmin({ version: "v1", rootUrl: `${server.url}/`, auth: credentialsOf(email) });
  const api = as(OPERATOR);
  return {
    ...{ server, api, instance, bucketGrants, grants, as },
    bucket: storage.as(OPERATOR),
    async done({ data }) {
      for (;;) {
        const { data: operation } = await api.operations.get({ project: PROJECT, operation: data.name ?? "" });
        if (operation.status === "DONE") return operation;
        await sleep(20);
      }
    },
  };
}

/** A refusal's status and reason. */
export async function refusal(answer: Promise<unknown>): Promise<string> {
  try {
    await answer;
  } catch (error) {
    const { status, response } = error as {
      status?: number;
      response?: { data?: { error?: { errors?: { reason?: string }[] } } };
    };
    return `${status} ${response?.data?.error?.errors?.[0]?.reason}`;
  }
  return "accepted";
}
