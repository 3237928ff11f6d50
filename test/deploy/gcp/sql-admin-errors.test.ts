// Everything that an operator can meet of Cloud SQL's errors comes out as what happened and what to do, with the names.
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { OAuth2Client } from "google-auth-library";
import { isFatal, isRetryAfter } from "../../../contracts/errors.ts";
import type { CloudContract } from "../../../contracts/sync-contract.ts";
import { STAGING_DEFAULTS } from "../../../contracts/staging-rules.ts";
import type { CloudAuth } from "../../../deploy/gcp/auth.ts";
import { apiError } from "../../../deploy/gcp/sql-admin/api-errors.ts";
import type { Facts } from "../../../deploy/gcp/sql-admin/facts.ts";
import type { CloudOperation } from "../../../deploy/gcp/sql-admin/operation.ts";
import { operationError } from "../../../deploy/gcp/sql-admin/operation-errors.ts";
import { openCloudSqlAdmin } from "../../../deploy/gcp/sql-admin/sql-admin.ts";
import { type Reply, startHttpServer } from "../../gcp/servers/http.ts";

const CALLER = "shop-export-production@shop-project.iam.gserviceaccount.com";
const INSTANCES_OWN = "p123-abc@gcp-sa-cloud-sql.iam.gserviceaccount.com";
const GRANT = `gcloud storage buckets add-iam-policy-binding gs://shop-dumps --member=serviceAccount:${INSTANCES_OWN} --role=roles/storage.objectAdmin`;

/** An answer in Google's form. */
function answer(
  status: number,
  message: string,
  words: { reason?: string; status?: string; details?: unknown[] } = {},
) {
  const { reason, ...others } = words;
  const errors = reason === undefined ? {} : { errors: [{ message, domain: "global", reason }] };
  return { status, json: { error: { code: status, message, ...errors, ...others } } };
}

const STOPPED = { state: "RUNNABLE", settings: { activationPolicy: "NEVER" } };
const DISABLED = {
  "@type": "type.googleapis.com/google.rpc.ErrorInfo",
  reason: "SERVICE_DISABLED",
  metadata: { consumer: "projects/4711", service: "sqladmin.googleapis.com" },
};
const NOT_USED =
  "Cloud SQL Admin API has not been used in project 4711 before or it is disabled. Enable it by visiting …";
const STATE = "The instance or operation is not in an appropriate state to handle the request.";
const BUSY = "Operation failed because another operation was already in progress.";
const BUCKET = "The service account does not have the required permissions for the bucket.";

/** What the API answers to an export, and what comes of it. */
const REFUSALS: readonly {
  readonly what: string;
  readonly reply: Reply;
  readonly instance?: Record<string, unknown>;
  readonly code: string;
  readonly retried?: boolean;
  readonly names?: readonly string[];
}[] = [
  {
    what: "a busy instance",
    reply: answer(409, BUSY, { reason: "operationInProgress" }),
    ...{ code: "OPERATION_IN_PROGRESS", retried: true, names: ["`shop-production`", "`shop-project`"] },
  },
  {
    what: "a busy instance, by the state",
    reply: answer(409, STATE, { reason: "invalidState" }),
    ...{ code: "OPERATION_IN_PROGRESS", retried: true },
  },
  {
    what: "a stopped instance",
    reply: answer(400, STATE, { reason: "invalidState" }),
    instance: STOPPED,
    ...{ code: "INSTANCE_NOT_RUNNING", names: ["gcloud sql instances patch shop-production --project=shop-project"] },
  },
  {
    what: "a suspended instance",
    reply: answer(409, STATE, { reason: "invalidState" }),
    instance: { state: "SUSPENDED" },
    ...{ code: "INSTANCE_NOT_RUNNING", names: ["SUSPENDED"] },
  },
  {
    what: "an instance in maintenance",
    reply: answer(409, STATE, { reason: "invalidState" }),
    instance: { state: "MAINTENANCE" },
    ...{ code: "OPERATION_IN_PROGRESS", retried: true },
  },
  {
    what: "an API that is not enabled, in the older form",
    reply: answer(403, NOT_USED, { reason: "accessNotConfigured" }),
    ...{ code: "API_NOT_ENABLED", names: ["gcloud services enable sqladmin.googleapis.com --project=4711"] },
  },
  {
    what: "an API that is not enabled, in the newer form",
    reply: answer(403, NOT_USED, { status: "PERMISSION_DENIED", details: [DISABLED] }),
    ...{ code: "API_NOT_ENABLED", names: ["--project=4711"] },
  },
  {
    what: "the quota",
    reply: answer(429, "Quota exceeded for quota metric …", { reason: "rateLimitExceeded" }),
    ...{ code: "CLOUD_SQL_QUOTA_EXCEEDED", retried: true },
  },
  {
    what: "the quota, as a 403",
    reply: answer(403, "Quota exceeded for quota metric …", { reason: "rateLimitExceeded" }),
    ...{ code: "CLOUD_SQL_QUOTA_EXCEEDED", retried: true },
  },
  {
    what: "the bucket's permission",
    reply: answer(412, BUCKET, { reason: "conditionNotMet" }),
    ...{ code: "BUCKET_PERMISSION_MISSING", names: [GRANT, "`shop-production`"] },
  },
  {
    what: "the bucket's permission, as a 403",
    reply: answer(403, BUCKET, { reason: "notAuthorized" }),
    ...{ code: "BUCKET_PERMISSION_MISSING", names: [GRANT] },
  },
  {
    what: "the caller's missing role",
    reply: answer(403, "The client is not authorized to make this request.", { reason: "notAuthorized" }),
    code: "CLOUD_SQL_PERMISSION_MISSING",
    names: [CALLER, "cloudsql.instances.export", `--member=serviceAccount:${CALLER} --role=roles/cloudsql.editor`],
  },
  {
    what: "a token with too narrow a scope",
    reply: answer(403, "Request had insufficient authentication scopes.", { reason: "insufficientPermissions" }),
    ...{ code: "CREDENTIALS_TOO_NARROW", names: [CALLER, "auth/cloud-platform"] },
  },
  {
    what: "a project whose bills are not paid",
    reply: answer(403, "The project has no open billing account.", { reason: "accountDisabled" }),
    code: "BILLING_DISABLED",
  },
  {
    what: "credentials that have ended",
    reply: answer(401, "Login Required.", { reason: "required" }),
    code: "CREDENTIALS_REFUSED",
  },
  {
    what: "an instance that is not there",
    reply: answer(404, "The Cloud SQL instance does not exist.", { reason: "instanceDoesNotExist" }),
    ...{ code: "INSTANCE_MISSING", names: ["`shop-production`", "`shop-project`"] },
  },
  {
    what: "a database that is not there",
    reply: answer(400, "Invalid request: Database shop does not exist.", { reason: "invalid" }),
    ...{ code: "DATABASE_MISSING", names: ["`shop`"] },
  },
  {
    what: "something unknown",
    reply: answer(400, "Invalid request: the moon is full.", { reason: "invalid" }),
    ...{ code: "CLOUD_SQL_REFUSED", names: ["400", "the moon is full", "`shop-production`"] },
  },
  { what: "a server's error", reply: answer(503, "Try later."), code: "GOOGLE_UNAVAILABLE", retried: true },
  { what: "an error without JSON", reply: { status: 502, body: "<html>" }, code: "GOOGLE_UNAVAILABLE", retried: true },
];

for (const { what, reply, instance, code, retried = false, names = [] } of REFUSALS) {
  test(`a refused request says what to do: ${what}`, async (t) => {
    const sql = await openAnswering(t, reply, instance);
    const request = { type: "export", key: "k", role: "production", database: "shop", object: "a.sql.gz" } as const;
    await assert.rejects(sql.start(request), (error: Error & { code: string }) => {
      assert.equal(error.code, code, error.message);
      assert.equal(isRetryAfter(error), retried);
      assert.equal(isFatal(error), !retried);
      for (const name of names) assert.ok(error.message.includes(name), `${name}: ${error.message}`);
      return true;
    });
  });
}

/** What Google's libraries throw before the API has answered, and what comes of it. */
const UNSENT: readonly { readonly error: Error; readonly code: string; readonly retried?: boolean }[] = [
  {
    error: new Error("Could not load the default credentials. Browse to https://cloud.google.com/docs/… for more"),
    code: "CREDENTIALS_MISSING",
  },
  {
    error: Object.assign(new Error("Could not refresh access token: Request failed with status code 404"), {
      ...{ status: 404, response: { status: 404, data: "The requested metadata was not found." } },
    }),
    code: "CREDENTIALS_REFUSED",
  },
  {
    error: Object.assign(new Error("invalid_grant"), { response: { status: 400, data: { error: "invalid_grant" } } }),
    code: "CREDENTIALS_REFUSED",
  },
  {
    error: Object.assign(new Error("The operation was aborted due to timeout"), { code: "TimeoutError" }),
    ...{ code: "GOOGLE_UNAVAILABLE", retried: true },
  },
  {
    error: Object.assign(new Error("request to … failed, reason: socket hang up"), { code: "ECONNRESET" }),
    ...{ code: "GOOGLE_UNAVAILABLE", retried: true },
  },
];

for (const { error, code, retried = false } of UNSENT) {
  test(`a request that was not answered says what to do: ${error.message}`, async () => {
    const asked = { instance: { project: "shop-project", name: "shop-replica" }, permission: "p", role: "r" };
    const told = await apiError(error, asked, facts);
    assert.ok(isFatal(told) || isRetryAfter(told));
    assert.equal(told.code, code);
    assert.equal(isRetryAfter(told), retried);
    assert.equal(told.cause, error);
  });
}

test("a defect of ours is not told as an answer of the API's", async () => {
  const asked = { instance: { project: "shop-project", name: "shop-replica" }, permission: "p", role: "r" };
  const defect = new TypeError("x is not a function");
  assert.equal(await apiError(defect, asked, facts), defect);
});

const EXPORT = { operationType: "EXPORT", exportContext: { uri: "gs://shop-dumps/a.sql.gz", databases: ["shop"] } };
const IMPORT = { operationType: "IMPORT", importContext: { uri: "gs://shop-dumps/b.sql.gz", database: "shop" } };
const BACKUP = { operationType: "BACKUP_VOLUME" };
const ROW = "Duplicate entry 'ann@example.com' for key 'PRIMARY'";

/** What an operation ends with, and what comes of it. */
const FAILURES: readonly {
  readonly of: Partial<CloudOperation>;
  readonly code?: string;
  readonly message?: string;
  readonly becomes: string;
  readonly retryable?: boolean;
  readonly names?: readonly string[];
}[] = [
  {
    ...{ of: IMPORT, code: "ERROR_RDBMS", message: `exit status 1\n\nERROR 1062 (23000) at line 12: ${ROW}` },
    ...{ becomes: "IMPORT_FAILED", names: ["line 12", "1062 (23000)", "`gs://shop-dumps/b.sql.gz`", "`shop-replica`"] },
  },
  {
    of: IMPORT,
    ...{ code: "ERROR_RDBMS", message: "ERROR 1062 (23000) at line 1: Duplicate entry 'service account permission'" },
    becomes: "IMPORT_FAILED",
  },
  {
    ...{ of: IMPORT, code: "ERROR_RDBMS" },
    message:
      "exit status 1\nERROR 1227 (42000) at line 18: Access denied; you need (at least one of) the SUPER privilege(s)",
    ...{ becomes: "DUMP_NEEDS_SUPER", names: ["line 18", "Definers, GTIDs"] },
  },
  {
    ...{ of: IMPORT, code: "ERROR_RDBMS", message: "Access denied; you need (at least one of) the SUPER privilege(s)" },
    becomes: "DUMP_NEEDS_SUPER",
  },
  {
    ...{
      of: IMPORT,
      code: "ERROR_RDBMS",
      message: "ERROR 1419 (HY000) at line 2: You do not have the SUPER privilege",
    },
    ...{ becomes: "TRIGGERS_NOT_TRUSTED", names: ["log_bin_trust_function_creators"] },
  },
  {
    ...{ of: EXPORT, code: "ERROR_RDBMS", message: "mysqldump: Got error: 1049: Unknown database 'shop'" },
    ...{ becomes: "DATABASE_MISSING", names: ["`shop`"] },
  },
  {
    ...{ of: EXPORT, code: "ERROR_RDBMS" },
    message: "mysqldump: Couldn't execute 'SHOW FIELDS FROM `v`': View 'shop.v' references invalid table(s) (1356)",
    becomes: "VIEW_BROKEN",
  },
  {
    ...{ of: IMPORT, code: "ERROR_RDBMS", message: "ERROR 1114 (HY000) at line 9: The table 'users' is full" },
    ...{ becomes: "SERVER_DISK_FULL", names: ["gcloud sql instances patch shop-replica --project=shop-project"] },
  },
  { of: EXPORT, code: "UNKNOWN", message: "write: no space left on device", becomes: "SERVER_DISK_FULL" },
  {
    ...{ of: IMPORT, code: "ERROR_RDBMS", message: "ERROR 1273 (HY000) at line 17: Unknown collation" },
    becomes: "COLLATION_UNKNOWN",
  },
  {
    ...{ of: IMPORT, code: "ERROR_RDBMS", message: "ERROR 1153 (08S01) at line 3: Got a packet bigger than …" },
    ...{ becomes: "PACKET_TOO_LARGE", names: ["max_allowed_packet"] },
  },
  {
    ...{ of: IMPORT, code: "ERROR_RDBMS", message: "ERROR 2013 (HY000) at line 40: Lost connection to MySQL server" },
    ...{ becomes: "MYSQL_UNREACHABLE", retryable: true },
  },
  {
    of: EXPORT,
    ...{
      code: "ERROR_RDBMS",
      message: `Access denied for service account ${INSTANCES_OWN}, permissions missing are: [storage.objects.delete]`,
    },
    ...{ becomes: "BUCKET_PERMISSION_MISSING", names: [GRANT, "`storage.objects.delete`"] },
  },
  {
    ...{ of: IMPORT, code: "ERROR_RDBMS", message: `${INSTANCES_OWN} does not have storage.objects.get access` },
    ...{ becomes: "BUCKET_PERMISSION_MISSING", names: ["`storage.objects.get`"] },
  },
  {
    ...{ of: EXPORT, code: "ERROR_RDBMS", message: "The file gs://shop-dumps/a.sql.gz already exists." },
    ...{ becomes: "OBJECT_EXISTS", retryable: true, names: ["`gs://shop-dumps/a.sql.gz`"] },
  },
  { of: IMPORT, code: "ERROR_RDBMS", message: "No such object: shop-dumps/b.sql.gz", becomes: "OBJECT_GONE" },
  { of: EXPORT, code: "ERROR_RDBMS", message: "The specified bucket does not exist.", becomes: "BUCKET_MISSING" },
  { of: IMPORT, code: "CANCELLED", message: "", becomes: "OPERATION_CANCELLED" },
  { of: EXPORT, code: "INTERNAL_ERROR", message: "context canceled", becomes: "CLOUD_SQL_INTERNAL", retryable: true },
  {
    of: IMPORT,
    code: "CANCELLED",
    message: "ERROR 2013 (HY000) at line 1: Lost connection",
    becomes: "OPERATION_CANCELLED",
  },
  {
    ...{ of: BACKUP, code: "INTERNAL_ERROR", message: "An internal error occurred." },
    ...{ becomes: "CLOUD_SQL_INTERNAL", retryable: true },
  },
  {
    ...{ of: EXPORT, code: "UNKNOWN", becomes: "OPERATION_UNEXPLAINED", retryable: true },
    names: ["gives no reason", "shop-project:shop-replica"],
  },
  { of: EXPORT, becomes: "OPERATION_UNEXPLAINED", retryable: true },
  {
    ...{ of: EXPORT, code: "ERROR_RDBMS", becomes: "EXPORT_FAILED" },
    names: ["roles/storage.objectAdmin", "`ERROR_RDBMS`"],
  },
  { of: BACKUP, code: "ERROR_RDBMS", message: `something with ${ROW}`, becomes: "BACKUP_FAILED" },
  { of: { operationType: "RESTORE_VOLUME" }, code: "ERROR_RDBMS", message: "x", becomes: "RESTORE_FAILED" },
];

for (const { of, code, message, becomes, retryable = false, names = [] } of FAILURES) {
  const said = [code, message?.split("\n").at(-1)].filter(Boolean).join(": ") || "nothing";
  test(`a failed ${of.operationType} that says “${said}” is ${becomes}`, async () => {
    const errors = code === undefined ? [] : [{ code, ...(message === undefined ? {} : { message }) }];
    const error = await operationError({ ...AT, ...of, error: { errors } }, facts);
    assert.ok(error);
    assert.equal(error.code, becomes, error.message);
    assert.equal(error.retryable, retryable);
    assert.doesNotMatch(error.message, /ann@|Duplicate/, "a row");
    for (const name of names) assert.ok(error.message.includes(name), `${name}: ${error.message}`);
  });
}

test("an operation that ended well has no error", async () => {
  assert.equal(await operationError({ ...AT, ...EXPORT }, facts), undefined);
});

test("an account that may not look at the instance is told how to find its service account", async () => {
  const blind: Facts = { caller: async () => undefined, instance: async () => ({}) };
  const errors = [{ code: "ERROR_RDBMS", message: BUCKET }];
  const error = await operationError({ ...AT, ...EXPORT, error: { errors } }, blind);
  assert.match(error?.message ?? "", /gcloud sql instances describe shop-replica --project=shop-project/);
});

const AT = { name: "o", status: "DONE", targetProject: "shop-project", targetId: "shop-replica" };
const facts: Facts = { caller: async () => CALLER, instance: async () => ({ serviceAccount: INSTANCES_OWN }) };

/** An SQL admin whose exports are answered so. */
async function openAnswering(t: TestContext, reply: Reply, instance: Record<string, unknown> = { state: "RUNNABLE" }) {
  const server = await startHttpServer({
    "POST /v1/projects/:project/instances/:instance/export": () => reply,
    "GET /v1/projects/:project/instances/:instance": () => ({
      json: { ...instance, serviceAccountEmailAddress: INSTANCES_OWN },
    }),
    "GET /v1/projects/:project/operations": () => ({ json: { kind: "sql#operationsList" } }),
  });
  t.after(() => server.close());
  const clock = { now: () => new Date(), sleep: async () => undefined };
  return openCloudSqlAdmin(CONTRACT, {
    auth,
    endpoints: { sqlAdmin: server.url },
    clock,
    poll: { firstMs: 2_000, longestMs: 30_000 },
  });
}

const google = new OAuth2Client();
google.setCredentials({ access_token: "a token", expiry_date: Date.now() + 3_600_000 });
/** As much of GoogleAuth as a client of the API uses. */
const auth = {
  google: google as unknown as CloudAuth["google"],
  email: async () => CALLER,
  callerInWords: async () => `\`${CALLER}\``,
};

const on = (name: string) => ({ project: "shop-project", region: "europe-west1", name, database: "shop" });
const CONTRACT: CloudContract = {
  ...{ kind: "cloud-sql", pipeline: "shop", project: "shop-project", network: "private" },
  ...{ production: on("shop-production"), replica: on("shop-replica"), staging: on("shop-staging") },
  dumps: "gs://shop-dumps",
  masking: { key: "secret://shop-project/key", unlisted: "stop", tables: {} },
  preserve: [],
  references: [],
  collations: {},
  load: STAGING_DEFAULTS,
};
