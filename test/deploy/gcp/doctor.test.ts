// The doctor of the gcp world against every API that it asks: silent on a healthy deployment, one line for what is spoiled.
import assert from "node:assert/strict";
import { dirname } from "node:path";
import { test } from "node:test";
import { property } from "../../../contracts/plain-data.ts";
import { serviceAccountEmail, subscriptionName, topicName } from "../../../deploy/gcp/names.ts";
import { understudy } from "../../cli/understudy.ts";
import { servicePath } from "./doctor-grants.ts";
import { subscriptionPath } from "./doctor-topics.ts";
import { type Deployment, openDeployment } from "./doctor-world.ts";

/** What is not ok, as `area: check: status: detail → remedy`. */
async function complaints(deployment: Deployment): Promise<string[]> {
  const findings = await deployment.examine();
  return findings
    .filter(({ status }) => status !== "ok")
    .map(({ area, check, status, detail, remedy = "" }) => `${area}: ${check}: ${status}: ${detail} → ${remedy}`);
}

/** Takes an entry out of a list; gives what puts it back. */
function without<Entry>(list: Entry[], is: (entry: Entry) => boolean): () => void {
  const index = list.findIndex(is);
  assert.notEqual(index, -1);
  const [removed] = list.splice(index, 1);
  return () => void list.splice(index, 0, removed!);
}

type Spoil = (deployment: Deployment) => (() => unknown) | Promise<() => unknown>;

/** Each with the line that it gives, and what puts it right. */
const SPOILED: readonly (readonly [line: RegExp, spoil: Spoil])[] = [
  [
    /^APIs: shop-\w+: failed: not enabled: pubsub\.googleapis\.com → gcloud services enable pubsub\.googleapis\.com --project=shop-\w+$/,
    ({ project }) => {
      project.services.delete("pubsub.googleapis.com");
      return () => project.services.add("pubsub.googleapis.com");
    },
  ],
  [
    /^replica: public address: failed: .*public address.* → gcloud sql instances patch shop-replica --project=shop-\w+ --no-assign-ip$/,
    settings("replica", { ipConfiguration: { ipv4Enabled: true } }),
  ],
  [/^staging: public address: warning: /, settings("staging", { ipConfiguration: { ipv4Enabled: true } })],
  [
    /^replica: backups: failed: .* → gcloud sql instances patch shop-replica .* --no-backup$/,
    settings("replica", { backupConfiguration: { enabled: true } }),
  ],
  [
    /^replica: binary log: failed: .* --no-enable-bin-log$/,
    settings("replica", { backupConfiguration: { binaryLogEnabled: true } }),
  ],
  [
    /^replica: audit log: failed: .*audit log.* --database-flags='\^~\^cloudsql_iam_authentication=on~cloudsql_mysql_audit=off'$/,
    settings("replica", {
      databaseFlags: [
        { name: "cloudsql_iam_authentication", value: "on" },
        { name: "cloudsql_mysql_audit", value: "ON" },
      ],
    }),
  ],
  [
    /^staging: triggers: warning: .*1419.* --database-flags='\^~\^cloudsql_iam_authentication=on~log_bin_trust_function_creators=on'$/,
    settings("staging", { backupConfiguration: { binaryLogEnabled: true } }),
  ],
  [
    /^staging: disk room: warning: 20 GB that do not grow; production has 20 GB, of which staging holds up to three copies → /,
    settings("staging", { storageAutoResize: false }),
  ],
  [
    /^replica: login: failed: .* --database-flags='\^~\^cloudsql_iam_authentication=on'$/,
    settings("replica", { databaseFlags: [] }),
  ],
  [
    /^staging: sql_mode: warning: `ANSI_QUOTES`, production has `default`.* --database-flags='\^~\^cloudsql_iam_authentication=on'$/,
    settings("staging", {
      databaseFlags: [
        { name: "cloudsql_iam_authentication", value: "on" },
        { name: "sql_mode", value: "ANSI_QUOTES" },
      ],
    }),
  ],
  [
    /^staging: version: failed: MySQL 8\.0 is older than production's MySQL 8\.4/,
    ({ instances }) => {
      instances.staging.resource = { databaseVersion: "MYSQL_8_0_36" };
      return () => delete instances.staging.resource;
    },
  ],
  [
    /^replica: state: failed: .*is stopped\. → gcloud sql instances patch shop-replica .* --activation-policy=ALWAYS$/,
    settings("replica", { activationPolicy: "NEVER" }),
  ],
  [
    /^bucket: replica's account: failed: `p1234567890-shop-replica@gcp-sa-cloud-sql\.iam\.gserviceaccount\.com` lacks `storage\.objects\.create`, `storage\.objects\.delete` on `gs:\/\/.* → gcloud storage buckets add-iam-policy-binding gs:\/\/\S+ --member=serviceAccount:p1234567890-shop-replica@\S+ --role=roles\/storage\.objectAdmin$/,
    ({ objects }) => without(objects, ({ member }) => member.includes("shop-replica@")),
  ],
  [
    /^bucket: public access: failed: .* --public-access-prevention$/,
    bucketResource({
      iamConfiguration: { uniformBucketLevelAccess: { enabled: true }, publicAccessPrevention: "inherited" },
    }),
  ],
  [
    /^bucket: deleted dumps: failed: .*7 days.* → gcloud storage buckets update gs:\/\/\S+ --clear-soft-delete$/,
    bucketResource({ softDeletePolicy: { retentionDurationSeconds: "604800" } }),
  ],
  [
    /^bucket: deleted dumps: failed: .*older versions.*--no-versioning$/,
    bucketResource({ versioning: { enabled: true } }),
  ],
  [/^bucket: lifecycle: warning: /, bucketResource({ lifecycle: undefined })],
  [/^bucket: location: warning: US-EAST1, and instances in europe-west1/, bucketResource({ location: "US-EAST1" })],
  [
    /^Pub\/Sub: dead letters of mask: failed: `service-123456789012@gcp-sa-pubsub\S+` lacks `pubsub\.subscriptions\.consume` .* → gcloud pubsub subscriptions add-iam-policy-binding understudy-shop-mask .*--role=roles\/pubsub\.subscriber$/,
    ({ contract, policies }) => without(policies.get(subscriptionPath(contract, "mask"))!, () => true),
  ],
  [
    /^Pub\/Sub: subscription mask: failed: its ack deadline is 60 s and not 600 s.* → gcloud pubsub subscriptions update understudy-shop-mask .* --ack-deadline=600$/,
    async ({ contract, pubsub }) => {
      const set = (ackDeadlineSeconds: number) =>
        pubsub("PATCH", subscriptionPath(contract, "mask"), {
          subscription: { name: subscriptionPath(contract, "mask"), ackDeadlineSeconds },
          updateMask: "ackDeadlineSeconds",
        });
      await set(60);
      return () => set(600);
    },
  ],
  [
    /^functions: mask: failed: it is FAILED/,
    ({ functions }) => {
      const found = functions.get("understudy-shop-mask")!;
      found.state = "FAILED";
      return () => (found.state = "ACTIVE");
    },
  ],
  [
    /^functions: mask: failed: its subscription pushes to `\S+\/mask` and not to `https:\/\/elsewhere\.run\.app`/,
    ({ functions }) => {
      const found = functions.get("understudy-shop-mask")!;
      const { uri } = found;
      found.uri = "https://elsewhere.run.app";
      return () => (found.uri = uri);
    },
  ],
  [
    /^functions: mask: failed: `shop-mask@\S+` lacks `run\.routes\.invoke` .* → gcloud run services add-iam-policy-binding understudy-shop-mask .*--region=europe-west1 .*--role=roles\/run\.invoker$/,
    ({ contract, policies }) => without(policies.get(servicePath(contract, "mask"))!, () => true),
  ],
  [
    /^staging: users: failed: no user for `shop-load-staging@\S+` → gcloud sql users create shop-load-staging@\S+ --instance=shop-staging .*--type=cloud_iam_service_account$/,
    ({ contract, users }) => {
      const email = serviceAccountEmail(contract, "load-staging");
      users.delete(email);
      return () => users.add(email);
    },
  ],
  [
    /^Firestore: expiry of runs: warning: .* → gcloud firestore fields ttls update expireAt --collection-group=runs .*--database=understudy-shop/,
    ({ firestore }) => {
      firestore.ttl["runs"] = "";
      return () => (firestore.ttl["runs"] = "ACTIVE");
    },
  ],
  [
    /^secrets: masking\.key: failed: version 1 of `masking-key` is DISABLED → /,
    ({ secrets }) => {
      const [enabled] = secrets.splice(0, 1);
      secrets.push({ ...enabled!, versions: [{ value: "irrelevant", state: "DISABLED" }] });
      return () => secrets.splice(0, 1, enabled!);
    },
  ],
  [
    /^service accounts: mask: failed: it lacks secretmanager\.versions\.access on the secret `masking-key` → terraform/,
    ({ contract, policies }) => without(policies.get(`projects/${contract.project}/secrets/masking-key`)!, () => true),
  ],
  [
    /^service accounts: mask: failed: there is no service account `shop-mask@/,
    ({ project }) => {
      const email = [...project.accounts].find((each) => each.startsWith("shop-mask@")) ?? "";
      project.accounts.delete(email);
      return () => project.accounts.add(email);
    },
  ],
  [
    /^service accounts: export-production: failed: it lacks .*cloudsql\.instances\.export on production/,
    ({ project }) => without(project.bindings, ({ role }) => role.endsWith("understudy_export_production_production")),
  ],
  [
    /^service accounts: production is read only: failed: `load-staging` has cloudsql\.instances\.import in its project, and no condition leaves `shop-production` out/,
    ({ project }) => {
      const index = project.bindings.findIndex(({ role }) => role.endsWith("load_staging_staging"));
      const { condition, ...binding } = project.bindings[index]!;
      project.bindings[index] = binding;
      return () => (project.bindings[index] = { ...binding, condition: condition! });
    },
  ],
  [
    /^service accounts: production is read only: failed: `load-staging` has /,
    ({ contract, project }) => {
      const index = project.bindings.findIndex(({ role }) => role.endsWith("load_staging_staging"));
      const binding = project.bindings[index]!;
      const expression = `resource.name == "projects/${contract.project}/instances/shop-production"`;
      project.bindings[index] = { ...binding, condition: { title: "a mistake", expression } };
      return () => (project.bindings[index] = binding);
    },
  ],
  [
    /^production: state: unknown: operator@\S+ lacks `cloudsql\.instances\.get` in project `shop-\w+` \(30 checks need it\) → gcloud projects add-iam-policy-binding shop-\w+ --member=serviceAccount:operator@\S+ --role=roles\/cloudsql\.viewer$/,
    ({ sql }) => without(sql, ({ permission }) => permission === "cloudsql.instances.get"),
  ],
  [
    /^service accounts: export-production: unknown: operator@\S+ lacks `resourcemanager\.projects\.getIamPolicy`/,
    ({ project }) =>
      without(project.grants, ({ permission }) => permission === "resourcemanager.projects.getIamPolicy"),
  ],
];

/** Settings that an instance has for a while. */
function settings(role: "replica" | "staging", own: object): Spoil {
  return ({ instances }) => {
    instances[role].resource = { settings: own };
    return () => delete instances[role].resource;
  };
}

function bucketResource(own: Readonly<Record<string, unknown>>): Spoil {
  return ({ bucket }) => {
    const { resource = {} } = bucket;
    bucket.resource = { ...resource, ...own };
    return () => (bucket.resource = resource);
  };
}

test("a deployment as Terraform leaves it is healthy; each spoiled thing gives its line and no other", async (t) => {
  const deployment = await openDeployment(t);
  assert.deepEqual(await complaints(deployment), []);
  for (const [line, spoil] of SPOILED) {
    const mend = await spoil(deployment);
    const told = await complaints(deployment);
    assert.match(told[0] ?? "nothing", line);
    assert.equal(told.length, 1, told.join("\n"));
    await mend();
  }
  assert.deepEqual(await complaints(deployment), []);
});

test("what is not there is told with how to make it", async (t) => {
  const deployment = await openDeployment(t);
  const { contract, pubsub, instances } = deployment;
  await pubsub("DELETE", subscriptionPath(contract, "preserve"));
  await pubsub("DELETE", `projects/${contract.project}/topics/${topicName(contract, "synced")}`);
  instances.staging.name = "renamed";
  const told = await complaints(deployment);
  assert.deepEqual(
    told.map((line) => line.replace(/(?: \(\d+ checks need it\))? → .*$/, "").replace(contract.project, "PROJECT")),
    [
      "staging: state: failed: there is no instance `shop-staging` in project `PROJECT`",
      `staging: database: failed: there is no database \`${contract.staging.database}\` on \`shop-staging\``,
      `Pub/Sub: topic synced: failed: there is no topic \`${topicName(contract, "synced")}\` in project \`PROJECT\``,
      `Pub/Sub: subscription preserve: failed: there is no subscription \`${subscriptionName(contract, "preserve")}\` in project \`PROJECT\``,
    ],
  );
});

test("the command ends with 0 where all is well, and with 1 and the line where something is not", async (t) => {
  const deployment = await openDeployment(t);
  const place = { directory: dirname(deployment.contractFile), environment: deployment.environment };
  const healthy = await understudy(t, "doctor --json", place);
  assert.equal(healthy.stderr, "");
  assert.equal(healthy.code, 0);
  assert.equal(property(JSON.parse(healthy.stdout), "ok"), true);

  deployment.firestore.type = "DATASTORE_MODE";
  const spoiled = await understudy(t, "doctor", place);
  assert.equal(spoiled.code, 1);
  assert.match(spoiled.stdout, /^ {2}FAILED {2}database +it is of type DATASTORE_MODE\n {6}→ Delete it/m);
  assert.match(spoiled.stdout, /\n\d+ checks: 1 failed, \d+ ok\.\n$/);
});
