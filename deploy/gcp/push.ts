// Pub/Sub's push requests: https://cloud.google.com/pubsub/docs/push#receive_push
//
// The envelope is read here and not by functions-framework, whose conversion into a CloudEvent drops `deliveryAttempt`.
import { z } from "zod";
import type { IncomingMessage } from "../../events/message.ts";

const Push = z.looseObject({
  message: z.looseObject({
    // Left out where they are empty: a notification without a payload, a message without attributes.
    data: z.base64().default(""),
    attributes: z.record(z.string(), z.string()).default({}),
    messageId: z.string().min(1),
    publishTime: z.iso.datetime({ offset: true }),
  }),
  /** Only where the subscription has a dead-letter policy, and never from the emulator. */
  deliveryAttempt: z.int().positive().default(1),
});

/** The request is no push of Pub/Sub's: some other program found the function's address. */
export class NotAPush extends Error {
  constructor() {
    super("The request is no push of Pub/Sub's.");
    this.name = "NotAPush";
  }
}

/**
 * The message in a push request's body.
 *
 * @param topic the event that the subscription is on; a push does not say
 * @throws NotAPush, which quotes nothing of the body
 */
export function readPush(body: unknown, topic: string): IncomingMessage {
  const parsed = Push.safeParse(body);
  if (!parsed.success) throw new NotAPush();
  const { message, deliveryAttempt } = parsed.data;
  return {
    topic,
    attributes: message.attributes,
    data: Buffer.from(message.data, "base64"),
    id: message.messageId,
    publishedAt: new Date(message.publishTime),
    attempt: deliveryAttempt,
  };
}
