// Publishing on Google's Pub/Sub emulator: what a message carries, and what a refusal says.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { test, type TestContext } from "node:test";
import type { Message } from "@google-cloud/pubsub";
import { openPubSubBus } from "../../../deploy/gcp/bus.ts";
import { topicName } from "../../../deploy/gcp/names.ts";
import { publishError } from "../../../deploy/gcp/publish-error.ts";
import { currentTrace, inTrace, traceparentOf } from "../../../deploy/gcp/trace.ts";
import { Masked } from "../../../events/index.ts";
import { encode } from "../../../events/message.ts";
import { RUN_ID } from "../../events/samples.ts";
import { openPubSub } from "../../gcp/pubsub.ts";
import { afterTest } from "../../support/cleanup.ts";

const masked = Masked.create({ runId: RUN_ID, tables: 9, columns: 20, rows: 1000 });
const auth = { email: async () => "preserve@acme.iam.gserviceaccount.com" };

function open(t: TestContext) {
  const contract = { project: "publishing-tests", pipeline: `p${randomUUID().slice(0, 8)}` };
  const bus = openPubSubBus(contract, { auth });
  afterTest(t, () => bus.close());
  return { contract, bus };
}

/** The next message of a new subscription; the topic is made for it. */
async function listen(t: TestContext, contract: Parameters<typeof topicName>[0], event: string) {
  const [topic] = await openPubSub(t, "publishing-tests").createTopic(topicName(contract, event));
  const [subscription] = await topic.createSubscription(`${topicName(contract, event)}-listener`);
  afterTest(t, () => subscription.close());
  return async (): Promise<Message> => {
    const [message] = (await once(subscription, "message")) as [Message];
    message.ack();
    return message;
  };
}

test("an event is a message with its attributes and its data, and the trace of the delivery that it came of", async (t) => {
  const { contract, bus } = open(t);
  const next = await listen(t, contract, "masked");
  const traceparent = await inTrace("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", async () => {
    await bus.publish(masked);
    const trace = currentTrace();
    assert.ok(trace);
    return traceparentOf(trace);
  });
  const { attributes, data } = await next();
  assert.match(traceparent, /^00-0af7651916cd43dd8448eb211c80319c-/);
  assert.deepEqual({ ...attributes }, { ...encode(masked).attributes, traceparent });
  assert.deepEqual(JSON.parse(data.toString()), masked.data);
});

test("outside a delivery nothing is added, and a message typed by hand goes as it is", async (t) => {
  const { contract, bus } = open(t);
  const next = await listen(t, contract, "masked");
  await bus.publishMessage({ topic: "masked", attributes: { colour: "blue" }, data: Buffer.from("{}") });
  const { attributes, data } = await next();
  assert.deepEqual({ ...attributes }, { colour: "blue" });
  assert.equal(data.toString(), "{}");
});

test("a topic that is not there is named, and comes into being without a new bus", async (t) => {
  const { contract, bus } = open(t);
  await assert.rejects(bus.publish(masked), {
    name: "FatalError",
    code: "TOPIC_MISSING",
    message: `There is no topic \`${topicName(contract, "masked")}\` in project \`publishing-tests\`. Run \`terraform apply\` in deploy/gcp/terraform, which makes it.`,
  });
  const next = await listen(t, contract, "masked");
  await bus.publish(masked);
  assert.deepEqual(JSON.parse((await next()).data.toString()), masked.data);
});

const PLACE = { event: "masked", topic: "understudy-shop-masked", project: "acme", caller: await auth.email() };

/** As @grpc/grpc-js throws it. */
const refusal = (code: number, text: string, reason?: string) =>
  Object.assign(new Error(`${code} ${text}`), { code, ...(reason === undefined ? {} : { reason }) });

test("every refusal of Pub/Sub says who, what and where, and what to do", () => {
  const cases = [
    [
      refusal(7, "User not authorized to perform this action."),
      "PUBLISH_DENIED",
      /`preserve@acme\S*` may not publish on `understudy-shop-masked` in project `acme`. Grant it `roles\/pubsub.publisher`/,
    ],
    [refusal(3, "Invalid data in message: ann@example.com"), "EVENT_REFUSED", /refuses a `masked` event/],
    [refusal(16, "Request had invalid authentication credentials."), "CREDENTIALS_REFUSED", /gcloud auth/],
    [
      refusal(7, "Cloud Pub/Sub API has not been used", "SERVICE_DISABLED"),
      "API_NOT_ENABLED",
      /gcloud services enable pubsub/,
    ],
    [new Error("Could not load the default credentials. Browse to https://…"), "CREDENTIALS_MISSING", /no credentials/],
  ] as const;
  for (const [cause, code, message] of cases) {
    const error = publishError(cause, PLACE);
    assert.deepEqual([error.name, error.code], ["FatalError", code]);
    assert.match(error.message, message);
    assert.doesNotMatch(error.message, /ann@example/);
  }
});

test("what passes is tried again: no answer, overload, and what is not known", () => {
  for (const cause of [refusal(14, "No connection"), refusal(4, "Deadline"), refusal(8, "Quota"), new TypeError("?")]) {
    const error = publishError(cause, PLACE);
    assert.deepEqual([error.name, error.code], ["RetryAfter", "PUBSUB_UNAVAILABLE"]);
  }
});
