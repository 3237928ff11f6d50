// The bus's tables: messages, and a delivery of each for every subscription of its topic.
import { randomUUID } from "node:crypto";
import { z } from "zod";
import type { IncomingMessage, OutgoingMessage } from "../../events/message.ts";
import { isAlive, thisProcess } from "./process-identity.ts";
import type { State } from "./state.ts";

/** A delivery in our hands until its lease ends. */
export interface Delivery {
  /** Named with every change: a lease that has passed to another changes nothing. */
  readonly lease: string;
  readonly subscription: string;
  readonly message: IncomingMessage;
}

export interface Queue {
  /** Makes a subscription known to the file: from now on it gets its topic's messages, whether anyone works or not. */
  declare(subscription: { readonly name: string; readonly topic: string }): void;
  /** Writes a message and its deliveries. Call it in a transaction of the state. Returns the message's id. */
  add(message: OutgoingMessage): string;
  /** Takes the delivery that has been due for longest, until `leaseMs` from now. It counts as an attempt. */
  lease(subscription: string, leaseMs: number): Delivery | undefined;
  renew(delivery: Delivery, leaseMs: number): void;
  acknowledge(delivery: Delivery): void;
  /** Makes it due again in `delayMs`. */
  retry(delivery: Delivery, delayMs: number): void;
  /** Gives it back untried: due at once, and the attempt does not count. */
  release(delivery: Delivery): void;
  /** Puts `message` in its stead. */
  replace(delivery: Delivery, message: OutgoingMessage): void;
  /** Makes due at once what processes hold that are dead. Returns how many. */
  releaseOfDead(): number;
}

export function openQueue(state: State): Queue {
  const { database } = state;

  function add(message: OutgoingMessage): string {
    const id = randomUUID();
    const now = Date.now();
    const { changes } = database
      .prepare(
        `INSERT INTO deliveries (subscription, message_id, attempt, visible_at)
         SELECT name, ?, 0, ? FROM subscriptions WHERE topic = ? ORDER BY name`,
      )
      .run(id, now, message.topic);
    if (changes === 0) return id; // nobody has subscribed
    database
      .prepare("INSERT INTO messages (id, topic, attributes, data, published_at) VALUES (?, ?, ?, ?, ?)")
      .run(id, message.topic, JSON.stringify(message.attributes), message.data, now);
    return id;
  }

  /** Ends a delivery, and its message with the last one. Returns whether the lease was still ours. */
  function remove({ lease, message }: Delivery): boolean {
    if (database.prepare("DELETE FROM deliveries WHERE lease = ?").run(lease).changes === 0) return false;
    database
      .prepare("DELETE FROM messages WHERE id = ? AND NOT EXISTS (SELECT 1 FROM deliveries WHERE message_id = ?)")
      .run(message.id, message.id);
    return true;
  }

  return {
    add,
    declare({ name, topic }) {
      database
        .prepare(
          `INSERT INTO subscriptions (name, topic) VALUES (?, ?)
           ON CONFLICT (name) DO UPDATE SET topic = excluded.topic WHERE topic <> excluded.topic`,
        )
        .run(name, topic);
    },
    lease(subscription, leaseMs) {
      const now = Date.now();
      // A plain read first: most polls find nothing and should not take the writers' lock.
      const due =
        "SELECT id FROM deliveries WHERE subscription = ? AND visible_at <= ? ORDER BY visible_at, id LIMIT 1";
      if (!database.prepare(due).get(subscription, now)) return undefined;
      const lease = randomUUID();
      const leased = database
        .prepare(
          `UPDATE deliveries SET attempt = attempt + 1, lease = ?, owner = ?, visible_at = ? WHERE id = (${due})
           RETURNING message_id, attempt`,
        )
        .get(lease, thisProcess, now + leaseMs, subscription, now);
      if (!leased) return undefined;
      const row = database.prepare("SELECT * FROM messages WHERE id = ?").get(leased["message_id"] ?? null);
      if (!row) throw new Error("A delivery has lost its message."); // the state file was changed by hand
      return { lease, subscription, message: readMessage(row, Number(leased["attempt"])) };
    },
    renew({ lease }, leaseMs) {
      database.prepare("UPDATE deliveries SET visible_at = ? WHERE lease = ?").run(Date.now() + leaseMs, lease);
    },
    acknowledge(delivery) {
      state.transaction(() => remove(delivery));
    },
    retry({ lease }, delayMs) {
      database
        .prepare("UPDATE deliveries SET lease = NULL, owner = NULL, visible_at = ? WHERE lease = ?")
        .run(Date.now() + delayMs, lease);
    },
    release({ lease }) {
      database
        .prepare(
          "UPDATE deliveries SET lease = NULL, owner = NULL, visible_at = ?, attempt = attempt - 1 WHERE lease = ?",
        )
        .run(Date.now(), lease);
    },
    replace(delivery, message) {
      state.transaction(() => {
        if (remove(delivery)) add(message);
      });
    },
    releaseOfDead() {
      const owners = database.prepare("SELECT DISTINCT owner FROM deliveries WHERE owner IS NOT NULL").all();
      let released = 0;
      for (const owner of owners.map((row) => String(row["owner"]))) {
        if (isAlive(owner)) continue;
        const { changes } = database
          .prepare("UPDATE deliveries SET lease = NULL, owner = NULL, visible_at = ? WHERE owner = ?")
          .run(Date.now(), owner);
        released += Number(changes);
      }
      return released;
    },
  };
}

const MessageRow = z.object({
  id: z.string(),
  topic: z.string(),
  attributes: z.string(),
  data: z.instanceof(Uint8Array),
  published_at: z.number(),
});
const Attributes = z.record(z.string(), z.string());

function readMessage(row: unknown, attempt: number): IncomingMessage {
  const { published_at, attributes, ...message } = MessageRow.parse(row);
  return {
    ...message,
    attributes: Attributes.parse(JSON.parse(attributes)),
    publishedAt: new Date(published_at),
    attempt,
  };
}
