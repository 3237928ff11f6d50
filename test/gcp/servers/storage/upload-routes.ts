// objects.insert in its three forms, and the sessions of the third: https://cloud.google.com/storage/docs/uploads-downloads
import type { OutgoingHttpHeaders } from "node:http";
import { ApiError, type Call, readJson, type Reply, type Routes } from "../http.ts";
import type { Account, Upload } from "./account.ts";
import { measure } from "./bucket.ts";
import { type Checksums, claimedChecksums } from "./checksums.ts";
import { invalid } from "./errors.ts";
import { readMultipart } from "./multipart.ts";
import { type ObjectFields, type StoredObject, toResource } from "./object.ts";
import { parseFields } from "./object-fields.ts";
import { type Preconditions, preconditionsOf } from "./preconditions.ts";
import { openSession, parseContentRange, type Session } from "./resumable.ts";

const DEFAULT_CONTENT_TYPE = "application/octet-stream";

/** A session, with what its first request said and who sent it. */
interface Started {
  readonly session: Session;
  readonly account: Account;
  readonly bucket: string;
  readonly name: string;
  readonly fields: ObjectFields;
  readonly claimed: Partial<Checksums>;
  readonly preconditions: Preconditions;
}

export function uploadRoutes(accountOf: (call: Call) => Account): Routes {
  const sessions = new Map<string, Started>();
  const cancelled = new Set<string>();

  async function insert(call: Call): Promise<Reply> {
    const account = accountOf(call);
    const form = call.query("uploadType");
    if (form === "media") return insertMedia(call, account);
    if (form === "multipart") return insertMultipart(call, account);
    if (form === "resumable") return startSession(call, account);
    throw invalid("Unknown value of uploadType.");
  }

  async function startSession(call: Call, account: Account): Promise<Reply> {
    const resource = parseFields(await readJson(call));
    const { headers } = call.request;
    const started: Omit<Started, "session"> = {
      account,
      bucket: call.param("bucket"),
      name: nameOf(call, resource.name),
      fields: { contentType: String(headers["x-upload-content-type"] ?? DEFAULT_CONTENT_TYPE), ...resource.fields },
      claimed: { ...resource.claimed, ...claimedChecksums(call) },
      preconditions: preconditionsOf(call),
    };
    const bucket = account.checkDestination(started.bucket, started.name, started.preconditions);
    const session = openSession(bucket.newPath());
    sessions.set(session.id, { ...started, session });
    const location = new URL(call.url);
    location.searchParams.set("name", started.name);
    location.searchParams.set("upload_id", session.id);
    return { headers: { location: location.href, "x-guploader-uploadid": session.id } };
  }

  /** A session's URI is all that it takes to go on: https://cloud.google.com/storage/docs/resumable-uploads#session-uris */
  function startedOf(call: Call): Started {
    const id = call.query("upload_id") ?? "";
    if (cancelled.has(id)) throw new ApiError(499, "Client Closed Request", { reason: "clientClosedRequest" });
    const started = sessions.get(id);
    if (!started) throw new ApiError(404, "Not Found", { reason: "notFound" });
    return started;
  }

  async function putChunk(call: Call): Promise<Reply> {
    const { session, account, bucket, name, fields, claimed, preconditions } = startedOf(call);
    const range = parseContentRange(call.request.headers["content-range"]);
    const object = await session.receive(call.request, range, async (path) => {
      const upload = { fields, preconditions, claimed: { ...claimed, ...claimedChecksums(call) } };
      try {
        return account.commit(bucket, name, await measure(path), upload);
      } catch (error) {
        sessions.delete(session.id); // its bytes are refused for good
        throw error;
      }
    });
    if (object) return resourceReply(call, object);
    return { status: 308, headers: { "x-guploader-uploadid": session.id, ...rangeOf(session) } };
  }

  async function cancel(call: Call): Promise<Reply> {
    const { session } = startedOf(call);
    sessions.delete(session.id);
    cancelled.add(session.id);
    await session.cancel();
    return { status: 499 };
  }

  const path = "/upload/storage/v1/b/:bucket/o";
  return { [`POST ${path}`]: insert, [`PUT ${path}`]: putChunk, [`DELETE ${path}`]: cancel };
}

async function insertMedia(call: Call, account: Account): Promise<Reply> {
  const contentType = call.request.headers["content-type"] ?? DEFAULT_CONTENT_TYPE;
  const upload: Upload = {
    fields: { contentType },
    preconditions: preconditionsOf(call),
    claimed: claimedChecksums(call),
  };
  return resourceReply(call, await account.write(call.param("bucket"), nameOf(call), call.request, upload));
}

async function insertMultipart(call: Call, account: Account): Promise<Reply> {
  const { fields: json, contentType = DEFAULT_CONTENT_TYPE, media } = await readMultipart(call.request);
  const { name, fields, claimed } = parseFields(json);
  const upload: Upload = {
    fields: { contentType, ...fields },
    preconditions: preconditionsOf(call),
    claimed: { ...claimed, ...claimedChecksums(call) },
  };
  return resourceReply(call, await account.write(call.param("bucket"), nameOf(call, name), media, upload));
}

function nameOf(call: Call, named?: string): string {
  const name = call.query("name") ?? named;
  if (!name) throw new ApiError(400, "Required parameter: name", { reason: "required" });
  return name;
}

function rangeOf({ received }: Session): OutgoingHttpHeaders {
  return received === 0 ? {} : { range: `bytes=0-${received - 1}` };
}

function resourceReply(call: Call, object: StoredObject): Reply {
  return { json: toResource(object, call.url.origin) };
}
