// What can be set, and what is refused before anything is made.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { ALONE, CONTRACT, whyNot } from "./terraform/contracts.ts";
import { openTerraform, type Terraform } from "./terraform/terraform.ts";

describe("variables of deploy/gcp/terraform", { skip: await whyNot() }, () => {
  let terraform: Terraform;
  before(async () => void (terraform = await openTerraform()));
  after(() => terraform.stop());

  test("a created replica has production's version, a private address only, and keeps nothing", async () => {
    const { resources } = await terraform.apply(ALONE, {
      ...{
        create_replica: true,
        create_bucket: false,
        create_secrets: false,
        schedule: null,
        deletion_protection: false,
      },
    });
    const [replica, ...others] = resources.filter(
      ({ type, address }) => type === "google_sql_database_instance" && !address.startsWith("data."),
    );
    assert.deepEqual(others, []);
    assert.equal(replica?.values.database_version, "MYSQL_8_4");
    assert.equal(replica?.values.deletion_protection, false);
    const settings = replica?.values.settings[0];
    assert.equal(settings.disk_size, 100);
    const [{ ipv4_enabled: isPublic, private_network: network }] = settings.ip_configuration;
    assert.deepEqual([isPublic, network], [false, "projects/acme-net/global/networks/main"]);
    const [{ enabled, binary_log_enabled: logs }] = settings.backup_configuration;
    assert.deepEqual([enabled, logs], [false, false]);
    const types = new Set(resources.filter(({ address }) => !address.startsWith("data.")).map(({ type }) => type));
    assert.ok(!types.has("google_cloud_scheduler_job") && !types.has("google_secret_manager_secret"));
    const buckets = resources.filter(
      ({ type, address }) => type === "google_storage_bucket" && !address.startsWith("data."),
    );
    assert.deepEqual(
      buckets.map(({ name }) => name),
      ["source"],
    );
  });

  test("a contract that extends another is refused: Terraform would deploy half of it", async () => {
    await assert.rejects(
      terraform.apply(`extends: base.yaml\n${CONTRACT}`, {}),
      /contract that is deployed must be whole/,
    );
  });

  test("a masking key that is made for each run is no secret to make", async () => {
    const { resources } = await terraform.apply(CONTRACT.replace(/key: secret:\S+?(?=[,\s}])/, "key: fresh"), {});
    const secrets = resources.filter(({ type }) => type === "google_secret_manager_secret");
    assert.ok(!secrets.some(({ values }) => values.secret_id === "masking-key"));
  });

  test("a day without a success is told of once syncs are scheduled", async () => {
    const { resources } = await terraform.apply(CONTRACT, { schedule_paused: false });
    const policy = resources.find(({ address }) => address === "google_monitoring_alert_policy.no_success");
    assert.equal(policy?.values.enabled, true);
  });

  test("a bucket that is named must forget what is deleted from it", async (t) => {
    const answer = { uniform_bucket_level_access: true, public_access_prevention: "enforced" };
    const remembering = { ...answer, soft_delete_policy: [{ retention_duration_seconds: 604_800 }] };
    const other = await openTerraform({ answers: { "data.google_storage_bucket": () => remembering } });
    t.after(() => other.stop());
    await assert.rejects(
      other.apply(CONTRACT, { create_bucket: false }),
      /keeps what is deleted from it, raw dumps too/,
    );
  });

  test("a replica behind Private Service Connect is not created", () =>
    assert.rejects(terraform.apply(`${ALONE}network: psc`, { create_replica: true }), /set create_replica = false/));

  for (const [what, from, to, complaint] of [
    ["a contract for servers", 'instance: "acme-prod:europe-west1:shop"', "host: db", /must each have an `instance`/],
    ["a long pipeline name", "pipeline: shop", "pipeline: a-very-long-name", /must be 1 to 12 lower-case/],
    ["a directory for dumps", "gs://acme-sync-dumps/shop", "./dumps", /must be a bucket/],
  ] as const) {
    test(`${what} is refused`, () => assert.rejects(terraform.apply(CONTRACT.replace(from, to)), complaint));
  }

  test("a contract that is not there is refused", () =>
    assert.rejects(
      terraform.apply(CONTRACT, { contract_file: "/nowhere/sync.yaml" }),
      /There is no file at contract_file/,
    ));

  test("every variable with a form is held to it", async () => {
    const wrong = {
      ...{ network: "default", subnetwork: "default", schedule: "@daily", usual_minutes: 5000 },
      ...{ operators: ["ann@example.com"], notification_channels: ["#sre"], replica_tier: "db-f1-micro" },
    };
    await assert.rejects(terraform.apply(CONTRACT, wrong), ({ message }: Error) => {
      for (const complaint of [
        "expected as projects/PROJECT/global/networks/NAME",
        "expected as projects/PROJECT/regions/REGION/subnetworks/NAME",
        "The schedule is expected as five fields",
        "a whole number from 30 to 1380",
        "An operator is expected as user:EMAIL",
        "A channel is expected as projects/PROJECT/notificationChannels/ID",
        "too little memory for an import",
      ]) {
        assert.ok(message.includes(complaint), `${complaint}: ${message}`);
      }
      return true;
    });
  });
});
