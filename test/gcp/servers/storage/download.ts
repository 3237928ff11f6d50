// An object's bytes: https://cloud.google.com/storage/docs/json_api/v1/objects/get, with alt=media
import type { OutgoingHttpHeaders } from "node:http";
import { createGunzip } from "node:zlib";
import { ApiError, type Call, type Reply } from "../http.ts";
import { open } from "./account.ts";
import { rangeNotSatisfiable } from "./errors.ts";
import { etagOf, type StoredObject } from "./object.ts";

/** @param find gets the object or throws. Errors of a download are plain text. */
export function download(call: Call, find: () => StoredObject): Reply {
  try {
    return reply(call, find());
  } catch (error) {
    if (!(error instanceof ApiError) || error.code === 304) throw error;
    return {
      status: error.code,
      headers: { ...error.headers, "content-type": "text/html; charset=UTF-8" },
      body: error.message,
    };
  }
}

function reply({ request }: Call, object: StoredObject): Reply {
  const headers = headersOf(object);
  const isCompressed = object.fields.contentEncoding === "gzip";
  if (isCompressed && !/\bgzip\b/.test(request.headers["accept-encoding"] ?? "")) {
    // https://cloud.google.com/storage/docs/transcoding
    const transcoded = { ...headers, warning: "214 UploadServer gunzipped", "transfer-encoding": "chunked" };
    return { headers: transcoded, body: open(object).pipe(createGunzip()) };
  }
  const encoding = isCompressed ? { "content-encoding": "gzip" } : {};
  const range = parseRange(request.headers.range, object.bytes);
  if (!range) {
    return { headers: { ...headers, ...encoding, "content-length": object.bytes }, body: open(object) };
  }
  const { start, end } = range;
  return {
    status: 206,
    headers: {
      ...headers,
      ...encoding,
      "content-length": end - start + 1,
      "content-range": `bytes ${start}-${end}/${object.bytes}`,
    },
    body: open(object, range),
  };
}

function headersOf(object: StoredObject): OutgoingHttpHeaders {
  const { contentType, contentEncoding, cacheControl, contentDisposition, contentLanguage } = object.fields;
  const fields = {
    "content-type": contentType ?? "application/octet-stream",
    "cache-control": cacheControl,
    "content-disposition": contentDisposition,
    "content-language": contentLanguage,
  };
  return {
    ...Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)),
    "accept-ranges": "bytes",
    etag: etagOf(object),
    "last-modified": object.updated.toUTCString(),
    "x-goog-generation": String(object.generation),
    "x-goog-metageneration": String(object.metageneration),
    "x-goog-hash": [`crc32c=${object.crc32c}`, ...(object.md5Hash ? [`md5=${object.md5Hash}`] : [])].join(","),
    "x-goog-storage-class": "STANDARD",
    "x-goog-stored-content-encoding": contentEncoding ?? "identity",
    "x-goog-stored-content-length": String(object.bytes),
  };
}

/** One range, as RFC 9110 has it; another header is as none. Throws ApiError 416 for one that begins beyond the end. */
function parseRange(header: string | undefined, bytes: number): { start: number; end: number } | undefined {
  const [, first, last] = /^bytes=(\d*)-(\d*)$/.exec(header ?? "") ?? [];
  if (first === undefined || last === undefined || first + last === "") return undefined;
  const start = first === "" ? Math.max(0, bytes - Number(last)) : Number(first);
  const end = first === "" || last === "" ? bytes - 1 : Math.min(Number(last), bytes - 1);
  if (start > end) throw rangeNotSatisfiable(bytes);
  return { start, end };
}
