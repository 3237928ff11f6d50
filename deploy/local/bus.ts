// The event bus in the state file: at-least-once delivery with backoff and dead letters, as Pub/Sub has them.
import { summarizeError } from "../../contracts/errors.ts";
import type { EventBus } from "../../contracts/platform.ts";
import type { Logger } from "../../contracts/stage.ts";
import { encode, type OutgoingMessage } from "../../events/message.ts";
import { openQueue } from "./queue.ts";
import type { State } from "./state.ts";
import {
  type BusSettings,
  DEFAULT_BUS_SETTINGS,
  startSubscriber,
  type Subscriber,
  type Subscription,
} from "./subscriber.ts";

/** How often a process looks for deliveries that died with another. */
const DEAD_OWNERS_MS = 1_000;

export interface LocalBus extends EventBus {
  /** Publishes bytes as they are: a notification, or a message typed by hand. Resolves to the message's id. */
  publishMessage(message: OutgoingMessage): Promise<string>;
  /** The same within a transaction of the state, with what else it writes. */
  enqueue(message: OutgoingMessage): string;
  /** Adds a handler. A subscription that the file does not know gets the messages from now on. */
  subscribe(subscription: Subscription): void;
  /** Starts to deliver in this process. What a dead process held is delivered at once. */
  start(): void;
  /** Aborts the handlers' signal and resolves when they have ended. */
  stop(): Promise<void>;
}

/**
 * Opens the bus of a state file.
 *
 * @param options.subscriptions all that there are: an event published while nobody works on one waits for it.
 */
export function openBus(
  state: State,
  log: Logger,
  options: {
    readonly subscriptions?: readonly { readonly name: string; readonly topic: string }[];
    readonly settings?: Partial<BusSettings>;
  } = {},
): LocalBus {
  const settings = { ...DEFAULT_BUS_SETTINGS, ...options.settings };
  const queue = openQueue(state);
  const subscriptions: Subscription[] = [];
  let subscribers: Subscriber[] = [];
  let timer: NodeJS.Timeout | undefined;
  state.transaction(() => options.subscriptions?.forEach((subscription) => queue.declare(subscription)));

  const wake = () => subscribers.forEach((subscriber) => subscriber.wake());
  const begin = (subscription: Subscription) => startSubscriber(queue, subscription, settings, log);

  function enqueue(message: OutgoingMessage): string {
    setImmediate(wake); // by then the transaction around this has ended
    return queue.add(message);
  }

  function releaseOfDead(): void {
    try {
      const released = queue.releaseOfDead();
      if (released === 0) return;
      log.info({ deliveries: released }, "taking over what a dead process was handling");
      wake();
    } catch (error) {
      log.warn(summarizeError(error), "could not look for what dead processes were handling");
    }
  }

  return {
    enqueue,
    publishMessage: async (message) => state.transaction(() => enqueue(message)),
    async publish(event) {
      state.transaction(() => enqueue(encode(event)));
    },
    subscribe(subscription) {
      queue.declare(subscription);
      subscriptions.push(subscription);
      if (timer) subscribers.push(begin(subscription));
    },
    start() {
      if (timer) return;
      timer = setInterval(releaseOfDead, DEAD_OWNERS_MS);
      subscribers = subscriptions.map(begin);
      releaseOfDead();
      wake();
    },
    async stop() {
      clearInterval(timer);
      timer = undefined;
      const stopped = subscribers;
      subscribers = [];
      await Promise.all(stopped.map((subscriber) => subscriber.stop()));
    },
  };
}
