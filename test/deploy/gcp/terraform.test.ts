// What Terraform makes of deploy/gcp/terraform: Terraform itself plans and applies it, on stand-ins for its providers.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { after, before, describe, test } from "node:test";
import { firestoreDatabase, serviceAccountEmail, subscriptionName, topicName } from "../../../deploy/gcp/names.ts";
import { DumpFinalized, eventsByName, ExportDone, SyncRequested } from "../../../events/index.ts";
import { decode, encode } from "../../../events/message.ts";
import { consumers, DEAD_LETTER } from "../../../handlers/consumers.ts";
import { ROOT } from "../../support/source-files.ts";
import { CONTRACT, cloudContract, PERMISSIONS, whyNot } from "./terraform/contracts.ts";
import { type Applied, openTerraform, type Resource, type Terraform } from "./terraform/terraform.ts";

const PACKAGE = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as {
  readonly main: string;
  readonly scripts: Readonly<Record<string, string>>;
};

describe("deploy/gcp/terraform", { skip: await whyNot() }, () => {
  let terraform: Terraform;
  let made: Applied;
  const contract = cloudContract(CONTRACT);

  before(async () => {
    terraform = await openTerraform();
    made = await terraform.apply(CONTRACT);
  });
  after(() => terraform.stop());

  const all = (type: string): Resource[] => made.resources.filter((one) => one.type === type);
  const values = (type: string, name: string) => {
    const found = all(type).find((one) => one.values.name === name);
    assert.ok(found, `${type} ${name}`);
    return found.values;
  };

  test("Terraform finds it valid and formatted", async () => {
    assert.match(await terraform.validate(), /^Success!/);
    assert.equal(await terraform.unformatted(), "");
  });

  test("every event has a topic, and those of ours the schema that is generated from them", () => {
    const names = [...eventsByName.keys()].map((event) => topicName(contract, event)).toSorted();
    assert.deepEqual(
      all("google_pubsub_topic")
        .map(({ values: { name } }) => name as string)
        .toSorted(),
      names,
    );
    for (const event of eventsByName.keys()) {
      const name = topicName(contract, event);
      const isOurs = !["dump-finalized", "dead-letter"].includes(event);
      const expected = [{ encoding: "JSON", schema: `projects/acme-sync/schemas/${name}` }];
      const settings = values("google_pubsub_topic", name).schema_settings as object[];
      assert.deepEqual(
        settings.map((one) => ({ ...one })),
        isOurs ? expected : [],
        event,
      );
      if (isOurs) assert.equal(values("google_pubsub_schema", name).type, "AVRO");
    }
  });

  test("every consumer has a function, a subscription to its event that calls it, and an account for both", () => {
    const names = consumers.map(({ name }) => name);
    assert.deepEqual(Object.keys(PERMISSIONS).toSorted(), names.toSorted());
    assert.equal(all("google_cloudfunctions2_function").length, names.length);
    assert.equal(all("google_pubsub_subscription").length, names.length);
    for (const { name, on } of consumers) {
      const account = serviceAccountEmail(contract, name);
      const { build_config: build, service_config: service } = values(
        "google_cloudfunctions2_function",
        `understudy-shop-${name}`,
      );
      assert.equal(build[0].entry_point, name);
      assert.equal(build[0].runtime, "nodejs24");
      assert.equal(service[0].service_account_email, account);
      assert.equal(service[0].timeout_seconds, 600);
      assert.equal(service[0].ingress_settings, "ALLOW_INTERNAL_ONLY");
      const subscription = values("google_pubsub_subscription", subscriptionName(contract, name));
      assert.equal(subscription.topic, `projects/acme-sync/topics/${topicName(contract, on.name)}`);
      const [push] = subscription.push_config;
      assert.equal(push.push_endpoint, service[0].uri);
      assert.deepEqual(push.oidc_token, [{ service_account_email: account, audience: service[0].uri }]);
    }
  });

  test("subscriptions wait as long as they can, back off, never expire, and give up to the dead-letter topic", () => {
    for (const { values: subscription } of all("google_pubsub_subscription")) {
      assert.equal(subscription.ack_deadline_seconds, 600);
      assert.equal(subscription.message_retention_duration, "604800s");
      assert.deepEqual(subscription.retry_policy, [{ minimum_backoff: "10s", maximum_backoff: "600s" }]);
      assert.deepEqual(subscription.expiration_policy, [{ ttl: "" }]);
      const letters = `projects/acme-sync/topics/${topicName(contract, DEAD_LETTER)}`;
      assert.deepEqual(
        subscription.dead_letter_policy,
        subscription.name === subscriptionName(contract, DEAD_LETTER)
          ? [] // its own letters would come back to it for ever
          : [{ dead_letter_topic: letters, max_delivery_attempts: 10 }],
      );
    }
  });

  test("filters let through what a stage takes, its continuations and Cloud Storage's notifications", () => {
    const runId = "20261122-021500-000-4f9a2c";
    const exported = (origin: "production" | "replica") =>
      encode(ExportDone.create({ runId, origin, dump: "runs/x", generation: "1", bytes: 1 })).attributes;
    const finalized = { bucket: "b", name: "n", generation: "1", size: "1" };
    const continued = encode(DumpFinalized.create(finalized)).attributes;
    const passes = (stage: string, attributes: Readonly<Record<string, string>>) =>
      matches(values("google_pubsub_subscription", subscriptionName(contract, stage)).filter as string, attributes);
    assert.ok(passes("load-replica", exported("production")) && !passes("load-replica", exported("replica")));
    assert.ok(passes("load-staging", exported("replica")) && !passes("load-staging", exported("production")));
    assert.ok(passes("dump-finalized", { eventType: "OBJECT_FINALIZE" }) && passes("dump-finalized", continued));
    assert.ok(!passes("dump-finalized", { eventType: "OBJECT_DELETE" }));
  });

  test("what is deleted from the bucket is gone, raw dumps live a day, and objects are reported", () => {
    const dumps = values("google_storage_bucket", "acme-sync-dumps");
    assert.equal(dumps.uniform_bucket_level_access, true);
    assert.equal(dumps.public_access_prevention, "enforced");
    assert.deepEqual(dumps.versioning ?? [], []);
    assert.equal(dumps.soft_delete_policy[0].retention_duration_seconds, 0);
    const rules = dumps.lifecycle_rule as {
      action: [{ type: string }];
      condition: [{ age: number; matches_prefix: string[] }];
    }[];
    assert.deepEqual(
      rules.map(({ action: [action], condition: [condition] }) => [
        action.type,
        condition.age,
        condition.matches_prefix,
      ]),
      [
        ["Delete", 1, ["shop/runs/", "shop/inbox/"]],
        ["AbortIncompleteMultipartUpload", 1, null],
      ],
    );
    const reports = all("google_storage_notification").map((one) => one.values);
    assert.deepEqual(reports.map((one) => one.object_name_prefix as string).toSorted(), ["shop/inbox/", "shop/runs/"]);
    for (const report of reports) {
      assert.deepEqual([report.payload_format, ...report.event_types], ["JSON_API_V1", "OBJECT_FINALIZE"]);
      assert.equal(report.topic, `projects/acme-sync/topics/${topicName(contract, "dump-finalized")}`);
    }
  });

  test("the scheduled message is a request that the first stage takes", () => {
    const [job] = all("google_cloud_scheduler_job").map((one) => one.values);
    assert.equal(job.paused, true);
    const [target] = job.pubsub_target;
    const data = Buffer.from(target.data as string, "base64");
    const message = { topic: "sync-requested", id: "1", publishedAt: new Date(0), attempt: 1 };
    const request = decode(SyncRequested, { ...message, data, attributes: target.attributes });
    assert.deepEqual([request.data.pipeline, request.data.requestedBy], ["shop", "scheduler"]);
  });

  test("runs and dead letters expire, and the index that listing needs is there", () => {
    assert.equal(all("google_firestore_database")[0]?.values.name, firestoreDatabase(contract));
    const expiring = all("google_firestore_field").filter(({ values: { ttl_config: ttl } }) => ttl.length === 1);
    assert.deepEqual(expiring.map((one) => `${one.values.collection}.${one.values.field}`).toSorted(), [
      "deadLetters.expireAt",
      "runs.expireAt",
    ]);
    assert.deepEqual(
      all("google_firestore_index").map(({ values: { collection, fields } }) => [
        collection,
        ...(fields as { field_path: string; order: string }[]).map((field) => `${field.field_path} ${field.order}`),
      ]),
      [
        ["deadLetters", "pipeline ASCENDING", "failedAt DESCENDING"],
        ["runs", "pipeline ASCENDING", "runId DESCENDING"],
      ],
    );
  });

  test("the functions' source is all that they import, with the contract and without what runs elsewhere", () => {
    const [source] = all("archive_file").map((one) => one.values.source as { filename: string }[]);
    const files = new Set(source?.map(({ filename }) => filename));
    assert.ok(["sync.yaml", "package.json", "package-lock.json"].every((name) => files.has(name)));
    assert.deepEqual(
      [...files].filter((name) => /^(?:test|cli)\/|\.test\.ts$/.test(name)),
      [],
    );
    const needed = importedBy(PACKAGE.main);
    assert.ok(needed.size > 100, `${needed.size} files were found`);
    assert.deepEqual(
      [...needed].filter((name) => !files.has(name)),
      [],
    );
  });

  test("the buildpack finds nothing to build and takes nothing along that is not needed", () => {
    assert.deepEqual(
      ["build", "gcp-build"].filter((script) => script in PACKAGE.scripts),
      [],
    );
    for (const { values: built } of all("google_cloudfunctions2_function")) {
      assert.equal(built.build_config[0].environment_variables.NPM_CONFIG_OPTIONAL, "false");
    }
  });

  test("alerts name the subscriptions that there are", () => {
    const policies = all("google_monitoring_alert_policy");
    assert.equal(policies.length, 4);
    const unscheduled = policies.find(({ name }) => name === "no_success");
    assert.equal(unscheduled?.values.enabled, false); // the job is paused
    const overdue = JSON.stringify(policies.find(({ name }) => name === "overdue")?.values);
    for (const { name } of consumers) {
      assert.equal(overdue.includes(`\\"${subscriptionName(contract, name)}\\"`), name !== DEAD_LETTER, name);
    }
  });
});

/** Pub/Sub's filters, as far as ours go: https://cloud.google.com/pubsub/docs/subscription-message-filter */
function matches(filter: string, attributes: Readonly<Record<string, string>>): boolean {
  return filter.split(" OR ").some((term) => {
    const [, name = "", value] = /^attributes\.(\w+) = "([^"]*)"$/.exec(term) ?? assert.fail(term);
    return attributes[name] === value;
  });
}

/** A file and all that it imports, from the repository's root. */
function importedBy(path: string, found = new Set<string>()): Set<string> {
  if (found.has(path)) return found;
  found.add(path);
  const text = readFileSync(join(ROOT, path), "utf8");
  for (const [, specifier = ""] of text.matchAll(/(?:\bfrom|\bimport)\s*\(?\s*"(\.[^"\n]+\.ts)"/g)) {
    importedBy(normalize(join(dirname(path), specifier)), found);
  }
  return found;
}
