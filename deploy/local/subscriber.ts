// One subscription at work: leases deliveries, calls the handler, and acknowledges, retries or forwards to the dead letters.
import { isRetryAfter, summarizeError } from "../../contracts/errors.ts";
import type { Logger } from "../../contracts/stage.ts";
import type { IncomingMessage } from "../../events/message.ts";
import type { Delivery, Queue } from "./queue.ts";

export interface Subscription {
  readonly name: string;
  readonly topic: string;
  /**
   * Resolves: acknowledged. Throws: delivered again, later.
   *
   * @param signal aborts when the bus stops. What the handler throws after that costs no attempt.
   */
  readonly handler: (message: IncomingMessage, signal: AbortSignal) => Promise<void>;
  /** False: retried for ever. So is the subscription to the dead letters themselves. */
  readonly deadLetter?: boolean;
  /** Messages that this process handles at a time; 1 when left out. */
  readonly concurrency?: number;
}

export interface BusSettings {
  /** The wait after the first failure; it doubles with each. Pub/Sub: 10 s when a retry policy is set. */
  readonly minBackoffMs: number;
  readonly maxBackoffMs: number;
  /** Deliveries before a message goes to the dead letters. Pub/Sub: 5 to 100. */
  readonly maxAttempts: number;
  /** How long a delivery stays with a process that gives no sign of life. Renewed three times in this time. */
  readonly leaseMs: number;
  /** How soon messages of other processes are seen; those of this one are seen at once. */
  readonly pollMs: number;
}

export const DEFAULT_BUS_SETTINGS: BusSettings = {
  minBackoffMs: 1_000,
  maxBackoffMs: 60_000,
  // With this backoff two minutes in all: as long as a server takes to restart.
  maxAttempts: 8,
  leaseMs: 30_000,
  pollMs: 100,
};

export const DEAD_LETTER_TOPIC = "dead-letter";

export interface Subscriber {
  /** Looks for due deliveries now. */
  wake(): void;
  /** Takes no more deliveries, aborts the handlers' signal and resolves when they have ended. */
  stop(): Promise<void>;
}

export function startSubscriber(
  queue: Queue,
  subscription: Subscription,
  settings: BusSettings,
  log: Logger,
): Subscriber {
  const stopping = new AbortController();
  const handling = new Set<Promise<void>>();
  const timer = setInterval(wake, settings.pollMs);

  function wake(): void {
    try {
      while (!stopping.signal.aborted && handling.size < (subscription.concurrency ?? 1)) {
        const delivery = queue.lease(subscription.name, settings.leaseMs);
        if (!delivery) return;
        const handled = handle(delivery).finally(() => {
          handling.delete(handled);
          setImmediate(wake);
        });
        handling.add(handled);
      }
    } catch (error) {
      log.warn({ subscription: subscription.name, ...summarizeError(error) }, "could not look for messages");
    }
  }

  /** Never throws: where the state file cannot be written either, the lease's end brings the message again. */
  async function handle(delivery: Delivery): Promise<void> {
    const renewal = setInterval(() => attempt(() => queue.renew(delivery, settings.leaseMs)), settings.leaseMs / 3);
    try {
      if (delivery.message.attempt > settings.maxAttempts && mayDie(subscription)) {
        // Every attempt took its process with it: there was nobody to count to the end.
        queue.replace(delivery, asDeadLetter(delivery));
        return;
      }
      await subscription.handler(delivery.message, stopping.signal);
      queue.acknowledge(delivery);
    } catch (error) {
      attempt(() => giveBack(delivery, error));
    } finally {
      clearInterval(renewal);
    }
  }

  function giveBack(delivery: Delivery, error: unknown): void {
    const { message } = delivery;
    const fields = { subscription: subscription.name, messageId: message.id, attempt: message.attempt };
    if (stopping.signal.aborted) {
      queue.release(delivery);
    } else if (message.attempt >= settings.maxAttempts && mayDie(subscription)) {
      queue.replace(delivery, asDeadLetter(delivery));
      log.error({ ...fields, ...summarizeError(error) }, "gave up on a message: forwarded to the dead letters");
    } else {
      const delayMs = backoffMs(message.attempt, error, settings);
      queue.retry(delivery, delayMs);
      log.warn({ ...fields, delayMs, ...summarizeError(error) }, "a message failed and will be delivered again");
    }
  }

  function attempt(change: () => void): void {
    try {
      change();
    } catch (error) {
      log.warn({ subscription: subscription.name, ...summarizeError(error) }, "could not write to the state file");
    }
  }

  return {
    wake,
    async stop() {
      clearInterval(timer);
      stopping.abort();
      await Promise.all(handling);
    },
  };
}

function mayDie({ deadLetter, topic }: Subscription): boolean {
  return deadLetter !== false && topic !== DEAD_LETTER_TOPIC;
}

function backoffMs(attempt: number, error: unknown, { minBackoffMs, maxBackoffMs }: BusSettings): number {
  const exponential = Math.min(minBackoffMs * 2 ** (attempt - 1), maxBackoffMs);
  return isRetryAfter(error) ? Math.max(exponential, error.afterMs) : exponential;
}

/** The original with the attributes that Pub/Sub adds: https://cloud.google.com/pubsub/docs/handling-failures#track_delivery_attempts */
function asDeadLetter({ subscription, message }: Delivery) {
  return {
    topic: DEAD_LETTER_TOPIC,
    data: message.data,
    attributes: {
      ...message.attributes,
      CloudPubSubDeadLetterSourceSubscription: subscription,
      CloudPubSubDeadLetterSourceSubscriptionProject: "local",
      CloudPubSubDeadLetterSourceDeliveryCount: String(message.attempt),
      CloudPubSubDeadLetterSourceTopicPublishTime: message.publishedAt.toISOString(),
    },
  };
}
