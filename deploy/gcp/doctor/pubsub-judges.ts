// What a topic's and a subscription's settings mean for delivery. Pure.
import { z } from "zod";
import { failed, ok, type Verdict, warning } from "../../../contracts/examination.ts";
import type { CloudContract } from "../../../contracts/sync-contract.ts";
import { type Consumer, DEAD_LETTER } from "../../../handlers/consumers.ts";
import { subscriptionName, topicName } from "../names.ts";

/** https://cloud.google.com/pubsub/docs/reference/rest/v1/projects.topics#Topic */
export const Topic = z.object({
  name: z.string().optional(),
  schemaSettings: z.object({ schema: z.string().optional(), encoding: z.string().optional() }).optional(),
});
export type Topic = z.infer<typeof Topic>;

/** https://cloud.google.com/pubsub/docs/reference/rest/v1/projects.subscriptions#Subscription */
export const Subscription = z.object({
  topic: z.string().optional(),
  state: z.string().optional(),
  detached: z.boolean().optional(),
  ackDeadlineSeconds: z.number().optional(),
  pushConfig: z
    .object({
      pushEndpoint: z.string().optional(),
      oidcToken: z.object({ serviceAccountEmail: z.string().optional() }).optional(),
    })
    .optional(),
  expirationPolicy: z.object({ ttl: z.string().optional() }).optional(),
  retryPolicy: z.object({ minimumBackoff: z.string().optional() }).optional(),
  deadLetterPolicy: z
    .object({ deadLetterTopic: z.string().optional(), maxDeliveryAttempts: z.number().optional() })
    .optional(),
});
export type Subscription = z.infer<typeof Subscription>;

/** The longest that Pub/Sub allows; a push request ends with it. */
const ACK_DEADLINE_SECONDS = 600;

/** What Pub/Sub puts in a subscription's place of the topic that it had. */
const DELETED = "_deleted-topic_";

/** A schema's name is shown even after it was deleted, and publishing fails then: https://cloud.google.com/pubsub/docs/schemas */
const DELETED_SCHEMA = "_deleted-schema_";

export function judgeTopic({ name = "", schemaSettings }: Topic, wantsSchema: boolean): Verdict {
  const schema = schemaSettings?.schema;
  const remedy = "terraform -chdir=deploy/gcp/terraform apply";
  if (schema === DELETED_SCHEMA) return failed("its schema was deleted: nothing can be published", remedy);
  if (!wantsSchema) {
    return schema === undefined ? ok("exists") : failed("it has a schema, and others publish there", remedy);
  }
  if (schema === undefined)
    return warning("it has no schema: a malformed event is found out by its consumer alone", remedy);
  if (schemaSettings?.encoding === "JSON") return ok("exists, with its schema");
  return failed("its schema is not of encoding JSON, which events have", remedy.replace("apply", `apply # ${name}`));
}

/** All that is wrong with it in one line, and one command that mends it. */
export function judgeSubscription(contract: CloudContract, { name, on }: Consumer, found: Subscription): Verdict {
  const { project } = contract;
  const path = (topic: string) => `projects/${project}/topics/${topicName(contract, topic)}`;
  const own = subscriptionName(contract, name);
  if (found.topic === DELETED || found.detached || found.topic !== path(on.name)) {
    const what = found.topic === DELETED || found.detached ? "its topic is gone" : "it is another topic's";
    const recreate = `gcloud pubsub subscriptions delete ${own} --project=${project} && terraform -chdir=deploy/gcp/terraform apply`;
    return failed(what, recreate);
  }
  const { wrong, flags, isGrave } = faultsOf(found, name === DEAD_LETTER ? undefined : path(DEAD_LETTER));
  if (wrong.length === 0) return ok(`pushes to ${found.pushConfig?.pushEndpoint ?? ""}`);
  const remedy = `gcloud pubsub subscriptions update ${own} --project=${project} ${flags.join(" ")}`;
  return { status: isGrave ? "failed" : "warning", detail: wrong.join("; "), remedy };
}

function faultsOf(found: Subscription, deadLetterTopic: string | undefined) {
  const { pushConfig, ackDeadlineSeconds, deadLetterPolicy, expirationPolicy, retryPolicy } = found;
  const faults = [
    !pushConfig?.pushEndpoint && { wrong: "it pushes to nobody", flag: "--push-endpoint=FUNCTION_URL" },
    pushConfig?.pushEndpoint &&
      !pushConfig.oidcToken?.serviceAccountEmail && {
        wrong: "it pushes as nobody: a function that is not open to everybody refuses",
        flag: `--push-endpoint=${pushConfig.pushEndpoint} --push-auth-service-account=ACCOUNT`,
      },
    ackDeadlineSeconds !== ACK_DEADLINE_SECONDS && {
      wrong: `its ack deadline is ${ackDeadlineSeconds ?? 10} s and not ${ACK_DEADLINE_SECONDS} s: a stage at work is delivered again`,
      flag: `--ack-deadline=${ACK_DEADLINE_SECONDS}`,
    },
    deadLetterTopic !== undefined &&
      deadLetterPolicy?.deadLetterTopic !== deadLetterTopic && {
        wrong: "what fails for good becomes no dead letter",
        flag: `--dead-letter-topic=${deadLetterTopic} --max-delivery-attempts=10`,
      },
    found.state === "RESOURCE_ERROR" && { wrong: "it cannot push (RESOURCE_ERROR)", flag: "" },
  ].filter((fault) => typeof fault === "object");
  const lesser = [
    expirationPolicy?.ttl !== undefined && {
      wrong: `it is deleted when it was idle for ${Math.round(Number.parseFloat(expirationPolicy.ttl) / 86_400)} days`,
      flag: "--expiration-period=never",
    },
    retryPolicy?.minimumBackoff === undefined && {
      wrong: "it delivers again at once, without backoff",
      flag: "--min-retry-delay=10s --max-retry-delay=600s",
    },
  ].filter((fault) => typeof fault === "object");
  const all = [...faults, ...lesser];
  return { wrong: all.map(({ wrong }) => wrong), flags: all.map(({ flag }) => flag), isGrave: faults.length > 0 };
}
