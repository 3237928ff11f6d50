// What the pipeline's parts are called on Google Cloud. terraform/ makes them under the same names.
import type { CloudContract } from "../../contracts/sync-contract.ts";

type Named = Pick<CloudContract, "pipeline">;

/** The prefix of everything that belongs to a pipeline: two of them can share a project. */
export function prefixOf({ pipeline }: Named): string {
  return `understudy-${pipeline}`;
}

/** An event's topic: `understudy-shop-export-done`. */
export function topicName(contract: Named, event: string): string {
  return `${prefixOf(contract)}-${event}`;
}

/** A stage's subscription; the dead-letter handler finds the stage by the name's end. */
export function subscriptionName(contract: Named, stage: string): string {
  return `${prefixOf(contract)}-${stage}`;
}

/** A stage's service account. Google allows 30 characters: https://cloud.google.com/iam/docs/service-accounts-create */
export function serviceAccountEmail({ pipeline, project }: Pick<CloudContract, "pipeline" | "project">, stage: string) {
  return `${pipeline}-${stage}@${project}.iam.gserviceaccount.com`;
}

/** The Firestore database: one a pipeline, so that nothing of another's can be met in it. */
export function firestoreDatabase(contract: Named): string {
  return prefixOf(contract);
}

/** The bucket, and the prefix that the pipeline's objects have in it: empty, or with a slash at its end. */
export function bucketOf({ dumps }: Pick<CloudContract, "dumps">): {
  readonly bucket: string;
  readonly prefix: string;
} {
  const [, bucket = "", prefix = ""] = /^gs:\/\/([^/]+)\/?(.*?)\/?$/.exec(dumps) ?? [];
  return { bucket, prefix: prefix === "" ? "" : `${prefix}/` };
}

/** `project:region:name`: https://cloud.google.com/sql/docs/mysql/connect-overview */
export function connectionName(contract: CloudContract, role: "production" | "replica" | "staging"): string {
  const { project, region, name } = contract[role];
  return `${project}:${region}:${name}`;
}
