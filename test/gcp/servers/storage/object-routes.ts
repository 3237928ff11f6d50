// The methods on objects but objects.insert: https://cloud.google.com/storage/docs/json_api/v1/objects
import { z } from "zod";
import { type Call, readJson, type Reply, type Routes } from "../http.ts";
import type { Account, Source, Where } from "./account.ts";
import { download } from "./download.ts";
import { type StoredObject, toResource } from "./object.ts";
import { parseBody, parseFields } from "./object-fields.ts";
import { numberOf, preconditionsOf } from "./preconditions.ts";

const ComposeRequest = z.object({
  destination: z.unknown().optional(),
  sourceObjects: z.array(
    z.object({
      name: z.string(),
      generation: z.coerce.number().optional(),
      objectPreconditions: z.object({ ifGenerationMatch: z.coerce.number().optional() }).optional(),
    }),
  ),
});

export function objectRoutes(accountOf: (call: Call) => Account): Routes {
  const resource = (call: Call, object: StoredObject): Reply => ({ json: toResource(object, call.url.origin) });
  const here = (call: Call) => [call.param("bucket"), call.param("object")] as const;

  async function get(call: Call): Promise<Reply> {
    if (call.query("alt") === "media") return download(call, () => accountOf(call).get(...here(call), whereOf(call)));
    return resource(call, accountOf(call).get(...here(call), whereOf(call)));
  }

  function list(call: Call): Reply {
    const page = accountOf(call).list(call.param("bucket"), {
      prefix: call.query("prefix"),
      delimiter: call.query("delimiter"),
      startOffset: call.query("startOffset"),
      endOffset: call.query("endOffset"),
      pageToken: call.query("pageToken"),
      maxResults: numberOf(call, "maxResults"),
    });
    const items = page.items.map((object) => toResource(object, call.url.origin));
    return { json: { kind: "storage#objects", ...page, items } };
  }

  async function compose(call: Call): Promise<Reply> {
    const account = accountOf(call);
    const { destination, sourceObjects } = parseBody(ComposeRequest, await readJson(call));
    const { fields } = parseFields(destination ?? {});
    const sources = sourceObjects.map(({ name, generation, objectPreconditions }): Source => ({
      ...{ name, generation, generationMatch: objectPreconditions?.ifGenerationMatch },
    }));
    const upload = { fields, preconditions: preconditionsOf(call) };
    return resource(call, await account.compose(...here(call), sources, upload));
  }

  async function copy(call: Call): Promise<StoredObject> {
    const account = accountOf(call);
    const { fields } = parseFields(await readJson(call));
    const from = {
      ...{ bucket: call.param("bucket"), name: call.param("object") },
      ...{ generation: numberOf(call, "sourceGeneration"), ...preconditionsOf(call, "ifSource") },
    };
    const upload = { fields, preconditions: preconditionsOf(call) };
    return account.copy(from, call.param("toBucket"), call.param("toObject"), upload);
  }

  /** In one step, as Cloud Storage does within one location and storage class. */
  async function rewrite(call: Call): Promise<Reply> {
    const object = await copy(call);
    const bytes = String(object.bytes);
    return {
      json: {
        kind: "storage#rewriteResponse",
        totalBytesRewritten: bytes,
        objectSize: bytes,
        done: true,
        resource: toResource(object, call.url.origin),
      },
    };
  }

  const objects = "/storage/v1/b/:bucket/o";
  return {
    [`GET ${objects}`]: list,
    [`GET ${objects}/:object`]: get,
    [`GET /download${objects}/:object`]: (call) =>
      download(call, () => accountOf(call).get(...here(call), whereOf(call))),
    [`PATCH ${objects}/:object`]: async (call) => {
      const { fields } = parseFields(await readJson(call));
      return resource(call, accountOf(call).update(...here(call), fields, whereOf(call)));
    },
    [`DELETE ${objects}/:object`]: (call) => {
      accountOf(call).remove(...here(call), whereOf(call));
      return { status: 204 };
    },
    [`POST ${objects}/:object/compose`]: compose,
    [`POST ${objects}/:object/copyTo/b/:toBucket/o/:toObject`]: async (call) => resource(call, await copy(call)),
    [`POST ${objects}/:object/rewriteTo/b/:toBucket/o/:toObject`]: rewrite,
  };
}

function whereOf(call: Call): Where {
  return { generation: numberOf(call, "generation"), ...preconditionsOf(call) };
}
