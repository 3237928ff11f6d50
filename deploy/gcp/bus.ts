// The event bus on Pub/Sub: one topic an event.
import type { PubSub, Topic } from "@google-cloud/pubsub";
import type { EventBus } from "../../contracts/platform.ts";
import type { CloudContract } from "../../contracts/sync-contract.ts";
import { encode, type OutgoingMessage } from "../../events/message.ts";
import type { CloudAuth } from "./auth.ts";
import { topicName } from "./names.ts";
import { publishError } from "./publish-error.ts";
import { currentTrace, traceparentOf } from "./trace.ts";

/**
 * All tries of one publishing together. The client's own 600 s are as long as a push request may take: the stage's
 * result would be recorded, and the request over before anybody heard of it.
 */
const PUBLISH_TIMEOUT_MS = 30_000;

export interface PubSubBus extends EventBus {
  /** Publishes bytes as they are: a message typed by hand. Resolves to the message's id when the broker has it. */
  publishMessage(message: OutgoingMessage): Promise<string>;
  close(): Promise<void>;
}

/**
 * Opens the bus of a pipeline. The library is loaded, and credentials are looked for, with the first publishing.
 *
 * `publish` throws FatalError `TOPIC_MISSING`, `PUBLISH_DENIED` or `EVENT_REFUSED`, and RetryAfter
 * `PUBSUB_UNAVAILABLE`.
 */
export function openPubSubBus(
  contract: Pick<CloudContract, "project" | "pipeline">,
  { auth }: { readonly auth: Pick<CloudAuth, "email"> },
): PubSubBus {
  const { project } = contract;
  const topics = new Map<string, Topic>();
  let opening: Promise<PubSub> | undefined;

  const open = (): Promise<PubSub> => (opening ??= openClient(project));

  async function topicOf(event: string): Promise<Topic> {
    const client = await open();
    // One at a time and at once: nothing waits for a batch to fill.
    const options = { batching: { maxMessages: 1 }, gaxOpts: { timeout: PUBLISH_TIMEOUT_MS } };
    const topic = topics.get(event) ?? client.topic(topicName(contract, event), options);
    topics.set(event, topic);
    return topic;
  }

  async function publishMessage({ topic, attributes, data }: OutgoingMessage): Promise<string> {
    const trace = currentTrace();
    try {
      return await (
        await topicOf(topic)
      ).publishMessage({
        data: Buffer.from(data),
        attributes: { ...attributes, ...(trace ? { traceparent: traceparentOf(trace) } : {}) },
      });
    } catch (error) {
      const caller = await auth.email().catch(() => undefined);
      throw publishError(error, { ...{ event: topic, caller, project }, topic: topicName(contract, topic) });
    }
  }

  return {
    publishMessage,
    async publish(event) {
      await publishMessage(encode(event));
    },
    async close() {
      const client = await opening;
      await client?.close();
    },
  };
}

async function openClient(projectId: string): Promise<PubSub> {
  const { PubSub } = await import("@google-cloud/pubsub");
  return new PubSub({ projectId });
}
