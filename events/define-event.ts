// How an event is made: one exported value with its name, version, schema and business key.
import type { z } from "zod";
import type { RunId } from "./run-id.ts";

/** What brought an event: only that part of a message which a redelivery does not change. */
export interface MessageOrigin {
  readonly id: string;
  readonly publishedAt: Date;
}

/** An event as it travels: its name is also its topic. */
export interface Event<Data = unknown> {
  readonly name: string;
  readonly version: number;
  readonly data: Data;
}

export interface EventDefinition<Name extends string = string, Data = unknown> {
  /** The event's name; also the topic that it is published on. */
  readonly name: Name;
  /** A breaking change is a new version beside this one. */
  readonly version: number;
  readonly schema: z.ZodType<Data>;
  /** The run that it belongs to, or undefined where it belongs to none (an object that is not ours). */
  run(data: Data): RunId | undefined;
  /** What the event is within its run, not which message brought it: a replay brings a new message id. */
  key(data: Data): string;
  /** What a broker may route by, beside the event's name, version and run. */
  attributes?(data: Data): Readonly<Record<string, string>>;
  /** Fills in what a publisher without a clock (Cloud Scheduler) cannot: the same message always gets the same. */
  complete?(data: Data, origin: MessageOrigin): Data;
}

export interface DefinedEvent<Name extends string, Data> extends EventDefinition<Name, Data> {
  /** Checks `data` and makes an event of it. Throws a ZodError for data that the schema refuses. */
  create(data: Data): Event<Data> & { readonly name: Name };
}

/** The event that a definition describes. */
export type EventOf<Definition> =
  Definition extends DefinedEvent<infer Name, infer Data> ? Event<Data> & { readonly name: Name } : never;

/**
 * Makes an event's definition into the value that the code uses.
 *
 * Schemas check and never transform, so that replayed bytes mean the same thing.
 */
export function defineEvent<const Name extends string, Data>(
  definition: EventDefinition<Name, Data>,
): DefinedEvent<Name, Data> {
  return {
    ...definition,
    create: (data) => ({
      name: definition.name,
      version: definition.version,
      data: definition.schema.parse(data),
    }),
  };
}
