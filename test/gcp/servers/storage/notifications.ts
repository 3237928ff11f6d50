// What a bucket tells Pub/Sub about its objects: https://cloud.google.com/storage/docs/pubsub-notifications
import { setTimeout as sleep } from "node:timers/promises";
import { type StoredObject, toResource } from "./object.ts";

export type EventType = "OBJECT_FINALIZE" | "OBJECT_DELETE" | "OBJECT_METADATA_UPDATE";

export interface NotificationConfig {
  /** `projects/PROJECT/topics/TOPIC`. */
  readonly topic: string;
  /** All, where it is left out. */
  readonly eventTypes?: readonly EventType[];
  readonly objectNamePrefix?: string;
  readonly customAttributes?: Readonly<Record<string, string>>;
  /** JSON_API_V1 where it is left out. */
  readonly payloadFormat?: "JSON_API_V1" | "NONE";
}

export interface Notification {
  readonly attributes: Readonly<Record<string, string>>;
  readonly data: Buffer;
}

/** Brings a message to a topic, `projects/PROJECT/topics/TOPIC`. */
export type Publish = (topic: string, message: Notification) => Promise<unknown>;

/** An object's change, with the generation that it replaced or was replaced by. */
export interface Change {
  readonly type: EventType;
  readonly object: StoredObject;
  readonly overwrote?: StoredObject | undefined;
  readonly overwrittenBy?: StoredObject | undefined;
}

/** A topic that refuses is tried again, until the server closes; Cloud Storage goes on for days. */
const RETRY_MS = 200;

export interface Notifier {
  /** Does not wait: an upload is answered whether or not the topic is there. */
  notify(configs: readonly NotificationConfig[], change: Change): void;
  /** Gives up what could not be published. */
  close(): Promise<void>;
}

export function openNotifier(publish: Publish, origin: () => string): Notifier {
  const closing = new AbortController();
  const underWay = new Set<Promise<void>>();

  async function deliver(topic: string, message: Notification): Promise<void> {
    while (!closing.signal.aborted) {
      try {
        await publish(topic, message);
        return;
      } catch {
        await sleep(RETRY_MS, undefined, { signal: closing.signal }).catch(() => undefined);
      }
    }
  }

  return {
    notify(configs, change) {
      configs.forEach((config, index) => {
        if (!isMeant(config, change)) return;
        const message = messageOf(config, index, change, origin());
        const delivery = deliver(config.topic, message).finally(() => underWay.delete(delivery));
        underWay.add(delivery);
      });
    },
    async close() {
      closing.abort();
      await Promise.all(underWay);
    },
  };
}

/** A bucket's configurations as notificationConfigs.list shows them. */
export function toConfigResources(bucket: string, configs: readonly NotificationConfig[], origin: string): unknown[] {
  return configs.map((config, index) => ({
    kind: "storage#notification",
    id: String(index + 1),
    selfLink: `${origin}/storage/v1/b/${bucket}/notificationConfigs/${index + 1}`,
    topic: `//pubsub.googleapis.com/${config.topic}`,
    event_types: config.eventTypes,
    object_name_prefix: config.objectNamePrefix,
    custom_attributes: config.customAttributes,
    payload_format: config.payloadFormat ?? "JSON_API_V1",
    etag: String(index + 1),
  }));
}

function isMeant({ eventTypes, objectNamePrefix = "" }: NotificationConfig, { type, object }: Change): boolean {
  return (eventTypes?.includes(type) ?? true) && object.name.startsWith(objectNamePrefix);
}

function messageOf(config: NotificationConfig, index: number, change: Change, origin: string): Notification {
  const { type, object, overwrote, overwrittenBy } = change;
  const { customAttributes, payloadFormat = "JSON_API_V1" } = config;
  return {
    attributes: {
      ...customAttributes,
      eventType: type,
      eventTime: new Date().toISOString(),
      payloadFormat,
      bucketId: object.bucket,
      objectId: object.name,
      objectGeneration: String(object.generation),
      notificationConfig: `projects/_/buckets/${object.bucket}/notificationConfigs/${index + 1}`,
      ...(overwrote && { overwroteGeneration: String(overwrote.generation) }),
      ...(overwrittenBy && { overwrittenByGeneration: String(overwrittenBy.generation) }),
    },
    data: Buffer.from(payloadFormat === "NONE" ? "" : JSON.stringify(toResource(object, origin))),
  };
}
