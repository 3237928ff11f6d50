// A whole sync as it is deployed.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Firestore } from "@google-cloud/firestore";
import type { Run } from "../../../contracts/run.ts";
import { firestoreDatabase, serviceAccountEmail } from "../../../deploy/gcp/names.ts";
import { assertReplicaIsEmpty, assertSynced } from "../../support/assert-synced.ts";
import { startTestMySql } from "../../support/real-mysql.ts";
import { ROLES } from "../../support/sample-servers.ts";
import { servers } from "../../support/servers.ts";
import { type CloudPipeline, openCloudPipeline } from "../world/cloud-pipeline.ts";

/** The functions' own defaults: elsewhere leases are short, so that a killed function is soon missed. */
const AS_DEPLOYED = { UNDERSTUDY_LEASE_MS: "90000", UNDERSTUDY_HEARTBEAT_MS: "30000" };

/** Taken and given back. */
const LOCK_WRITES = 2;

const STORY = [
  "export-production done",
  "dump-finalized done",
  "load-replica done",
  "mask done",
  "preserve done",
  "export-replica done",
  "dump-finalized done",
  "load-staging done",
];

test("one SyncRequested, and staging ends masked and preserved; the run's document tells the story", async (t) => {
  const pipeline = await openCloudPipeline(t, { settings: AS_DEPLOYED });
  const { contract, sql } = pipeline;
  const run = await sync(pipeline);
  assert.deepEqual(
    Object.values(run.stages).map(({ stage, status }) => `${stage} ${status}`),
    STORY,
  );

  const onProduction = sql.requests.filter(({ instance }) => instance === contract.production.name);
  assert.ok(onProduction.length > 0);
  const exporter = serviceAccountEmail(contract, "export-production");
  assert.deepEqual([...new Set(onProduction.map(({ email }) => email))], [exporter]);
  assert.deepEqual(
    new Set(onProduction.map(({ api }) => api)),
    new Set(["instances.export", "operations.get", "operations.list"]),
  );
  assert.deepEqual(sql.refused, [], "nobody asks for what is not theirs");

  const minutes = run.status === "synced" ? (Date.parse(run.endedAt) - Date.parse(run.openedAt)) / 60_000 : 0;
  const writes = (await countWrites(pipeline, run.runId)) + LOCK_WRITES;
  assert.ok(
    writes > 2 * STORY.length && writes < 100 + 2 * minutes,
    `${writes} writes in ${minutes.toFixed(2)} minutes`,
  );
  t.diagnostic(`${writes} writes to Firestore in ${minutes.toFixed(2)} minutes`);

  const people = await pipeline.query(
    "production",
    "SELECT email, name, phone FROM shop.users WHERE CHAR_LENGTH(name) > 4",
  );
  const written = `${await pipeline.log()} ${JSON.stringify(run)}`;
  for (const { email, name, phone } of people) {
    for (const value of [email, name, ...(phone === null ? [] : [phone])])
      assert.ok(!written.includes(String(value)), "a person is told of");
  }
  assert.ok(people.length > 30 && written.includes('"severity":"INFO"'));
});

if (servers().some(({ name }) => name === "MySQL 9.7")) {
  test("the same on MySQL 9.7", async (t) => {
    const three = await Promise.all(ROLES.map(async (role) => [role, await startTestMySql(t, "9.7")] as const));
    await sync(await openCloudPipeline(t, { servers: Object.fromEntries(three) as never }));
  });
}

async function sync(pipeline: CloudPipeline): Promise<Run> {
  const run = await pipeline.waitFor(await pipeline.request());
  assert.equal(run.status, "synced", `${JSON.stringify(run, null, 1)}\n${await pipeline.log()}`);
  await assertSynced(pipeline);
  await assertReplicaIsEmpty(pipeline);
  assert.deepEqual(await pipeline.objects(), []);
  return run;
}

/** How often the run's document was written: its revision begins with that. */
async function countWrites({ contract }: CloudPipeline, runId: string): Promise<number> {
  const client = new Firestore({ projectId: contract.project, databaseId: firestoreDatabase(contract) });
  try {
    const document = await client.collection("runs").doc(runId).get();
    return Number.parseInt(String(document.get("revision")), 10);
  } finally {
    await client.terminate();
  }
}
