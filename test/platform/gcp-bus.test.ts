// The bus on Google's Pub/Sub emulator keeps what contracts/platform.ts promises, with pushes onto a real HTTP server.
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import type { TestContext } from "node:test";
import { http } from "@google-cloud/functions-framework";
import { getTestServer } from "@google-cloud/functions-framework/testing";
import { openPubSubBus } from "../../deploy/gcp/bus.ts";
import { openDeliveries } from "../../deploy/gcp/deliveries.ts";
import { subscriptionName, topicName } from "../../deploy/gcp/names.ts";
import { pushFunction } from "../../deploy/gcp/push-function.ts";
import { systemClock } from "../../deploy/local/clock.ts";
import { openPubSub } from "../gcp/pubsub.ts";
import { afterTest } from "../support/cleanup.ts";
import { describeBus } from "./bus-suite.ts";
import { type BusUnderTest, silent } from "./world.ts";

type Subscription = Parameters<BusUnderTest["subscribe"]>[0];

/** The fewest that Pub/Sub takes: https://cloud.google.com/pubsub/docs/handling-failures#dead_letter_topic */
const MAX_ATTEMPTS = 5;

describeBus("gcp", async (t) => {
  const contract = { project: "bus-tests", pipeline: `p${randomUUID().slice(0, 8)}` };
  const client = openPubSub(t, contract.project);
  const bus = openPubSubBus(contract, { auth: { email: async () => undefined } });
  afterTest(t, () => bus.close());
  for (const event of ["sync-requested", "masked", "dead-letter"]) {
    await client.createTopic(topicName(contract, event));
  }
  const subscriptions: Subscription[] = [];
  const declared = new Set<string>();

  /** Without an endpoint, messages wait for one. No retry policy: with one the emulator waits 3 s after each attempt. */
  async function declare({ name, topic }: { readonly name: string; readonly topic: string }, pushEndpoint?: string) {
    const deadLetterTopic = `projects/${contract.project}/topics/${topicName(contract, "dead-letter")}`;
    const subscription = client.topic(topicName(contract, topic)).subscription(subscriptionName(contract, name));
    if (!declared.has(name)) {
      await subscription.create({
        ackDeadlineSeconds: 600,
        ...(pushEndpoint === undefined ? {} : { pushEndpoint }),
        ...(topic === "dead-letter"
          ? {}
          : { deadLetterPolicy: { deadLetterTopic, maxDeliveryAttempts: MAX_ATTEMPTS } }),
      });
      afterTest(t, async () => void (await subscription.delete()));
    } else if (pushEndpoint !== undefined) {
      await subscription.modifyPushConfig({ pushEndpoint });
    }
    declared.add(name);
  }

  return {
    platform: { bus },
    maxAttempts: MAX_ATTEMPTS,
    attemptsUncounted: "Google's emulator sends no deliveryAttempt with its pushes.",
    publishMessage: (message) => bus.publishMessage(message),
    declare,
    subscribe: (subscription) => void subscriptions.push(subscription),
    async start() {
      for (const subscription of subscriptions) await declare(subscription, await listen(t, subscription));
    },
  };
});

/** Serves a subscription's handler as its function does, and returns the address to push to. */
async function listen(t: TestContext, { topic, handler }: Subscription): Promise<string> {
  const name = `f${randomUUID()}`;
  http(name, pushFunction({ topic, handle: handler, deliveries: openDeliveries(), clock: systemClock, log: silent }));
  const server = getTestServer(name);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  afterTest(t, async () => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}
