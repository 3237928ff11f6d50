// Whether the APIs that a run calls are enabled, in every project that the contract names.
import { z } from "zod";
import { type Check, failed, ok, type Verdict } from "../../../contracts/examination.ts";
import type { CloudContract } from "../../../contracts/sync-contract.ts";
import type { Endpoints } from "../endpoints.ts";
import type { Ask } from "./ask.ts";
import { secretsOf } from "./secrets.ts";

/** Of the pipeline's own project: its functions, and all that they call. */
const OF_PIPELINE = [
  "cloudfunctions.googleapis.com",
  "firestore.googleapis.com",
  "iam.googleapis.com",
  "pubsub.googleapis.com",
  "run.googleapis.com",
  "secretmanager.googleapis.com",
  "sqladmin.googleapis.com",
  "storage.googleapis.com",
];

/** https://cloud.google.com/service-usage/docs/reference/rest/v1/services/batchGet */
export const Services = z.object({
  services: z.array(z.object({ name: z.string(), state: z.string().optional() })).optional(),
});
export type Services = z.infer<typeof Services>;

export function apiChecks(
  contract: CloudContract,
  ask: Ask,
  { serviceUsage }: Pick<Endpoints, "serviceUsage">,
): Check[] {
  return [...wantedServices(contract)].map(([project, wanted]) => ({
    ...{ area: "APIs", check: project },
    async run() {
      const names = wanted.map((service) => `names=projects/${project}/services/${service}`).join("&");
      const answer = await ask({
        url: `${serviceUsage}/v1/projects/${project}/services:batchGet?${names}`,
        what: `the project \`${project}\``,
        service: "serviceusage.googleapis.com",
        project,
        permission: "serviceusage.services.get",
        role: "roles/serviceusage.serviceUsageViewer",
        missing: "Correct the project in sync.yaml.",
        schema: Services,
      });
      return judgeServices(project, wanted, answer);
    },
  }));
}

/** What must be enabled where. */
export function wantedServices(contract: CloudContract): Map<string, string[]> {
  const { project, production, replica, staging } = contract;
  const wanted = [
    ...OF_PIPELINE.map((service) => ({ project, service })),
    ...[production, replica, staging].map((instance) => ({ ...instance, service: "sqladmin.googleapis.com" })),
    ...secretsOf(contract).map((secret) => ({ ...secret, service: "secretmanager.googleapis.com" })),
  ];
  const byProject = Map.groupBy(wanted, (each) => each.project);
  return new Map([...byProject].map(([id, each]) => [id, [...new Set(each.map(({ service }) => service))]]));
}

export function judgeServices(project: string, wanted: readonly string[], { services = [] }: Services): Verdict {
  const enabled = new Set(
    services.filter(({ state }) => state === "ENABLED").map(({ name }) => name.split("/").at(-1)),
  );
  const lacking = wanted.filter((service) => !enabled.has(service));
  if (lacking.length === 0) return ok(`${wanted.length} enabled`);
  return failed(
    `not enabled: ${lacking.join(", ")}`,
    `gcloud services enable ${lacking.join(" ")} --project=${project}`,
  );
}
