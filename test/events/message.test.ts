// Events on the wire: what is read back is what was written, and what is no event is refused without quoting it.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { DefinedEvent } from "../../events/define-event.ts";
import { DeadLettered, eventsByName, Masked } from "../../events/index.ts";
import { decode, DecodeError, digestOf, encode, type IncomingMessage, runAttribute } from "../../events/message.ts";
import { incoming, RUN_ID, samples } from "./samples.ts";

/** Stands for a value that may stand in no error: a secret, or a customer's e-mail address. */
const SECRET = "hunter2-ann@example.com";

function definitionOf(name: string): DefinedEvent<string, unknown> {
  const definition = eventsByName.get(name);
  assert.ok(definition, `no event is called ${name}`);
  return definition;
}

function refusal(definition: DefinedEvent<string, unknown>, message: IncomingMessage): DecodeError {
  try {
    decode(definition, message);
  } catch (error) {
    assert.ok(error instanceof DecodeError, `not a DecodeError: ${String(error)}`);
    assert.doesNotMatch(error.message, new RegExp(SECRET, "i"));
    return error;
  }
  return assert.fail("the message was decoded");
}

test("every event has an example here", () => {
  assert.deepEqual(
    samples.map(({ name }) => name),
    [...eventsByName.keys()],
  );
});

for (const event of samples) {
  const definition = definitionOf(event.name);

  test(`\`${event.name}\` is read back as it was written, by a topic of its own name`, () => {
    const message = incoming(event);
    assert.equal(message.topic, event.name);
    assert.equal(message.attributes["version"], "1");
    assert.equal(message.attributes["run"], RUN_ID);
    assert.deepEqual(decode(definition, message), event);
  });

  test(`\`${event.name}\` is read without attributes, as a message typed by hand has none`, () => {
    assert.deepEqual(decode(definition, incoming(event, { attributes: {} })), event);
  });

  test(`\`${event.name}\` refuses bytes that are no event, and quotes none of them`, () => {
    const bytes = [
      Buffer.from(SECRET),
      Buffer.from(`{"password":"${SECRET}`),
      Buffer.from(JSON.stringify(SECRET)),
      Buffer.from("null"),
      Buffer.from("[]"),
      Buffer.from(JSON.stringify({ [SECRET]: SECRET })),
      Buffer.concat([Buffer.from(`{"runId":"${SECRET}`), Buffer.from([0xff, 0xfe]), Buffer.from('"}')]),
      Buffer.alloc(0),
    ];
    for (const data of bytes) {
      const error = refusal(definition, incoming(event, { data }));
      assert.equal(error.code, "NOT_AN_EVENT");
      assert.match(error.message, new RegExp(`\`${event.name}\``));
    }
  });

  test(`\`${event.name}\` refuses each field that holds something else, by the field's name alone`, () => {
    for (const field of Object.keys(event.data as object)) {
      const data = Buffer.from(JSON.stringify({ ...(event.data as object), [field]: { [SECRET]: SECRET } }));
      const error = refusal(definition, incoming(event, { data }));
      assert.equal(error.code, "NOT_AN_EVENT");
      assert.match(error.message, new RegExp(`\`${field}`));
    }
  });

  test(`\`${event.name}\` from the future says which version it has and which one is known`, () => {
    const error = refusal(definition, incoming(event, { attributes: { event: event.name, version: "2" } }));
    assert.equal(error.code, "EVENT_FROM_THE_FUTURE");
    assert.match(error.message, new RegExp(`\`${event.name}\` has version 2; this code knows version 1`));
  });

  test(`\`${event.name}\` refuses a version that is none, and an event of another name, without quoting them`, () => {
    for (const version of ["0", "-1", "1.5", "", SECRET, "99999999999999999999"]) {
      const error = refusal(definition, incoming(event, { attributes: { event: event.name, version } }));
      assert.equal(error.code, "NOT_AN_EVENT");
      assert.match(error.message, /version/);
    }
    const other = refusal(definition, incoming(event, { attributes: { event: SECRET, version: "1" } }));
    assert.equal(other.code, "NOT_AN_EVENT");
    assert.match(other.message, new RegExp(`another event than \`${event.name}\``));
  });

  test(`\`${event.name}\` is not created from data that its schema refuses`, () => {
    assert.throws(() => definition.create({}), { name: "ZodError" });
    assert.throws(() => definition.create(null), { name: "ZodError" });
  });
}

test("a message is known by its digest, which changes with every byte", () => {
  const digest = digestOf({ data: Buffer.from(SECRET) });
  assert.match(digest, /^[0-9a-f]{64}$/);
  assert.notEqual(digestOf({ data: Buffer.from(`${SECRET} `) }), digest);
});

test("a run attribute counts only when it is a run's id", () => {
  const message = encode(Masked.create({ runId: RUN_ID, tables: 0, columns: 0, rows: 0 }));
  assert.equal(runAttribute(message), RUN_ID);
  assert.equal(runAttribute({ ...message, attributes: {} }), undefined);
  assert.equal(runAttribute({ ...message, attributes: { run: SECRET } }), undefined);
});

test("the letters of two claims of one stage are two, the same letter twice is one", () => {
  const letter = samples.find(({ name }) => name === DeadLettered.name)?.data as DeadLettered["data"];
  assert.equal(DeadLettered.key(letter), "mask//2");
  assert.equal(DeadLettered.key({ ...letter, failedAt: "2026-11-23T00:00:00.000Z" }), DeadLettered.key(letter));
  assert.notEqual(DeadLettered.key({ ...letter, epoch: 3 }), DeadLettered.key(letter));
});
