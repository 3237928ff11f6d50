// Topics, schemas and push subscriptions on the Pub/Sub emulator as Terraform makes them.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { CloudContract } from "../../../contracts/sync-contract.ts";
import { eventsWithSchema } from "../../../deploy/gcp/avro.ts";
import { serviceAccountEmail, subscriptionName, topicName } from "../../../deploy/gcp/names.ts";
import { eventsByName } from "../../../events/index.ts";
import { consumers, DEAD_LETTER } from "../../../handlers/consumers.ts";
import { emulatorHost } from "../../gcp/emulator-host.ts";
import { uriOf } from "./doctor-routes.ts";

export async function pubsub(method: string, path: string, body?: object): Promise<void> {
  const answer = await fetch(`http://${emulatorHost("pubsub")}/v1/${path}`, {
    method,
    headers: { "content-type": "application/json" },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  if (!answer.ok) throw new Error(`${method} ${path}: ${await answer.text()}`);
  await answer.arrayBuffer();
}

export async function makeTopics(contract: CloudContract): Promise<void> {
  const { project } = contract;
  const schemas = join(import.meta.dirname, "../../../deploy/gcp/terraform/schemas");
  const withSchema = new Set(eventsWithSchema.map(({ name }) => name));
  for (const event of eventsByName.keys()) {
    const name = topicName(contract, event);
    const schema = `projects/${project}/schemas/${name}`;
    if (withSchema.has(event)) {
      const definition = await readFile(join(schemas, `${event}.avsc`), "utf8");
      await pubsub("POST", `projects/${project}/schemas?schemaId=${name}`, { type: "AVRO", definition });
    }
    const settings = withSchema.has(event) ? { schemaSettings: { schema, encoding: "JSON" } } : {};
    await pubsub("PUT", `projects/${project}/topics/${name}`, settings);
  }
  for (const { name } of consumers) {
    await pubsub("PUT", subscriptionPath(contract, name), subscriptionOf(contract, name));
  }
}

export function subscriptionPath(contract: CloudContract, consumer: string): string {
  return `projects/${contract.project}/subscriptions/${subscriptionName(contract, consumer)}`;
}

function subscriptionOf(contract: CloudContract, consumer: string): Record<string, unknown> {
  const path = (event: string) => `projects/${contract.project}/topics/${topicName(contract, event)}`;
  const on = consumers.find(({ name }) => name === consumer)?.on.name ?? "";
  return {
    topic: path(on),
    ackDeadlineSeconds: 600,
    expirationPolicy: {},
    retryPolicy: { minimumBackoff: "10s", maximumBackoff: "600s" },
    pushConfig: {
      pushEndpoint: uriOf(consumer),
      oidcToken: { serviceAccountEmail: serviceAccountEmail(contract, consumer) },
    },
    ...(consumer === DEAD_LETTER
      ? {}
      : { deadLetterPolicy: { deadLetterTopic: path(DEAD_LETTER), maxDeliveryAttempts: 10 } }),
  };
}
