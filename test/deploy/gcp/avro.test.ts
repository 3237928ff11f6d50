// deploy/gcp/terraform/schemas/: generated, current, and on Google's emulator what topics need.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { test, type TestContext } from "node:test";
import { Encodings, SchemaTypes } from "@google-cloud/pubsub";
import { z } from "zod";
import { avroSchemaOf, eventsWithSchema } from "../../../deploy/gcp/avro.ts";
import { openPubSubBus } from "../../../deploy/gcp/bus.ts";
import { avroFiles, SCHEMAS_DIRECTORY } from "../../../deploy/gcp/write-avro-schemas.ts";
import { defineEvent } from "../../../events/define-event.ts";
import { encode } from "../../../events/message.ts";
import { samples } from "../../events/samples.ts";
import { openPubSub } from "../../gcp/pubsub.ts";
import { afterTest } from "../../support/cleanup.ts";

/** An event that has `field` alone. */
const eventWith = (field: z.ZodType) =>
  defineEvent({
    name: "tried",
    version: 1,
    schema: z.strictObject({ field }),
    run: () => undefined,
    key: () => "",
  }) as Parameters<typeof avroSchemaOf>[0];

test("the schemas are what `npm run schema` writes, and there are no others", async () => {
  const files = avroFiles();
  assert.deepEqual(new Set(await readdir(SCHEMAS_DIRECTORY)), new Set(files.keys()), "Run `npm run schema`.");
  for (const [name, text] of files) {
    assert.equal(await readFile(new URL(name, SCHEMAS_DIRECTORY), "utf8"), text, `${name}: run \`npm run schema\`.`);
  }
});

test("every event has a schema but the bucket's notifications and dead letters", () => {
  assert.deepEqual(
    eventsWithSchema.map(({ name }) => name),
    [
      "sync-requested",
      "export-done",
      "replica-loaded",
      "masked",
      "preserved",
      "synced",
      "abandon-requested",
      "rollback-requested",
    ],
  );
});

test("what Avro cannot express is refused by name", () => {
  const refused: readonly (readonly [z.ZodType, RegExp])[] = [
    [z.string().optional(), /field `field` is optional/],
    [z.union([z.string(), z.int()]), /field `field` is of a type/],
    [z.string().nullable(), /field `field` is of a type/],
    [z.enum(["a-b"]), /field `field` is of a type/],
    [z.strictObject({ a: z.string() }), /field `field` is of a type/],
    [z.unknown(), /field `field` is of a type/],
  ];
  for (const [field, message] of refused) assert.throws(() => avroSchemaOf(eventWith(field)), message);
  const loose = { ...eventWith(z.string()), schema: z.looseObject({ field: z.string() }) };
  assert.throws(() => avroSchemaOf(loose), /no strict object/);
  const named = { ...eventWith(z.string()), schema: z.strictObject({ "not-a-name": z.string() }) };
  assert.throws(() => avroSchemaOf(named), /`not-a-name`/);
});

/** A pipeline of its own whose topics have the committed schemas. */
async function openTopics(t: TestContext) {
  const contract = { project: "avro-tests", pipeline: `p${randomUUID().slice(0, 8)}` };
  const client = openPubSub(t, contract.project);
  const bus = openPubSubBus(contract, { auth: { email: async () => undefined } });
  afterTest(t, () => bus.close());
  for (const { name } of eventsWithSchema) {
    const id = `understudy-${contract.pipeline}-${name}`;
    const definition = await readFile(new URL(`${name}.avsc`, SCHEMAS_DIRECTORY), "utf8");
    await client.createSchema(id, SchemaTypes.Avro, definition);
    const schema = `projects/${contract.project}/schemas/${id}`;
    await client.createTopic({ name: id, schemaSettings: { schema, encoding: Encodings.Json } });
  }
  return bus;
}

test("a topic with the schema takes every event, as it is encoded", async (t) => {
  const bus = await openTopics(t);
  const withSchema = new Set(eventsWithSchema.map(({ name }) => name));
  const taken = samples.filter(({ name }) => withSchema.has(name));
  assert.equal(taken.length, eventsWithSchema.length);
  for (const event of taken) await bus.publish(event);
});

// A field too many and a fraction are let through by Avro's Java decoder: for these there is the consumer's own check.
test("a malformed event is refused at publishing", async (t) => {
  const bus = await openTopics(t);
  const [event] = samples.filter(({ name }) => name === "export-done");
  assert.ok(event);
  const data = event.data as Record<string, unknown>;
  const { bytes: _bytes, ...withoutBytes } = data;
  const malformed: readonly unknown[] = [
    ...["no JSON object", withoutBytes, { ...data, bytes: "many" }, { ...data, runId: 7 }],
    ...[
      { ...data, origin: "staging" },
      { ...data, dump: null },
    ],
  ];
  for (const wrong of malformed) {
    const message = { ...encode(event), data: Buffer.from(JSON.stringify(wrong)) };
    await assert.rejects(
      bus.publishMessage(message),
      { name: "FatalError", code: "EVENT_REFUSED" },
      JSON.stringify(wrong),
    );
  }
});
