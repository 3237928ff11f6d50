// Whether a bucket forgets what is deleted from it. One that does not would keep production's rows after every run.
import type { Bucket, BucketMetadata } from "@google-cloud/storage";

/**
 * What of a bucket's settings keeps deleted or replaced objects, one sentence each with its remedy; empty when it forgets.
 *
 * https://cloud.google.com/storage/docs/soft-delete (7 days unless told otherwise), /object-versioning, /bucket-lock
 */
export async function findRetention(bucket: Bucket): Promise<string[]> {
  const [settings] = await bucket.getMetadata();
  return retentionsIn(`gs://${bucket.name}`, settings);
}

/** The same of settings that somebody else has asked for. */
export function retentionsIn(name: string, settings: BucketMetadata): string[] {
  return [...keptDeleted(name, settings), ...keptUndeletable(name, settings)];
}

function* keptDeleted(name: string, { softDeletePolicy, versioning }: BucketMetadata): Generator<string> {
  const seconds = Number(softDeletePolicy?.retentionDurationSeconds ?? 0);
  if (seconds > 0) {
    yield `\`${name}\` keeps deleted objects for ${Math.ceil(seconds / 86_400)} days (soft delete). Run \`gcloud storage buckets update ${name} --clear-soft-delete\`.`;
  }
  if (versioning?.enabled) {
    yield `\`${name}\` keeps the older versions of objects. Run \`gcloud storage buckets update ${name} --no-versioning\`, and delete the versions that are there.`;
  }
}

function* keptUndeletable(name: string, settings: BucketMetadata): Generator<string> {
  const seconds = Number(settings.retentionPolicy?.retentionPeriod ?? 0);
  if (seconds > 0) {
    yield `\`${name}\` lets no object be deleted for ${seconds} s (retention policy). Run \`gcloud storage buckets update ${name} --clear-retention-period\`.`;
  }
  if (settings.defaultEventBasedHold) {
    yield `\`${name}\` puts a hold on every object. Run \`gcloud storage buckets update ${name} --no-default-event-based-hold\`.`;
  }
}
