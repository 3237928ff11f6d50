// An event on the wire: attributes that brokers can route by, and the data as JSON.
import { createHash } from "node:crypto";
import type { z } from "zod";
import type { DefinedEvent, Event, MessageOrigin } from "./define-event.ts";
import { eventsByName } from "./index.ts";
import { RunId } from "./run-id.ts";

/** What a publisher hands to a bus. */
export interface OutgoingMessage {
  readonly topic: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly data: Uint8Array;
}

/** What a bus delivers. */
export interface IncomingMessage extends OutgoingMessage, MessageOrigin {
  /** 1 on the first delivery, where the bus counts. */
  readonly attempt: number;
}

/** The bytes are no event that we know; `code` says in which way. No message ever quotes the bytes. */
export class DecodeError extends Error {
  readonly code: "NOT_AN_EVENT" | "EVENT_FROM_THE_FUTURE";
  constructor(code: DecodeError["code"], message: string) {
    super(message);
    this.name = "DecodeError";
    this.code = code;
  }
}

/** An event as the message that carries it. */
export function encode(event: Event): OutgoingMessage {
  const definition = eventsByName.get(event.name);
  const runId = definition?.run(event.data);
  return {
    topic: event.name,
    attributes: {
      event: event.name,
      version: String(event.version),
      ...(runId === undefined ? {} : { run: runId }),
      ...definition?.attributes?.(event.data),
    },
    data: Buffer.from(JSON.stringify(event.data)),
  };
}

/**
 * A message as the event that `definition` describes.
 *
 * Attributes may be missing: a notification of Cloud Storage and a message typed by hand have none of ours.
 *
 * @throws DecodeError `NOT_AN_EVENT` for bytes that do not parse, `EVENT_FROM_THE_FUTURE` for a version that this code
 *   does not know.
 */
export function decode<Name extends string, Data>(
  definition: DefinedEvent<Name, Data>,
  message: IncomingMessage,
): Event<Data> & { readonly name: Name } {
  const { event = definition.name, version = String(definition.version) } = message.attributes;
  if (event !== definition.name) {
    throw notAnEvent(`The message on \`${message.topic}\` says that it is another event than \`${definition.name}\`.`);
  }
  if (version !== String(definition.version)) throw unknownVersion(definition, version);
  const parsed = definition.schema.safeParse(parseJson(definition, message.data));
  if (!parsed.success) {
    throw notAnEvent(`The message is no \`${definition.name}\` event: ${describeIssues(parsed.error)}.`);
  }
  const data = definition.complete?.(parsed.data, message) ?? parsed.data;
  return { name: definition.name, version: definition.version, data };
}

/** SHA-256 of a message's bytes, in hex: names it without telling it. */
export function digestOf(message: Pick<OutgoingMessage, "data">): string {
  return createHash("sha256").update(message.data).digest("hex");
}

/** The run that a message's attributes name, for one that cannot be decoded; undefined where it is no run's id. */
export function runAttribute(message: OutgoingMessage): RunId | undefined {
  return RunId.safeParse(message.attributes["run"]).data;
}

function parseJson(definition: DefinedEvent<string, unknown>, data: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(data));
  } catch {
    throw notAnEvent(`The message of ${data.byteLength} bytes on \`${definition.name}\` is not JSON in UTF-8.`);
  }
}

function unknownVersion(definition: DefinedEvent<string, unknown>, version: string): DecodeError {
  if (/^\d{1,6}$/.test(version) && Number(version) > definition.version) {
    return new DecodeError(
      "EVENT_FROM_THE_FUTURE",
      `\`${definition.name}\` has version ${version}; this code knows version ${definition.version}. Deploy the newer code, then replay the stage.`,
    );
  }
  return notAnEvent(`The version attribute of a \`${definition.name}\` message is none that this code knows.`);
}

/** Zod's complaints without the values that they are about. */
function describeIssues(error: z.ZodError): string {
  return error.issues
    .slice(0, 5)
    .map(
      (issue) =>
        `\`${issue.path.join(".") || "data"}\` ${issue.code === "custom" ? "is refused" : issue.code.replaceAll("_", " ")}`,
    )
    .join("; ");
}

function notAnEvent(message: string): DecodeError {
  return new DecodeError("NOT_AN_EVENT", message);
}
