// Which instances may have their role: asked of the Cloud SQL Admin API, and never of production.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type InstanceDescription, refusalsOf } from "../../../deploy/gcp/instances.ts";
import { checkInstancesDiffer } from "../../../handlers/instances.ts";
import { openDatabasesWorld, PROJECT, STAGE, STRANGER } from "./open-databases.ts";

test("an instance is identified by what Cloud SQL says of it, and production by the contract alone", async (t) => {
  const { databases, server } = await openDatabasesWorld(t);
  assert.equal(await databases.identify("production"), `${PROJECT}:shop-production`);
  assert.equal(server.requests.length, 0);
  assert.equal(await databases.identify("replica"), `${PROJECT}:shop-replica`);
  assert.equal(await databases.identify("staging"), `${PROJECT}:shop-staging`);
  assert.deepEqual(
    server.requests.map(({ api, instance }) => `${api} ${instance}`),
    ["instances.get shop-replica", "instances.get shop-staging"],
  );
});

test("an instance is itself whatever region the contract gives production", async (t) => {
  const { databases, contract, as } = await openDatabasesWorld(t);
  await checkInstancesDiffer({ platform: { databases }, contract });
  const wrong = { ...contract, production: { ...contract.staging, region: "us-east1" } };
  const { databases: same } = await as(STAGE, wrong);
  await assert.rejects(checkInstancesDiffer({ platform: { databases: same }, contract: wrong }), {
    code: "SAME_SERVER",
  });
});

test("a replica that the internet reaches, or that keeps raw rows, is refused; staging may", async (t) => {
  const settings = {
    ipConfiguration: { ipv4Enabled: true },
    backupConfiguration: { enabled: true, binaryLogEnabled: true },
    databaseFlags: [{ name: "cloudsql_mysql_audit", value: "on" }],
  };
  const { databases, contract } = await openDatabasesWorld(t, {
    resources: { replica: { settings }, staging: { settings } },
  });
  await assert.rejects(databases.identify("replica"), {
    name: "FatalError",
    code: "REPLICA_PUBLIC",
    message: /`gcloud sql instances patch shop-replica --project=shop-project --no-assign-ip`/,
  });
  await databases.identify("staging");
  const description = { databaseVersion: "MYSQL_8_0", region: "europe-west1", state: "RUNNABLE", settings };
  assert.deepEqual(codes(refusalsOf(contract, "replica", description)), [
    "FatalError REPLICA_PUBLIC",
    "FatalError REPLICA_BACKED_UP",
    "FatalError REPLICA_BINARY_LOG",
    "FatalError REPLICA_AUDITED",
  ]);
  assert.deepEqual(refusalsOf(contract, "staging", description), []);
});

test("an instance is refused that is another's replica, elsewhere, no MySQL, or that does not run", async (t) => {
  const { contract } = await openDatabasesWorld(t);
  const good: InstanceDescription = { databaseVersion: "MYSQL_8_4", region: "europe-west1", state: "RUNNABLE" };
  const cases: [InstanceDescription, string[]][] = [
    [{}, []],
    [{ databaseVersion: "POSTGRES_17" }, ["FatalError INSTANCE_NOT_MYSQL"]],
    [{ region: "europe-west3" }, ["FatalError INSTANCE_REGION_DIFFERS"]],
    [{ instanceType: "READ_REPLICA_INSTANCE" }, ["FatalError INSTANCE_IS_READ_REPLICA"]],
    [{ masterInstanceName: "shop-production" }, ["FatalError INSTANCE_IS_READ_REPLICA"]],
    [{ replicaNames: ["other", "shop-production"] }, ["FatalError INSTANCE_FEEDS_PRODUCTION"]],
    [{ replicaNames: ["shop-project:shop-production"] }, ["FatalError INSTANCE_FEEDS_PRODUCTION"]],
    [{ replicaNames: ["other-shop-production", "other-project:shop-production"] }, []],
    [{ settings: { activationPolicy: "NEVER" } }, ["FatalError INSTANCE_NOT_RUNNING"]],
    [{ state: "SUSPENDED", suspensionReason: ["BILLING_ISSUE"] }, ["FatalError INSTANCE_NOT_RUNNING"]],
    [{ state: "MAINTENANCE" }, ["RetryAfter INSTANCE_NOT_RUNNING"]],
  ];
  for (const [change, expected] of cases) {
    for (const role of ["replica", "staging"] as const) {
      assert.deepEqual(codes(refusalsOf(contract, role, { ...good, ...change })), expected, JSON.stringify(change));
    }
  }
});

test("who may not look at an instance is told which permission is missing", async (t) => {
  const { as } = await openDatabasesWorld(t);
  const { databases } = await as(STRANGER);
  await assert.rejects(databases.identify("replica"), {
    name: "FatalError",
    code: "CLOUD_SQL_PERMISSION_MISSING",
    message: /cloudsql\.instances\.get.*shop-replica/,
  });
});

function codes(refusals: readonly (Error & { readonly code: string })[]): string[] {
  return refusals.map(({ name, code }) => `${name} ${code}`);
}
