// Topics and subscriptions: each event has its topic, each consumer is pushed to, and what fails becomes a dead letter.
import type { Check } from "../../../contracts/examination.ts";
import type { CloudContract } from "../../../contracts/sync-contract.ts";
import { eventsByName } from "../../../events/index.ts";
import { consumers, DEAD_LETTER } from "../../../handlers/consumers.ts";
import { eventsWithSchema } from "../avro.ts";
import type { Endpoints } from "../endpoints.ts";
import { subscriptionName, topicName } from "../names.ts";
import { type Ask, memberOf, type Question } from "./ask.ts";
import { judgeHolding, Policy } from "./grants.ts";
import type { Policies } from "./policies.ts";
import type { Project } from "./project.ts";
import { judgeSubscription, judgeTopic, Subscription, Topic } from "./pubsub-judges.ts";

const AREA = "Pub/Sub";
const APPLY = "terraform -chdir=deploy/gcp/terraform apply";

export function openPubSub({ project }: CloudContract, ask: Ask, { pubsub }: Pick<Endpoints, "pubsub">) {
  const question = (kind: "topics" | "subscriptions", name: string) => ({
    url: `${pubsub}/v1/projects/${project}/${kind}/${name}`,
    ...{ what: `the ${kind === "topics" ? "topic" : "subscription"} \`${name}\` in project \`${project}\``, project },
    ...{ service: "pubsub.googleapis.com", role: "roles/pubsub.viewer", missing: APPLY },
  });
  const policy = (kind: "topics" | "subscriptions", name: string): Question<Policy> => {
    const asked = question(kind, name);
    return {
      ...asked,
      url: `${asked.url}:getIamPolicy?options.requestedPolicyVersion=3`,
      ...{ permission: `pubsub.${kind}.getIamPolicy`, role: "roles/iam.securityReviewer", schema: Policy },
    };
  };
  return {
    topic: (name: string) => ask({ ...question("topics", name), permission: "pubsub.topics.get", schema: Topic }),
    subscription: (name: string) =>
      ask({ ...question("subscriptions", name), permission: "pubsub.subscriptions.get", schema: Subscription }),
    topicPolicy: (name: string) => policy("topics", name),
    subscriptionPolicy: (name: string) => policy("subscriptions", name),
  };
}

export interface PubSubNeeds {
  readonly pubsub: ReturnType<typeof openPubSub>;
  readonly policies: Policies;
  describeProject(): Promise<Project>;
}

export function pubsubChecks(contract: CloudContract, { pubsub, policies, describeProject }: PubSubNeeds): Check[] {
  const { project } = contract;
  const deadLetters = topicName(contract, DEAD_LETTER);
  const withSchema = new Set(eventsWithSchema.map(({ name }) => name));
  const failing = consumers.filter(({ name }) => name !== DEAD_LETTER);

  /** Whether Pub/Sub itself may do that: https://cloud.google.com/pubsub/docs/handling-failures#grant_forwarding_permissions */
  async function judgeAgent(kind: "topics" | "subscriptions", name: string) {
    const { projectNumber } = await describeProject();
    const member = memberOf(`service-${projectNumber}@gcp-sa-pubsub.iam.gserviceaccount.com`);
    const [own, permission, role] =
      kind === "topics"
        ? [pubsub.topicPolicy(name), "pubsub.topics.publish", "roles/pubsub.publisher"]
        : [pubsub.subscriptionPolicy(name), "pubsub.subscriptions.consume", "roles/pubsub.subscriber"];
    const holding = await policies.holding(member, [permission], [own, policies.ofProject(project)]);
    const remedy = `gcloud pubsub ${kind} add-iam-policy-binding ${name} --project=${project} --member=${member} --role=${role}`;
    return judgeHolding(holding, member, `on \`${name}\``, remedy);
  }

  return [
    ...[...eventsByName.keys()].map((event) => ({
      ...{ area: AREA, check: `topic ${event}` },
      run: async () => judgeTopic(await pubsub.topic(topicName(contract, event)), withSchema.has(event)),
    })),
    ...consumers.map((consumer) => ({
      ...{ area: AREA, check: `subscription ${consumer.name}` },
      run: async () =>
        judgeSubscription(contract, consumer, await pubsub.subscription(subscriptionName(contract, consumer.name))),
    })),
    { area: AREA, check: "dead letters' topic", run: () => judgeAgent("topics", deadLetters) },
    ...failing.map(({ name }) => ({
      ...{ area: AREA, check: `dead letters of ${name}` },
      run: () => judgeAgent("subscriptions", subscriptionName(contract, name)),
    })),
  ];
}
