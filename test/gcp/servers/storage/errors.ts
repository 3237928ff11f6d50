// The errors that Cloud Storage documents: https://cloud.google.com/storage/docs/json_api/v1/status-codes
import { ApiError } from "../http.ts";

export function noSuchBucket(): ApiError {
  return new ApiError(404, "The specified bucket does not exist.", { reason: "notFound" });
}

export function noSuchObject(bucket: string, name: string): ApiError {
  return new ApiError(404, `No such object: ${bucket}/${name}`, { reason: "notFound" });
}

/** @param permission for example `storage.objects.get`; its second part says what it is denied on. */
export function forbidden(email: string, permission: string): ApiError {
  const what = permission.startsWith("storage.buckets.") || permission === "storage.objects.list" ? "bucket" : "object";
  const message =
    `${email} does not have ${permission} access to the Google Cloud Storage ${what}. ` +
    `Permission '${permission}' denied on resource (or it may not exist).`;
  return new ApiError(403, message, { reason: "forbidden" });
}

export function conditionNotMet(): ApiError {
  const message = "At least one of the pre-conditions you specified did not hold.";
  return new ApiError(412, message, { reason: "conditionNotMet" });
}

export function notModified(): ApiError {
  return new ApiError(304, "Not Modified");
}

export function rangeNotSatisfiable(bytes: number): ApiError {
  return new ApiError(416, "The requested range cannot be satisfied.", {
    reason: "requestedRangeNotSatisfiable",
    headers: { "content-range": `bytes */${bytes}` },
  });
}

export function invalid(message: string): ApiError {
  return new ApiError(400, message, { reason: "invalid" });
}
