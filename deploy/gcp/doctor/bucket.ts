// The bucket: closed, forgetful, near the instances, telling the pipeline of new dumps, and open to each instance.
import { type Check, ok } from "../../../contracts/examination.ts";
import type { Role } from "../../../contracts/platform.ts";
import type { CloudContract } from "../../../contracts/sync-contract.ts";
import type { Endpoints } from "../endpoints.ts";
import { bucketOf, topicName } from "../names.ts";
import { type Ask, memberOf, type Question } from "./ask.ts";
import { Bucket, Notifications } from "./bucket-documents.ts";
import {
  judgeForgetting,
  judgeLifecycle,
  judgeLocation,
  judgeNotification,
  judgePublicAccess,
  judgeUniformAccess,
} from "./bucket-judges.ts";
import { judgeHolding, Policy } from "./grants.ts";
import type { openInstances } from "./instances.ts";
import type { Policies } from "./policies.ts";

const AREA = "bucket";

/**
 * Production's account does not read dumps, staging's does not write any. Deleting is a part of an export since 2024:
 * https://github.com/terraform-google-modules/terraform-google-sql-db/issues/599
 */
const EXPORT = ["storage.objects.create", "storage.objects.delete"];
const IMPORT = ["storage.objects.get"];
const NEEDS: Readonly<Record<Role, { readonly permissions: readonly string[]; readonly role: string }>> = {
  production: { permissions: EXPORT, role: "roles/storage.objectAdmin" },
  replica: { permissions: [...EXPORT, ...IMPORT], role: "roles/storage.objectAdmin" },
  staging: { permissions: IMPORT, role: "roles/storage.objectViewer" },
};

/** Questions about the contract's bucket. */
export function openBucket(contract: CloudContract, ask: Ask, { storage }: Pick<Endpoints, "storage">) {
  const { bucket } = bucketOf(contract);
  const question = {
    ...{ what: `the bucket \`gs://${bucket}\``, service: "storage.googleapis.com", project: contract.project },
    missing: "terraform -chdir=deploy/gcp/terraform apply",
  };
  const url = `${storage}/storage/v1/b/${encodeURIComponent(bucket)}`;
  const reads = { permission: "storage.buckets.get", role: "roles/storage.bucketViewer" };
  const policy: Question<Policy> = {
    ...question,
    url: `${url}/iam?optionsRequestedPolicyVersion=3`,
    ...{ permission: "storage.buckets.getIamPolicy", role: "roles/iam.securityReviewer", schema: Policy },
  };
  return {
    describe: () => ask({ ...question, ...reads, url, schema: Bucket }),
    notifications: () => ask({ ...question, ...reads, url: `${url}/notificationConfigs`, schema: Notifications }),
    policy,
  };
}

export interface BucketNeeds {
  readonly bucket: ReturnType<typeof openBucket>;
  readonly instances: ReturnType<typeof openInstances>;
  readonly policies: Policies;
  /** A topic's policy. */
  topicPolicy(topic: string): Question<Policy>;
}

export function bucketChecks(
  contract: CloudContract,
  { bucket, instances, policies, topicPolicy }: BucketNeeds,
): Check[] {
  const { bucket: name } = bucketOf(contract);
  const topic = topicName(contract, "dump-finalized");
  const check = (what: string, run: Check["run"]): Check => ({ area: AREA, check: what, run });
  return [
    check("uniform access", async () => judgeUniformAccess(name, await bucket.describe())),
    check("public access", async () => judgePublicAccess(name, await bucket.describe())),
    check("deleted dumps", async () => judgeForgetting(name, await bucket.describe())),
    check("lifecycle", async () => judgeLifecycle(contract, await bucket.describe())),
    check("location", async () => judgeLocation(contract, await bucket.describe())),
    check("notification", async () => judgeNotification(contract, await bucket.notifications())),
    check("notification's grant", async () => {
      const { projectNumber } = await bucket.describe();
      // https://cloud.google.com/storage/docs/projects#service-agents
      const member = memberOf(`service-${projectNumber ?? "NUMBER"}@gs-project-accounts.iam.gserviceaccount.com`);
      const questions = [topicPolicy(topic), policies.ofProject(contract.project)];
      const holding = await policies.holding(member, ["pubsub.topics.publish"], questions);
      const remedy = `gcloud pubsub topics add-iam-policy-binding ${topic} --project=${contract.project} --member=${member} --role=roles/pubsub.publisher`;
      return judgeHolding(holding, member, `on the topic \`${topic}\``, remedy);
    }),
    ...(["production", "replica", "staging"] as const).map((role) =>
      check(`${role}'s account`, async () => {
        const { serviceAccountEmailAddress: email } = await instances.instance(role);
        const { permissions, role: remedyRole } = NEEDS[role];
        if (email === undefined) return ok("the instance has no account of its own");
        const member = memberOf(email);
        const holding = await policies.holding(member, permissions, [
          bucket.policy,
          policies.ofProject(contract.project),
        ]);
        const remedy = `gcloud storage buckets add-iam-policy-binding gs://${name} --member=${member} --role=${remedyRole}`;
        return judgeHolding(holding, member, `on \`gs://${name}\``, remedy);
      }),
    ),
  ];
}
