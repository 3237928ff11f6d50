// Who may do what, by the roles, bindings and conditions that Terraform makes: what permissions.json says, and no more.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { CloudContract } from "../../../contracts/sync-contract.ts";
import { firestoreDatabase, serviceAccountEmail, subscriptionName, topicName } from "../../../deploy/gcp/names.ts";
import { eventsByName } from "../../../events/index.ts";
import { consumers, DEAD_LETTER } from "../../../handlers/consumers.ts";
import { ALONE, CONTRACT, cloudContract, PERMISSIONS, whyNot } from "./terraform/contracts.ts";
import { bucket, instance, isAllowed, object, permissionsOn } from "./terraform/permissions.ts";
import { type Applied, openTerraform, type Resource, type Terraform } from "./terraform/terraform.ts";

const ROLES = ["production", "replica", "staging"] as const;

/** They show settings and progress; an operation is addressed by its project, so they hold for all of it. */
const LOOKING = ["cloudsql.instances.get", "cloudsql.instances.list"];
const acting = (permissions: readonly string[]) => permissions.filter((one) => !LOOKING.includes(one)).toSorted();

const OPERATOR = "group:sre@example.com";

describe("permissions on Google Cloud", { skip: await whyNot() }, () => {
  let terraform: Terraform;
  const worlds = new Map<string, { readonly contract: CloudContract; readonly applied: Applied }>();

  before(async () => {
    terraform = await openTerraform();
    for (const text of [CONTRACT, ALONE]) {
      const applied = await terraform.apply(text, { operators: [OPERATOR] });
      worlds.set(text, { contract: cloudContract(text), applied });
    }
  });
  after(() => terraform.stop());

  const world = (text = CONTRACT) => worlds.get(text) ?? assert.fail();
  const all = (type: string, text = CONTRACT): Resource[] =>
    world(text).applied.resources.filter((one) => one.type === type);

  for (const [where, text] of [
    ["in three projects", CONTRACT],
    ["in one project", ALONE],
  ] as const) {
    test(`${where}, a stage may do with each instance what its table says, and with others nothing`, () => {
      const { contract, applied } = world(text);
      for (const { name: stage } of consumers) {
        const account = serviceAccountEmail(contract, stage);
        for (const role of ROLES) {
          const { project, name } = contract[role];
          const listed = PERMISSIONS[stage]?.[role] ?? [];
          const may = permissionsOn(applied.resources, account, { project }, instance(project, name));
          assert.deepEqual(acting(may), acting(listed), `${stage} on ${role}`);
          for (const look of LOOKING) if (listed.includes(look)) assert.ok(may.includes(look), `${stage} on ${role}`);
          const other = permissionsOn(applied.resources, account, { project }, instance(project, `${name}-2`));
          assert.deepEqual(acting(other), [], `${stage} on another instance than ${role}`);
        }
      }
    });

    test(`${where}, nothing may be done with production but to export it, and that by export-production alone`, () => {
      const { contract, applied } = world(text);
      const { project, name } = contract.production;
      for (const { values } of all("google_service_account", text)) {
        const may = permissionsOn(applied.resources, values.email as string, { project }, instance(project, name));
        const exports = values.account_id === "shop-export-production";
        assert.deepEqual(acting(may), exports ? ["cloudsql.instances.export"] : [], values.account_id as string);
      }
      const users = all("google_sql_user", text).map(({ values }) => `${values.project}/${values.instance}`);
      assert.ok(users.length > 0 && !users.includes(`${project}/${name}`));
    });
  }

  test("a table that lets a stage import into production is refused", async (t) => {
    const [exported, imported] = ["export", "import"].map((verb) => `"cloudsql.instances.${verb}"`);
    const edited = await openTerraform({
      edit: { file: "permissions.json", change: (text) => text.replace(`${exported}]`, `${exported}, ${imported}]`) },
    });
    t.after(() => edited.stop());
    await assert.rejects(edited.apply(CONTRACT), /lets `export-production` do more with production than export it/);
  });

  test("a stage reaches the objects that its table names, below the contract's prefix alone", () => {
    const { contract, applied } = world();
    const at = { bucket: "acme-sync-dumps" };
    for (const { name: stage } of consumers) {
      const account = serviceAccountEmail(contract, stage);
      const { bucket: onBucket = [], objects = {} } = PERMISSIONS[stage] ?? {};
      const on = (name: string) => permissionsOn(applied.resources, account, at, object(at.bucket, name));
      for (const below of ["runs/", "inbox/"]) {
        const wanted = [...new Set([...(objects[below] ?? []), ...onBucket])].toSorted();
        assert.deepEqual(on(`shop/${below}x`), wanted, `${stage} below ${below}`);
      }
      assert.deepEqual(on("other/runs/x"), onBucket.toSorted(), stage);
      assert.deepEqual(permissionsOn(applied.resources, account, at, bucket(at.bucket)), onBucket.toSorted(), stage);
    }
  });

  test("a stage publishes what its table says; operators publish everything", () => {
    const { contract } = world();
    const granted = all("google_pubsub_topic_iam_member")
      .filter(({ name }) => name === "stage")
      .map(({ values }) => `${values.member} ${values.topic.split("/").at(-1)}`);
    const wanted = Object.entries(PERMISSIONS).flatMap(([stage, { publishes }]) =>
      publishes.map((event) => `serviceAccount:${serviceAccountEmail(contract, stage)} ${topicName(contract, event)}`),
    );
    assert.deepEqual(granted.toSorted(), wanted.toSorted());
    const operators = all("google_pubsub_topic_iam_member").filter(({ values }) => values.member === OPERATOR);
    assert.equal(operators.length, eventsByName.size);
  });

  test("the run store is the pipeline's own database, for its stages and operators", () => {
    const { contract } = world();
    const members = all("google_project_iam_member").filter(({ name }) => name === "run_store");
    assert.equal(members.length, consumers.length + 1);
    for (const { values } of members) {
      assert.equal(values.role, "roles/datastore.user");
      const database = `projects/acme-sync/databases/${firestoreDatabase(contract)}`;
      assert.equal(values.condition[0].expression, `resource.name == "${database}"`);
    }
  });

  test("an instance reaches the bucket as itself: production and the replica write, the replica and staging read", () => {
    const { contract, applied } = world();
    const at = { bucket: "acme-sync-dumps" };
    const may = (role: (typeof ROLES)[number]) => {
      const account = `${contract[role].project}-${contract[role].name}@gcp-sa-cloud-sql.iam.gserviceaccount.com`;
      return permissionsOn(applied.resources, account, at, object(at.bucket, "shop/runs/x"));
    };
    const can = (...verbs: string[]) => verbs.map((verb) => `storage.objects.${verb}`);
    assert.deepEqual(may("production"), can("create", "delete", "list"));
    assert.deepEqual(may("replica"), can("create", "delete", "get", "list"));
    assert.deepEqual(may("staging"), can("get", "list"));
  });

  test("a secret is read by who needs it, created without a value, and in the pipeline's project alone", () => {
    for (const text of [CONTRACT, ALONE]) {
      assert.deepEqual(
        all("google_secret_manager_secret", text).map(({ values }) => values.secret_id as string),
        ["masking-key"],
      );
      assert.equal(all("google_secret_manager_secret_version", text).length, 0);
    }
    const readers = (text: string, secret: string) =>
      all("google_secret_manager_secret_iam_member", text)
        .filter(({ values }) => values.secret_id === secret)
        .map(({ values }) => (values.member as string).replace(/^serviceAccount:shop-(.*)@.*$/, "$1"));
    const needing = (path: string) =>
      Object.keys(PERMISSIONS).filter((name) => PERMISSIONS[name]?.secrets?.includes(path));
    assert.deepEqual(readers(CONTRACT, "masking-key").toSorted(), needing("masking.key").toSorted());
    assert.deepEqual(readers(ALONE, "staging").toSorted(), needing("staging.password").toSorted());
  });

  test("only a function's own account may call it", () => {
    const { contract, applied } = world();
    const invokers = all("google_cloud_run_v2_service_iam_member").map(
      ({ values }) => `${values.name} ${values.member} ${values.role}`,
    );
    const own = ({ name }: { name: string }) =>
      `understudy-shop-${name} serviceAccount:${serviceAccountEmail(contract, name)} roles/run.invoker`;
    assert.deepEqual(invokers.toSorted(), consumers.map(own).toSorted());
    assert.doesNotMatch(JSON.stringify(applied.resources), /allUsers|allAuthenticatedUsers/);
  });

  test("who builds the functions reads their source, and no dump", () => {
    const { applied } = world();
    const builder = all("google_project_iam_member").find(({ name }) => name === "build_source");
    const reads = (name: string) => isAllowed(builder?.values.condition[0].expression as string, object(name, "x"));
    assert.ok(reads("gcf-v2-sources-1234-europe-west1") && reads("acme-sync-understudy-shop-source"));
    assert.ok(!reads("acme-sync-dumps"));
    const account = "shop-build@acme-sync.iam.gserviceaccount.com";
    assert.deepEqual(
      permissionsOn(applied.resources, account, { bucket: "acme-sync-dumps" }, bucket("acme-sync-dumps")),
      [],
    );
  });

  test("service agents have the grants that everyone forgets", () => {
    const { contract } = world();
    const granted = (type: string, attribute: string, agent: string) =>
      all(type)
        .filter(({ values }) => values.member === `serviceAccount:agent@${agent}.googleapis.com`)
        .map(({ values }) => values[attribute].split("/").at(-1) as string)
        .toSorted();
    const topics = (agent: string) => granted("google_pubsub_topic_iam_member", "topic", agent);
    assert.deepEqual(topics("pubsub"), [topicName(contract, "dead-letter")]);
    assert.deepEqual(topics("storage"), [topicName(contract, "dump-finalized")]);
    assert.deepEqual(topics("cloudscheduler"), [topicName(contract, "sync-requested")]);
    const forwarding = consumers.filter(({ name }) => name !== DEAD_LETTER);
    assert.deepEqual(
      granted("google_pubsub_subscription_iam_member", "subscription", "pubsub"),
      forwarding.map(({ name }) => subscriptionName(contract, name)).toSorted(),
    );
    assert.deepEqual(
      granted("google_service_account_iam_member", "service_account_id", "pubsub"),
      consumers.map(({ name }) => serviceAccountEmail(contract, name)).toSorted(),
    );
  });

  test("each stage that logs in has its account on the instance, with the privileges that its work takes", () => {
    const { contract, applied } = world();
    const users = all("google_sql_user").map(({ values }) => `${values.instance} ${values.name} ${values.type}`);
    const wanted = (["replica", "staging"] as const).flatMap((role) =>
      Object.keys(PERMISSIONS)
        .filter((stage) => PERMISSIONS[stage]?.[role]?.includes("cloudsql.instances.login"))
        .map((stage) => `${contract[role].name} ${serviceAccountEmail(contract, stage)} CLOUD_IAM_SERVICE_ACCOUNT`),
    );
    assert.deepEqual(users.toSorted(), wanted.toSorted());
    const { replica = "", staging = "" } = grants(applied);
    assert.match(replica, /^GRANT ALL PRIVILEGES ON `\\_understudy`\.\* TO 'shop-mask'@'%';$/m);
    assert.match(replica, /^GRANT SELECT, SHOW VIEW ON `shop`\.\* TO 'shop-export-production'@'%';$/m);
    assert.match(staging, /^GRANT ALL PRIVILEGES ON `shop\\_staging\\_\\_next`\.\* TO 'shop-load-staging'@'%';$/m);
    assert.match(staging, /^GRANT SELECT, SHOW VIEW, EXECUTE ON `shop\\_staging`\.\* TO 'shop-preserve'@'%';$/m);
    assert.doesNotMatch(staging, /next`.* TO 'shop-preserve'/);
  });

  test("an instance with a password in the contract gets no accounts of ours, and grants for that user", () => {
    const instances = all("google_sql_user", ALONE).map(({ values }) => values.instance as string);
    assert.deepEqual([...new Set(instances)], ["shop-replica"]);
    const { staging = "" } = grants(world(ALONE).applied);
    assert.match(staging, /^(?:GRANT ALL PRIVILEGES ON `[^`]+`\.\* TO 'understudy'@'%';\n?){3}$/);
  });
});

function grants({ outputs }: Applied): Readonly<Record<string, string>> {
  return outputs["sql_grants"]?.value ?? {};
}
