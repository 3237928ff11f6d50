// What the doctor makes of Google's documents, by tables: no server, no network.
import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { parseSyncContract } from "../../../contracts/parse-sync-contract.ts";
import type { Verdict } from "../../../contracts/examination.ts";
import type { CloudContract } from "../../../contracts/sync-contract.ts";
import { judgeSetting, judgeVersion, parseVersion } from "../../../deploy/alike.ts";
import { judgeServices, wantedServices } from "../../../deploy/gcp/doctor/apis.ts";
import { judgeRefusal, judgeSentence } from "../../../deploy/gcp/doctor/ask.ts";
import type { Bucket } from "../../../deploy/gcp/doctor/bucket-documents.ts";
import { judgeLifecycle, judgeLocation, judgeNotification } from "../../../deploy/gcp/doctor/bucket-judges.ts";
import { holdingOf, judgeHolding, type Policy } from "../../../deploy/gcp/doctor/grants.ts";
import type { Instance } from "../../../deploy/gcp/doctor/instance-documents.ts";
import { judgeIamLogin, judgePrivateAddress, judgeState } from "../../../deploy/gcp/doctor/instance-judges.ts";
import { judgeDisk, judgeTier } from "../../../deploy/gcp/doctor/like-production.ts";
import { judgeSubscription, judgeTopic } from "../../../deploy/gcp/doctor/pubsub-judges.ts";
import { secretChecks, secretsOf } from "../../../deploy/gcp/doctor/secrets.ts";
import { consumers } from "../../../handlers/consumers.ts";

const TEXT = `
pipeline: shop
project: pipe-prj
production: { instance: "prod-prj:europe-west1:main", database: shop }
replica: { instance: "pipe-prj:europe-west1:scratch", database: shop }
staging: { instance: "stage-prj:us-east1:stage", database: shop, user: app, password: secret://vault-prj/staging/3 }
dumps: gs://dumps/nightly
masking: { key: "secret://vault-prj/key", tables: {} }
`;
const contract = parseSyncContract(TEXT, "sync.yaml") as CloudContract;

function assertVerdict({ status, detail, remedy }: Verdict, wanted: string, words: RegExp = /./): void {
  assert.equal(status, wanted, detail);
  assert.match(`${detail} → ${remedy ?? ""}`, words);
}

test("each project is asked for what is used of it", () => {
  const wanted = wantedServices(contract);
  assert.deepEqual([...wanted.keys()], ["pipe-prj", "prod-prj", "stage-prj", "vault-prj"]);
  assert.deepEqual(wanted.get("prod-prj"), ["sqladmin.googleapis.com"]);
  assert.deepEqual(wanted.get("vault-prj"), ["secretmanager.googleapis.com"]);
  const answer = { services: [{ name: "projects/1/services/a.googleapis.com", state: "ENABLED" }] };
  assertVerdict(judgeServices("pipe", ["a.googleapis.com"], answer), "ok");
  const lacking = judgeServices("pipe", ["a.googleapis.com", "b.googleapis.com"], answer);
  assertVerdict(lacking, "failed", /^not enabled: b\.g\S+ → gcloud services enable b\.googleapis\.com --project=pipe$/);
});

test("references to secrets are read with their versions", () => {
  assert.deepEqual(secretsOf(contract), [
    { path: "masking.key", project: "vault-prj", name: "key", version: "latest" },
    { path: "staging.password", project: "vault-prj", name: "staging", version: "3" },
  ]);
});

test("a fresh masking key is no secret to look for", async () => {
  const fresh = { ...contract, masking: { ...contract.masking, key: "fresh" } };
  assert.deepEqual(
    secretsOf(fresh).map(({ path }) => path),
    ["staging.password"],
  );
  const nobody = () => assert.fail("Nothing is asked.");
  const [first] = secretChecks(fresh, nobody, { secretManager: "" });
  assert.equal(first?.check, "masking.key");
  assertVerdict((await first?.run()) ?? assert.fail(), "ok", /nothing to read/);
});

const RUNNING: Instance = { state: "RUNNABLE", databaseVersion: "MYSQL_8_0_36", region: "europe-west1" };

test("an instance's state", () => {
  const cases: readonly [role: "production" | "replica", instance: Instance, status: string, words: RegExp][] = [
    ["production", RUNNING, "ok", /MYSQL_8_0_36/],
    ["production", { ...RUNNING, instanceType: "READ_REPLICA_INSTANCE", masterInstanceName: "m" }, "ok", /./],
    ["production", { ...RUNNING, state: "SUSPENDED" }, "failed", /SUSPENDED/],
    ["production", { ...RUNNING, databaseVersion: "POSTGRES_16" }, "failed", /not MySQL/],
    ["replica", RUNNING, "ok", /./],
    [
      "replica",
      { ...RUNNING, instanceType: "READ_REPLICA_INSTANCE", masterInstanceName: "m" },
      "failed",
      /read replica/,
    ],
    ["replica", { ...RUNNING, region: "us-east1" }, "failed", /region/],
    ["replica", { ...RUNNING, state: "FAILED" }, "failed", /FAILED/],
  ];
  for (const [role, instance, status, words] of cases)
    assertVerdict(judgeState(contract, role, instance), status, words);
});

test("addresses, logins, tiers and disks", () => {
  const address = { ipAddresses: [{ type: "PRIVATE", ipAddress: "10.0.0.2" }] };
  const psc = { settings: { ipConfiguration: { pscConfig: { pscEnabled: true } } } };
  assertVerdict(judgePrivateAddress(contract, "replica", address), "ok", /10\.0\.0\.2/);
  assertVerdict(judgePrivateAddress(contract, "replica", psc), "failed", /--network=/);
  assertVerdict(judgePrivateAddress({ ...contract, network: "psc" }, "replica", psc), "ok");
  assertVerdict(
    judgePrivateAddress({ ...contract, network: "psc" }, "replica", address),
    "failed",
    /private-service-con/,
  );

  assertVerdict(judgeIamLogin(contract, "staging", {}), "ok", /`app`, by password/);
  assertVerdict(judgeIamLogin(contract, "replica", {}), "failed", /cloudsql_iam_authentication=on'$/);
  assertVerdict(judgeTier({ settings: { tier: "db-f1-micro" } }), "warning");
  assertVerdict(judgeTier({ settings: { tier: "db-custom-4-15360" } }), "ok");

  const disk = (dataDiskSizeGb: string, storageAutoResize = false, storageAutoResizeLimit = "0"): Instance => ({
    settings: { dataDiskSizeGb, storageAutoResize, storageAutoResizeLimit },
  });
  const cases: readonly [role: "replica" | "staging", own: Instance, status: string][] = [
    ["replica", disk("100"), "ok"],
    ["replica", disk("99"), "warning"],
    ["replica", disk("10", true), "ok"],
    ["replica", disk("10", true, "99"), "warning"],
    ["staging", disk("100"), "warning"],
    ["staging", disk("300"), "ok"],
    ["staging", disk("10", true, "300"), "ok"],
  ];
  for (const [role, own, status] of cases) assertVerdict(judgeDisk(contract, role, disk("100"), own), status);
});

test("versions and settings are compared with production's", () => {
  const version = (text: string) => parseVersion(text);
  const cases: readonly [production: string, own: string, status: string][] = [
    ["8.0.36", "8.0.40", "ok"],
    ["8.0.36", "8.4.2", "warning"],
    ["8.4.2", "8.0.36", "failed"],
    ["8.0.36", "5.7.44", "failed"],
    ["10.11.14-MariaDB", "10.11.2-MariaDB-log", "ok"],
    ["8.0.36", "10.11.14-MariaDB", "warning"],
  ];
  for (const [production, own, status] of cases) {
    assertVerdict(judgeVersion("staging", version(production), version(own)), status);
  }
  assertVerdict(judgeSetting("sql_mode", "A,B", "B,A", "set it"), "ok");
  assertVerdict(judgeSetting("sql_mode", "A,B", "A", "set it"), "warning", /set it/);
  assertVerdict(judgeSetting("lower_case_table_names", "0", "1", "anew"), "failed", /other names/);
});

test("lifecycle, location and notifications of the bucket", () => {
  const rule = (condition: Record<string, unknown>, type = "Delete"): Bucket => ({
    lifecycle: { rule: [{ action: { type }, condition }] },
  });
  assertVerdict(
    judgeLifecycle(contract, rule({ age: 1, matchesPrefix: ["nightly/runs/"] })),
    "ok",
    /after 1 day$|after 1 day /,
  );
  assertVerdict(judgeLifecycle(contract, rule({ age: 2 })), "ok", /2 days/);
  for (const document of [
    {},
    rule({ age: 30 }),
    rule({ age: 1, matchesPrefix: ["runs/"] }),
    rule({ age: 1 }, "SetStorageClass"),
    rule({ age: 1, isLive: false }),
  ]) {
    assertVerdict(judgeLifecycle(contract, document), "warning", /nightly\/runs\//);
  }
  const near = { ...contract, staging: { ...contract.staging, region: "europe-north1" } };
  assertVerdict(judgeLocation(near, { location: "EU" }), "ok");
  assertVerdict(judgeLocation(near, { location: "EUROPE-WEST1" }), "warning", /europe-north1/);
  assertVerdict(judgeLocation(contract, { location: "EU" }), "warning", /us-east1/);

  const topic = "//pubsub.googleapis.com/projects/pipe-prj/topics/understudy-shop-dump-finalized";
  const item = { topic, event_types: ["OBJECT_FINALIZE"], payload_format: "JSON_API_V1" };
  assertVerdict(judgeNotification(contract, { items: [item] }), "ok");
  assertVerdict(
    judgeNotification(contract, { items: [{ ...item, object_name_prefix: "nightly/runs/" }] }),
    "failed",
    /below `nightly\/inbox\/` → gcloud storage buckets notifications create gs:\/\/dumps .*--object-prefix=nightly\/inbox\/$/,
  );
  assertVerdict(judgeNotification(contract, {}), "failed", /`nightly\/runs\/` and `nightly\/inbox\/`/);
  assertVerdict(judgeNotification(contract, { items: [{ ...item, payload_format: "NONE" }] }), "failed", /JSON/);
  assertVerdict(judgeNotification(contract, { items: [{ ...item, event_types: ["OBJECT_DELETE"] }] }), "failed");
  assertVerdict(judgeNotification(contract, { items: [{ ...item, topic: `${topic}-2` }] }), "failed");
});

test("topics and subscriptions", () => {
  const schema = { schema: "projects/pipe-prj/schemas/s", encoding: "JSON" };
  assertVerdict(judgeTopic({ schemaSettings: schema }, true), "ok");
  assertVerdict(judgeTopic({}, true), "warning");
  assertVerdict(judgeTopic({}, false), "ok");
  assertVerdict(judgeTopic({ schemaSettings: schema }, false), "failed");
  assertVerdict(judgeTopic({ schemaSettings: { ...schema, encoding: "BINARY" } }, true), "failed");
  assertVerdict(judgeTopic({ schemaSettings: { ...schema, schema: "_deleted-schema_" } }, true), "failed", /deleted/);

  const mask = consumers.find(({ name }) => name === "mask")!;
  const good = {
    topic: "projects/pipe-prj/topics/understudy-shop-replica-loaded",
    ackDeadlineSeconds: 600,
    pushConfig: { pushEndpoint: "https://mask.run.app", oidcToken: { serviceAccountEmail: "push@pipe" } },
    expirationPolicy: {},
    retryPolicy: { minimumBackoff: "10s" },
    deadLetterPolicy: {
      deadLetterTopic: "projects/pipe-prj/topics/understudy-shop-dead-letter",
      maxDeliveryAttempts: 10,
    },
  };
  const cases: readonly [change: object, status: string, words: RegExp][] = [
    [{}, "ok", /pushes to https:\/\/mask\.run\.app/],
    [{ topic: "_deleted-topic_" }, "failed", /its topic is gone/],
    [{ topic: "projects/pipe-prj/topics/understudy-shop-masked" }, "failed", /another topic's/],
    [{ ackDeadlineSeconds: 10 }, "failed", /10 s and not 600 s.*--ack-deadline=600$/],
    [{ pushConfig: {} }, "failed", /pushes to nobody/],
    [{ pushConfig: { pushEndpoint: "https://mask.run.app" } }, "failed", /--push-auth-service-account=ACCOUNT$/],
    [
      { deadLetterPolicy: undefined },
      "failed",
      /--dead-letter-topic=projects\/pipe-prj\/topics\/understudy-shop-dead-letter/,
    ],
    [{ state: "RESOURCE_ERROR" }, "failed", /RESOURCE_ERROR/],
    [{ expirationPolicy: { ttl: "2678400s" } }, "warning", /31 days.*--expiration-period=never$/],
    [{ retryPolicy: undefined }, "warning", /--min-retry-delay=10s/],
    [{ ackDeadlineSeconds: 10, retryPolicy: undefined }, "failed", /--ack-deadline=600 --min-retry-delay/],
  ];
  for (const [change, status, words] of cases) {
    assertVerdict(judgeSubscription(contract, mask, { ...good, ...change }), status, words);
  }
  const deadLetter = consumers.find(({ name }) => name === "dead-letter")!;
  const { deadLetterPolicy: _none, ...own } = good;
  const topic = "projects/pipe-prj/topics/understudy-shop-dead-letter";
  assertVerdict(judgeSubscription(contract, deadLetter, { ...own, topic }), "ok");
});

test("a permission is held by any binding that names the account, and nothing is guessed of groups and unseen roles", () => {
  const me = "serviceAccount:me@pipe.iam.gserviceaccount.com";
  const roles = new Map([
    ["roles/reader", new Set(["a.get"])],
    ["roles/writer", new Set(["a.get", "a.put"])],
    ["roles/hidden", undefined],
  ]);
  const policy = (...bindings: NonNullable<Policy["bindings"]>): Policy => ({ bindings });
  const condition = { title: "by day", expression: "true" };
  const cases: readonly [policies: Policy[], status: string, words: RegExp][] = [
    [[policy({ role: "roles/writer", members: [me] })], "ok", /^roles\/writer →/],
    [[policy({ role: "roles/reader", members: [me] })], "failed", /lacks `a\.put` on it → grant$/],
    [[policy({ role: "roles/reader", members: [me] }), policy({ role: "roles/writer", members: [me] })], "ok", /./],
    [[policy({ role: "roles/writer", members: ["allAuthenticatedUsers"] })], "ok", /./],
    [[policy({ role: "roles/writer", members: ["user:other@x.com"] })], "failed", /a\.get`, `a\.put/],
    [[policy({ role: "roles/writer", members: ["group:team@x.com"] })], "unknown", /`group:team@x\.com`/],
    [[policy({ role: "roles/hidden", members: [me] })], "unknown", /the role `roles\/hidden`/],
    [[policy({ role: "roles/writer", members: [me], condition })], "ok", /not evaluated: `by day`/],
    [[{}], "failed", /./],
  ];
  for (const [policies, status, words] of cases) {
    const holding = holdingOf(me, ["a.get", "a.put"], policies, roles);
    assertVerdict(judgeHolding(holding, me, "on it", "grant"), status, words);
  }
});

test("a refusal is never taken for an answer", () => {
  const question = {
    ...{ url: "", what: "the bucket `b`", service: "storage.googleapis.com", project: "pipe" },
    ...{ permission: "storage.buckets.get", role: "roles/x", missing: "make it" },
    schema: z.unknown(),
  };
  const caller = { email: "ann@x.com", member: "user:ann@x.com" };
  const answer = (status: number, error: object = {}) =>
    Object.assign(new Error("text"), { status, response: { status, data: { error } } });
  const cases: readonly [error: Error, status: string, words: RegExp][] = [
    [
      answer(403),
      "unknown",
      /^ann@x\.com lacks `storage\.buckets\.get` in project `pipe` → gcloud projects add-iam-policy-binding pipe --member=user:ann@x\.com --role=roles\/x$/,
    ],
    [
      answer(403, { details: [{ reason: "SERVICE_DISABLED" }] }),
      "failed",
      /gcloud services enable storage\.googleapis\.com/,
    ],
    [answer(404), "failed", /^there is no bucket `b` → make it$/],
    [answer(401), "unknown", /gcloud auth application-default login$/],
    [new Error("Could not load the default credentials. Browse to"), "unknown", /application-default login$/],
    [answer(503), "unknown", /503/],
    [answer(400, { status: "INVALID_ARGUMENT" }), "unknown", /400 INVALID_ARGUMENT/],
    [Object.assign(new Error("x"), { code: "ECONNREFUSED" }), "unknown", /ECONNREFUSED/],
    [new TypeError("a defect"), "unknown", /TypeError/],
  ];
  for (const [error, status, words] of cases) assertVerdict(judgeRefusal(error, question, caller), status, words);
});

test("a sentence's command becomes the remedy", () => {
  assert.deepEqual(judgeSentence("It is stopped. Run `gcloud x`, then replay the run."), {
    ...{ status: "failed", detail: "It is stopped.", remedy: "gcloud x" },
  });
  assert.deepEqual(judgeSentence("Nothing to run."), { status: "failed", detail: "Nothing to run." });
});
