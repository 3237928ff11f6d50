// `understudy doctor` on Google Cloud, from the operator's own machine: nothing private is reached from there, so all of
// it comes from APIs, which are asked as whoever runs this.
import { examine, type Finding } from "../../../contracts/examination.ts";
import type { CloudContract } from "../../../contracts/sync-contract.ts";
import { openCloudAuth } from "../auth.ts";
import { endpointsOf } from "../endpoints.ts";
import { accountChecks } from "./accounts.ts";
import { apiChecks } from "./apis.ts";
import { explain, openAsk } from "./ask.ts";
import { bucketChecks, openBucket } from "./bucket.ts";
import { firestoreChecks } from "./firestore.ts";
import { functionChecks } from "./functions.ts";
import { instanceChecks, openInstances } from "./instances.ts";
import { openPolicies } from "./policies.ts";
import { describeProject } from "./project.ts";
import { openPubSub, pubsubChecks } from "./pubsub.ts";
import { secretChecks } from "./secrets.ts";

/** Examines a deployment. Reads settings and policies; no row, no object and no secret's value. */
export function examineCloud(
  contract: CloudContract,
  { environment }: { readonly environment: Readonly<Record<string, string | undefined>> },
): AsyncIterable<Finding> {
  const endpoints = endpointsOf(environment);
  const ask = openAsk(openCloudAuth(contract));
  const instances = openInstances(contract, ask, endpoints);
  const bucket = openBucket(contract, ask, endpoints);
  const pubsub = openPubSub(contract, ask, endpoints);
  const policies = openPolicies(ask, endpoints);
  return examine(
    [
      ...apiChecks(contract, ask, endpoints),
      ...instanceChecks(contract, instances),
      ...bucketChecks(contract, { bucket, instances, policies, topicPolicy: pubsub.topicPolicy }),
      ...pubsubChecks(contract, {
        ...{ pubsub, policies },
        describeProject: () => describeProject(contract.project, ask, endpoints),
      }),
      ...functionChecks(contract, { ask, endpoints, policies, pubsub }),
      ...firestoreChecks(contract, ask, endpoints),
      ...secretChecks(contract, ask, endpoints),
      ...accountChecks(contract, { ask, endpoints, policies, bucket, pubsub }),
    ],
    explain,
  );
}
