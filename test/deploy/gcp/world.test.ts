// What an operator's machine does in the gcp world, on Google's emulators: it publishes and looks.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test, type TestContext } from "node:test";
import type { Run } from "../../../contracts/run.ts";
import { parseSyncContract } from "../../../contracts/parse-sync-contract.ts";
import { subscriptionName, topicName } from "../../../deploy/gcp/names.ts";
import { openGcpWorld } from "../../../deploy/gcp/world.ts";
import { AbandonRequested } from "../../../events/index.ts";
import { emulatorHost } from "../../gcp/emulator-host.ts";
import { openPubSub } from "../../gcp/pubsub.ts";
import { aRun } from "../../platform/world.ts";
import { afterTest } from "../../support/cleanup.ts";

emulatorHost("firestore");

function open(t: TestContext) {
  const client = openPubSub(t, "world-tests");
  const contract = parseSyncContract(
    `pipeline: p${randomUUID().slice(0, 8)}
project: world-tests
production: { instance: "acme-prod:europe-west1:shop", database: shop }
replica: { instance: "acme-sync:europe-west1:shop-replica", database: shop }
staging: { instance: "acme-dev:europe-west1:shop", database: shop }
dumps: gs://acme-sync-dumps/shop
masking: { key: secret://acme-sync/masking-key, tables: {} }
`,
    "sync.yaml",
  );
  assert.ok(contract.kind === "cloud-sql");
  const world = openGcpWorld(contract, { environment: process.env });
  afterTest(t, () => world.close());
  const { runs } = world.platform;
  const store = (run: Run) => runs.update(run.runId, () => ({ run, result: undefined }));
  return { contract, world, client, store };
}

test("abandoning asks the function next to the replica, and is done when that is", async (t) => {
  const { contract, world, client, store } = open(t);
  const run = aRun({ pipeline: contract.pipeline });
  await store(run);
  const [topic] = await client.createTopic(topicName(contract, AbandonRequested.name));
  const [subscription] = await topic.createSubscription(subscriptionName(contract, "abandon"));
  afterTest(t, () => subscription.close());
  const asked: unknown[] = [];
  subscription.on("message", (message) => {
    message.ack();
    asked.push(JSON.parse(message.data.toString()));
    void store({ ...run, status: "abandoned", endedAt: new Date().toISOString(), reason: "a test" });
  });
  await world.abandon(run.runId, "a test");
  assert.deepEqual(asked, [{ runId: run.runId, reason: "a test", onlyIfFailed: false }]);
});

test("a run that is over, or that nobody knows, is not asked to be abandoned", async (t) => {
  const { contract, world, store } = open(t);
  const run = aRun({ pipeline: contract.pipeline });
  await assert.rejects(world.abandon(run.runId, "a test"), { name: "FatalError", code: "RUN_UNKNOWN" });
  await store({ ...run, status: "synced", endedAt: new Date().toISOString() });
  await assert.rejects(world.abandon(run.runId, "a test"), { name: "FatalError", code: "RUN_CLOSED" });
});
