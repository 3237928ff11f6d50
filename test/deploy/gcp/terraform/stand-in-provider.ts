// A provider for Terraform that knows what Google's knows, and makes nothing: Terraform itself checks and carries out the
// configuration against it. What Google would answer, an address or an id, is made up in `answers`.
import { loadPackageDefinition, Server, ServerCredentials, type ServiceClientConstructor } from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";
import { resolve } from "node:path";
import { pack, unpack, UNKNOWN, type Value } from "./message-pack.ts";

type Type = string | readonly [string, unknown];
type Mode = "required" | "optional" | "computed" | "optional computed";

/** As provider-schema.json has it: an attribute's type and mode, and the blocks within. */
export interface Block {
  readonly attributes: Readonly<Record<string, readonly [Type, Mode]>>;
  readonly blocks?: Readonly<
    Record<string, Block & { readonly nesting: "list" | "set"; readonly min?: number; readonly max?: number }>
  >;
}

export interface ProviderSchema {
  readonly resources: Readonly<Record<string, Block>>;
  readonly data: Readonly<Record<string, Block>>;
}

type Fields = { [name: string]: Value };

/** What Google fills in: by resource type, or `data.` and a data source's, from what was asked for. */
export type Answers = Readonly<Record<string, (asked: Asked, project: string) => Fields>>;

/** What our answers are made from is text. */
export type Asked = Readonly<Record<string, string>>;

const NESTING = { list: "LIST", set: "SET" };
/** `project` and `region` of the provider itself. */
const PROVIDER: Block = { attributes: { project: ["string", "optional"], region: ["string", "optional"] } };

type Packed = { readonly msgpack: Buffer };
type Request = {
  readonly type_name: string;
  readonly config: Packed;
  readonly proposed_new_state: Packed;
  readonly planned_state: Packed;
};

export interface StandIn {
  /** `127.0.0.1:PORT` */
  readonly address: string;
  stop(): void;
}

export async function startStandIn(schema: ProviderSchema, answers: Answers): Promise<StandIn> {
  let project = "";

  /** Fills what the provider computes: with "known after apply" on planning, with an answer on applying. */
  function fill(block: Block, fields: Fields, answer: (name: string, type: Type) => Value): Fields {
    const filled = { ...fields };
    for (const [name, [type, mode]] of Object.entries(block.attributes)) {
      const isOpen = [null, undefined, UNKNOWN].includes(filled[name] as null);
      if (isOpen && mode.endsWith("computed")) filled[name] = answer(name, type);
    }
    for (const [name, inner] of Object.entries(block.blocks ?? {})) {
      const items = filled[name];
      if (Array.isArray(items)) filled[name] = items.map((item) => fill(inner, item as Fields, answer));
    }
    return filled;
  }

  function answered(block: Block, type: string, asked: Fields): Fields {
    const known = answers[type]?.(asked as Asked, project) ?? {};
    const filled = fill(
      block,
      asked,
      (name, of) => known[name] ?? (name === "project" ? project : made(type, name, of)),
    );
    return { ...filled, ...Object.fromEntries(Object.entries(known).filter(([name]) => name in filled)) };
  }

  const server = new Server({ "grpc.max_receive_message_length": -1 });
  const definition = loadPackageDefinition(
    loadSync(resolve(import.meta.dirname, "plugin.proto"), { keepCase: true, defaults: true }),
  ) as unknown as { tfplugin5: { Provider: ServiceClientConstructor } };
  const handle =
    (work: (request: Request) => object) =>
    ({ request }: { request: Request }, reply: (error: Error | null, response?: object) => void) => {
      try {
        reply(null, work(request));
      } catch (error) {
        reply(null, { diagnostics: [{ severity: "ERROR", summary: request.type_name, detail: String(error) }] });
      }
    };
  server.addService(definition.tfplugin5.Provider.service, {
    GetSchema: handle(() => ({
      provider: schemaOf(PROVIDER),
      resource_schemas: mapped(schema.resources, schemaOf),
      data_source_schemas: mapped(schema.data, schemaOf),
    })),
    PrepareProviderConfig: handle(({ config }) => ({ prepared_config: config })),
    ValidateResourceTypeConfig: handle(() => ({})),
    ValidateDataSourceConfig: handle(() => ({})),
    Configure: handle(({ config }) => {
      project = (unpack(config.msgpack) as { project: string }).project;
      return {};
    }),
    PlanResourceChange: handle(({ type_name: type, proposed_new_state: proposed }) => {
      const planned = fill(blockOf(schema.resources, type), unpack(proposed.msgpack) as Fields, () => UNKNOWN);
      return { planned_state: packed(planned), legacy_type_system: true };
    }),
    ApplyResourceChange: handle(({ type_name: type, planned_state: planned }) => {
      const state = answered(blockOf(schema.resources, type), type, unpack(planned.msgpack) as Fields);
      return { new_state: packed(state), legacy_type_system: true };
    }),
    ReadDataSource: handle(({ type_name: type, config }) => ({
      state: packed(answered(blockOf(schema.data, type), `data.${type}`, unpack(config.msgpack) as Fields)),
    })),
    Stop: handle(() => ({})),
  });
  const port = await new Promise<number>((done, failed) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
      error ? failed(error) : done(bound),
    );
  });
  return { address: `127.0.0.1:${port}`, stop: () => server.forceShutdown() };
}

function blockOf(blocks: Readonly<Record<string, Block>>, type: string): Block {
  const block = blocks[type];
  if (!block) throw new Error(`The stand-in does not know \`${type}\`.`);
  return block;
}

/** Any value of the type that tells where it came from. */
function made(type: string, name: string, of: Type): Value {
  if (of === "number") return 1;
  if (of === "bool") return false;
  return of === "string" ? `${type}.${name}` : Array.isArray(of) && of[0] === "map" ? {} : [];
}

function packed(value: Value): Packed {
  return { msgpack: pack(value) };
}

function mapped<From, To>(record: Readonly<Record<string, From>>, change: (value: From) => To): Record<string, To> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value)]));
}

function schemaOf(block: Block): object {
  return { version: 0, block: blockMessage(block) };
}

function blockMessage(block: Block): object {
  return {
    attributes: Object.entries(block.attributes).map(([name, [type, mode]]) => ({
      name,
      type: Buffer.from(JSON.stringify(type)),
      required: mode === "required",
      optional: mode.startsWith("optional"),
      computed: mode.endsWith("computed"),
    })),
    block_types: Object.entries(block.blocks ?? {}).map(([name, inner]) => ({
      type_name: name,
      block: blockMessage(inner),
      nesting: NESTING[inner.nesting],
      min_items: inner.min ?? 0,
      max_items: inner.max ?? 0,
    })),
  };
}
