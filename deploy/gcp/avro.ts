// A topic's Avro schema, made of its event's own definition: Pub/Sub refuses a malformed event at publishing.
// https://avro.apache.org/docs/1.11.1/specification/, https://cloud.google.com/pubsub/docs/schemas
//
// All fields are required, so that an event's plain JSON is its Avro JSON: an optional field would have to be written
// as `{"string": "…"}`, or left out, which Avro does not know.
import { z } from "zod";
import { isMap } from "../../contracts/plain-data.ts";
import type { DefinedEvent } from "../../events/define-event.ts";
import { DeadLettered, DumpFinalized, eventsByName } from "../../events/index.ts";

export type AvroType =
  | "string"
  | "long"
  | "double"
  | "boolean"
  | { readonly type: "enum"; readonly name: string; readonly symbols: readonly string[] };

export interface AvroRecord {
  readonly type: "record";
  readonly name: string;
  readonly namespace: "understudy";
  readonly doc: string;
  readonly fields: readonly { readonly name: string; readonly type: AvroType }[];
}

/** What Avro allows as the name of a field, a type or an enum's symbol. */
const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** Cloud Storage's own notifications, and dead letters: any message, forwarded as it was. */
const WITHOUT_SCHEMA: readonly string[] = [DumpFinalized.name, DeadLettered.name];

/** The events whose topics have a schema. */
export const eventsWithSchema = [...eventsByName.values()].filter(({ name }) => !WITHOUT_SCHEMA.includes(name));

/**
 * An event's data as an Avro record.
 *
 * It checks names and types; patterns and limits, which Avro does not have, are the consumer's to check.
 *
 * @throws Error for a definition that Avro cannot express, with the field's name
 */
export function avroSchemaOf(event: DefinedEvent<string, unknown>): AvroRecord {
  const schema = z.toJSONSchema(event.schema);
  const refuse = (what: string): never => {
    throw new Error(`Event \`${event.name}\` cannot be an Avro record: ${what}.`);
  };
  if (schema.type !== "object" || schema.additionalProperties !== false) return refuse("its data is no strict object");
  const required = new Set(schema.required);
  const fields = Object.entries(schema.properties ?? {}).map(([name, property]) => {
    if (!NAME.test(name)) refuse(`Avro does not allow \`${name}\` as a field's name`);
    if (!required.has(name)) refuse(`field \`${name}\` is optional; give it a value that means none`);
    return { name, type: typeOf(name, property) ?? refuse(`field \`${name}\` is of a type that has no counterpart`) };
  });
  const doc = `Version ${event.version} of ${event.name}.`;
  return { type: "record", name: pascalCase(event.name), namespace: "understudy", doc, fields };
}

function typeOf(field: string, schema: unknown): AvroType | undefined {
  if (!isMap(schema)) return undefined;
  const { type, enum: symbols, anyOf: alternatives } = schema;
  if (Array.isArray(alternatives)) {
    const [first, ...others] = alternatives.map((alternative) => typeOf(field, alternative));
    // Alternatives of several types are a union, whose JSON names the type of each value.
    return others.every((other) => other === first) ? first : undefined;
  }
  if (Array.isArray(symbols)) {
    const valid = symbols.every((symbol) => typeof symbol === "string" && NAME.test(symbol));
    return valid ? { type: "enum", name: pascalCase(field), symbols } : undefined;
  }
  if (type === "string" || type === "boolean") return type;
  if (type === "integer") return "long";
  return type === "number" ? "double" : undefined;
}

/** `export-done` → `ExportDone`. */
function pascalCase(name: string): string {
  return name.replaceAll(/(?:^|-)(.)/g, (_, first: string) => first.toUpperCase());
}
