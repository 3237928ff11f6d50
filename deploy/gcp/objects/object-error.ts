// What Cloud Storage refuses, told as what to do about it.
import { FatalError, RetryAfter } from "../../../contracts/errors.ts";
import { apiFailure, BUSY_RETRY_MS, permissionIn, sharedError } from "../api-error.ts";

/** https://cloud.google.com/storage/docs/access-control/iam-roles */
const ROLE = "roles/storage.objectUser";

export interface Asked {
  readonly bucket: string;
  /** The object's whole name in the bucket; left out where the question is about the bucket. */
  readonly object?: string;
  /** Who asked, in the words of a message. */
  readonly caller: string;
}

/** True where the object, or the generation that was asked for, is not there. A bucket that is not there is an error. */
export function isNotFound(error: unknown): boolean {
  const failure = apiFailure(error);
  return failure?.status === 404 && !isBucketMissing(failure.text);
}

/**
 * A request's failure as an error that says what to do; any other error as it is.
 *
 * @returns RetryAfter GOOGLE_UNAVAILABLE, OBJECT_CHANGED; FatalError BUCKET_MISSING, BUCKET_DENIED, OBJECT_RETAINED,
 *   OBJECT_GONE, and those of `sharedError`
 */
export function objectError(error: unknown, { bucket, object, caller }: Asked): unknown {
  if (error instanceof FatalError || error instanceof RetryAfter) return error;
  const shared = sharedError(error, "Cloud Storage", "storage.googleapis.com");
  const failure = apiFailure(error);
  if (shared || !failure) return shared ?? error;
  const because = { cause: error };
  const place = object === undefined ? `gs://${bucket}` : `gs://${bucket}/${object}`;
  if (failure.status === 403) {
    if (isRetained(failure.reason)) return retained(place, bucket, because);
    const permission = permissionIn(failure, "storage") ?? "a permission on it";
    const message = `Cloud Storage refuses \`${place}\`: ${caller} lacks \`${permission}\`. Grant it \`${ROLE}\` on the bucket \`${bucket}\`, then replay the run.`;
    return new FatalError("BUCKET_DENIED", message, because);
  }
  if (failure.status === 404) {
    const bucketItself = isBucketMissing(failure.text) || object === undefined;
    return bucketItself ? bucketMissing(bucket, because) : objectGone(place, because);
  }
  if (failure.status === 412) {
    const message = `\`${place}\` was changed by another writer at the same moment. It is tried again.`;
    return new RetryAfter("OBJECT_CHANGED", BUSY_RETRY_MS, message, because);
  }
  return error instanceof Error ? error : new Error(failure.text, because);
}

export function objectGone(place: string, because: { readonly cause?: unknown } = {}): FatalError {
  const message = `The object \`${place}\` is not there: it was removed or replaced. Start a new run.`;
  return new FatalError("OBJECT_GONE", message, because);
}

function bucketMissing(bucket: string, because: { readonly cause: unknown }): FatalError {
  const message = `There is no bucket \`${bucket}\`. Make it, or correct \`dumps\` in sync.yaml, then replay the run.`;
  return new FatalError("BUCKET_MISSING", message, because);
}

function retained(place: string, bucket: string, because: { readonly cause: unknown }): FatalError {
  const message = `\`${place}\` may not be removed or replaced yet: the bucket \`${bucket}\` retains its objects, or holds this one. Dumps must not be kept: remove the retention policy and the hold, then replay the run.`;
  return new FatalError("OBJECT_RETAINED", message, because);
}

/** https://cloud.google.com/storage/docs/json_api/v1/status-codes#403-forbidden */
function isRetained(reason: string): boolean {
  return ["retentionPolicyNotMet", "objectUnderActiveHold", "objectUnderRetention"].includes(reason);
}

/** Cloud Storage tells a bucket from an object by its sentence alone. */
function isBucketMissing(text: string): boolean {
  return /\bbucket does not exist\b/i.test(text);
}
