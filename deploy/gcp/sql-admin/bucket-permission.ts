// The permission that everybody forgets: an instance reads and writes buckets as a service account of its own.
import type { Facts } from "./facts.ts";
import { describeInstance, type InstanceName } from "./operation.ts";

/** How Cloud SQL says it, in a refusal (403, and 412 since) or in an operation that failed. */
export const BUCKET_PERMISSION =
  /service account .*permission|access denied for service account|permissions? missing|\bstorage\.(?:objects|buckets)\./i;

/**
 * What to do about it, with the account, the bucket and the command that grants the role.
 *
 * https://cloud.google.com/sql/docs/mysql/import-export/import-export-sql: an export needs `storage.objects.create`, and
 * since 2024 some need `storage.objects.delete` too; an import `storage.objects.get`. The role has them all.
 *
 * @param said Cloud SQL's text, for the permissions that it names
 */
export async function bucketPermissionAdvice(
  facts: Facts,
  instance: InstanceName,
  uri: string | undefined,
  said: string,
): Promise<string> {
  const { serviceAccount } = await facts.instance(instance);
  const [bucket = "gs://BUCKET"] = /^gs:\/\/[^/]+/.exec(uri ?? "") ?? [];
  const permissions = [...new Set(said.match(/\bstorage\.[a-z]+\.[A-Za-z]+/g))].map((name) => `\`${name}\``);
  const lacked = permissions.length > 0 ? `${permissions.join(" and ")} on` : "a permission on";
  const who = serviceAccount
    ? `\`${serviceAccount}\`, the service account of ${describeInstance(instance)},`
    : `The service account of ${describeInstance(instance)} (\`gcloud sql instances describe ${instance.name} --project=${instance.project} --format='value(serviceAccountEmailAddress)'\` names it)`;
  const member = serviceAccount ?? "ACCOUNT";
  return (
    `${who} lacks ${lacked} the bucket \`${bucket}\`. Run \`gcloud storage buckets add-iam-policy-binding ${bucket} ` +
    `--member=serviceAccount:${member} --role=roles/storage.objectAdmin\`, wait a few minutes, then replay the run.`
  );
}
