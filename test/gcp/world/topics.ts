// Topics, schemas and push subscriptions as deploy/gcp/terraform/ makes them, on the Pub/Sub emulator.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Encodings, PubSub, SchemaTypes } from "@google-cloud/pubsub";
import type { CloudContract } from "../../../contracts/sync-contract.ts";
import { subscriptionName, topicName } from "../../../deploy/gcp/names.ts";
import { eventsByName } from "../../../events/index.ts";
import { consumers, DEAD_LETTER } from "../../../handlers/consumers.ts";

const SCHEMAS = join(import.meta.dirname, "../../../deploy/gcp/terraform/schemas");

export interface TopicOptions {
  /** A consumer's push endpoint. */
  readonly endpointOf: (consumer: string) => string;
  /** Attempts before a message goes to the dead letters: Pub/Sub takes 5 to 100. */
  readonly maxDeliveryAttempts: number;
  readonly ackDeadlineSeconds: number;
}

/** Makes them all; `close` removes them, so that the emulator pushes to nobody any more. */
export async function makeTopics(
  contract: CloudContract,
  { endpointOf, maxDeliveryAttempts, ackDeadlineSeconds }: TopicOptions,
): Promise<{ readonly client: PubSub; close(): Promise<void> }> {
  const client = new PubSub({ projectId: contract.project, emulatorMode: true });
  const path = (event: string) => `projects/${contract.project}/topics/${topicName(contract, event)}`;
  for (const event of eventsByName.keys()) await makeTopic(client, contract, event);
  for (const { name, on } of consumers) {
    await client.topic(topicName(contract, on.name)).createSubscription(subscriptionName(contract, name), {
      ackDeadlineSeconds,
      pushEndpoint: endpointOf(name),
      retryPolicy: { minimumBackoff: { seconds: 1 }, maximumBackoff: { seconds: 3 } },
      ...(name === DEAD_LETTER
        ? {}
        : { deadLetterPolicy: { deadLetterTopic: path(DEAD_LETTER), maxDeliveryAttempts } }),
    });
  }
  return {
    client,
    async close() {
      for (const { name } of consumers) await client.subscription(subscriptionName(contract, name)).delete();
      await client.close();
    },
  };
}

async function makeTopic(client: PubSub, contract: CloudContract, event: string): Promise<void> {
  const name = topicName(contract, event);
  const definition = await readFile(join(SCHEMAS, `${event}.avsc`), "utf8").catch(() => undefined);
  if (definition === undefined) {
    await client.createTopic(name); // dump-finalized and dead-letter: others write these
    return;
  }
  const schema = await client.createSchema(name, SchemaTypes.Avro, definition);
  await client.createTopic({
    name: `projects/${contract.project}/topics/${name}`,
    schemaSettings: { schema: await schema.getName(), encoding: Encodings.Json },
  });
}
