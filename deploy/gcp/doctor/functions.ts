// The functions: each is up, runs as its own account, is what its subscription pushes to, and lets that push in.
import { z } from "zod";
import { type Check, failed, ok, type Verdict } from "../../../contracts/examination.ts";
import type { CloudContract } from "../../../contracts/sync-contract.ts";
import { consumers } from "../../../handlers/consumers.ts";
import type { Endpoints } from "../endpoints.ts";
import { serviceAccountEmail, subscriptionName } from "../names.ts";
import { type Ask, memberOf, type Question } from "./ask.ts";
import { judgeHolding, Policy } from "./grants.ts";
import type { Policies } from "./policies.ts";
import type { openPubSub } from "./pubsub.ts";
import type { Subscription } from "./pubsub-judges.ts";

const APPLY = "terraform -chdir=deploy/gcp/terraform apply";
const INVOKE = "run.routes.invoke";

/** https://cloud.google.com/functions/docs/reference/rest/v2/projects.locations.functions#Function */
export const CloudFunction = z.object({
  state: z.string().optional(),
  serviceConfig: z.object({ uri: z.string().optional(), serviceAccountEmail: z.string().optional() }).optional(),
});
export type CloudFunction = z.infer<typeof CloudFunction>;

export interface FunctionNeeds {
  readonly ask: Ask;
  readonly endpoints: Pick<Endpoints, "functions" | "run">;
  readonly policies: Policies;
  readonly pubsub: ReturnType<typeof openPubSub>;
}

export function functionChecks(contract: CloudContract, needs: FunctionNeeds): Check[] {
  const { ask, policies, pubsub } = needs;
  return consumers.map(({ name }) => ({
    ...{ area: "functions", check: name },
    async run() {
      const { describe, policy, service } = questionsOf(contract, name, needs);
      const found = await ask(describe);
      const subscription = await pubsub.subscription(subscriptionName(contract, name));
      const verdict = judgeFunction(contract, name, found, subscription);
      const pusher = subscription.pushConfig?.oidcToken?.serviceAccountEmail;
      if (verdict.status !== "ok" || pusher === undefined) return verdict;
      const member = memberOf(pusher);
      const holding = await policies.holding(member, [INVOKE], [policy, policies.ofProject(contract.project)]);
      const remedy = `gcloud run services add-iam-policy-binding ${service} --project=${contract.project} --region=${contract.replica.region} --member=${member} --role=roles/run.invoker`;
      const mayPush = judgeHolding(holding, member, `on the service \`${service}\``, remedy);
      return mayPush.status === "ok" ? verdict : mayPush;
    },
  }));
}

/** Terraform gives a function, and so its Cloud Run service, the name of its subscription, in the replica's region. */
function questionsOf(contract: CloudContract, stage: string, { endpoints }: FunctionNeeds) {
  const { project, replica } = contract;
  const service = subscriptionName(contract, stage);
  const place = `v2/projects/${project}/locations/${replica.region}`;
  const describe: Question<CloudFunction> = {
    url: `${endpoints.functions}/${place}/functions/${service}`,
    ...{
      what: `the function \`${service}\` in project \`${project}\``,
      service: "cloudfunctions.googleapis.com",
      project,
    },
    ...{ permission: "cloudfunctions.functions.get", role: "roles/cloudfunctions.viewer", missing: APPLY },
    schema: CloudFunction,
  };
  const policy: Question<Policy> = {
    url: `${endpoints.run}/${place}/services/${service}:getIamPolicy?options.requestedPolicyVersion=3`,
    ...{ what: `the service \`${service}\` in project \`${project}\``, service: "run.googleapis.com", project },
    ...{ permission: "run.services.getIamPolicy", role: "roles/run.viewer", missing: APPLY },
    schema: Policy,
  };
  return { describe, policy, service };
}

export function judgeFunction(
  contract: CloudContract,
  stage: string,
  { state, serviceConfig = {} }: CloudFunction,
  { pushConfig }: Subscription,
): Verdict {
  const { uri, serviceAccountEmail: runsAs } = serviceConfig;
  const account = serviceAccountEmail(contract, stage);
  if (state !== "ACTIVE") return failed(`it is ${state ?? "in no state"}: it was not deployed to the end`, APPLY);
  if (runsAs !== account) return failed(`it runs as \`${runsAs ?? "nobody"}\` and not as \`${account}\``, APPLY);
  if (uri === undefined || pushConfig?.pushEndpoint === undefined || isBelow(pushConfig.pushEndpoint, uri)) {
    return ok(`runs as \`${account}\``); // a subscription that pushes to nobody is told as that
  }
  return failed(`its subscription pushes to \`${pushConfig.pushEndpoint}\` and not to \`${uri}\``, APPLY);
}

function isBelow(endpoint: string, uri: string): boolean {
  return `${endpoint}/`.startsWith(`${uri.replace(/\/$/, "")}/`);
}
