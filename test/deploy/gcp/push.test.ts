// Pub/Sub's push envelope: https://cloud.google.com/pubsub/docs/push#receive_push
import assert from "node:assert/strict";
import { test } from "node:test";
import { NotAPush, readPush } from "../../../deploy/gcp/push.ts";

/** As Pub/Sub's documentation shows it, and with the attempt that a dead-letter policy adds. */
const PUSH = {
  message: {
    attributes: { event: "masked" },
    data: "eyJydW5JZCI6Ind4In0=",
    messageId: "2070443601311540",
    message_id: "2070443601311540",
    orderingKey: "",
    publishTime: "2026-11-22T02:15:00.123456Z",
    publish_time: "2026-11-22T02:15:00.123456Z",
  },
  subscription: "projects/shop-tools/subscriptions/understudy-shop-preserve",
  deliveryAttempt: 3,
};

test("a push becomes the message that was published, with its attempt", () => {
  assert.deepEqual(readPush(PUSH, "masked"), {
    topic: "masked",
    attributes: { event: "masked" },
    data: Buffer.from('{"runId":"wx"}'),
    id: "2070443601311540",
    publishedAt: new Date("2026-11-22T02:15:00.123Z"),
    attempt: 3,
  });
});

test("what Pub/Sub leaves out is empty, and an attempt that is not counted is the first", () => {
  const { messageId, publishTime } = PUSH.message;
  const { attributes, data, attempt } = readPush({ message: { messageId, publishTime } }, "masked");
  assert.deepEqual([attributes, data.byteLength, attempt], [{}, 0, 1]);
});

test("what is no push is refused, and the error quotes nothing of it", () => {
  const { message } = PUSH;
  const bodies = [
    ...[undefined, null, "ann@example.com", [], {}, { message: null }, { message: "ann@example.com" }],
    ...[{ message: { ...message, messageId: "" } }, { message: { ...message, publishTime: "ann@example.com" } }],
    ...[{ message: { ...message, data: "no base64!" } }, { message: { ...message, attributes: { a: 1 } } }],
    ...[{ ...PUSH, deliveryAttempt: 0 }],
  ];
  for (const body of bodies) {
    assert.throws(
      () => readPush(body, "masked"),
      (error) => error instanceof NotAPush && !error.message.includes("ann"),
      JSON.stringify(body),
    );
  }
});
