// The functions' service accounts: each is there and may do what its stage does, and none may write on production.
import { z } from "zod";
import { type Check, failed, ok, type Verdict } from "../../../contracts/examination.ts";
import type { CloudContract } from "../../../contracts/sync-contract.ts";
import { consumers } from "../../../handlers/consumers.ts";
import type { Endpoints } from "../endpoints.ts";
import { bucketOf, serviceAccountEmail, topicName } from "../names.ts";
import { type Ask, memberOf, type Question } from "./ask.ts";
import type { openBucket } from "./bucket.ts";
import { Policy, tellConditions } from "./grants.ts";
import { LOGIN, permissionsOf } from "./permission-table.ts";
import type { Policies } from "./policies.ts";
import type { openPubSub } from "./pubsub.ts";
import { secretsOf } from "./secrets.ts";

const AREA = "service accounts";
const APPLY = "terraform -chdir=deploy/gcp/terraform apply";

/** Every stage keeps its state in Firestore, whose permissions only a project can give. */
const RUN_STORE = ["datastore.entities.get", "datastore.entities.create", "datastore.entities.update"];

/** https://cloud.google.com/iam/docs/reference/rest/v1/projects.serviceAccounts#ServiceAccount */
const ServiceAccount = z.object({ email: z.string().optional(), disabled: z.boolean().optional() });

export interface AccountNeeds {
  readonly ask: Ask;
  readonly endpoints: Pick<Endpoints, "iam" | "secretManager">;
  readonly policies: Policies;
  readonly bucket: ReturnType<typeof openBucket>;
  readonly pubsub: ReturnType<typeof openPubSub>;
}

/** Some permissions, and the policies that may give them. */
interface Need {
  readonly wanted: readonly string[];
  /** `on the bucket`. */
  readonly where: string;
  readonly policies: readonly Question<Policy>[];
}

export function accountChecks(contract: CloudContract, needs: AccountNeeds): Check[] {
  return [
    ...consumers.map(({ name }) => ({ area: AREA, check: name, run: () => checkAccount(contract, name, needs) })),
    { area: AREA, check: "production is read only", run: () => checkProduction(contract, needs) },
  ];
}

async function checkAccount(contract: CloudContract, stage: string, needs: AccountNeeds): Promise<Verdict> {
  const { ask, endpoints, policies } = needs;
  const { project } = contract;
  const email = serviceAccountEmail(contract, stage);
  const { disabled } = await ask({
    url: `${endpoints.iam}/v1/projects/${project}/serviceAccounts/${email}`,
    ...{ what: `the service account \`${email}\``, service: "iam.googleapis.com", project },
    ...{ permission: "iam.serviceAccounts.get", role: "roles/iam.serviceAccountViewer", missing: APPLY },
    schema: ServiceAccount,
  });
  if (disabled) return failed("it is disabled", `gcloud iam service-accounts enable ${email} --project=${project}`);
  const held = await Promise.all(
    needsOf(contract, stage, needs).map(async ({ wanted, where, policies: questions }) => ({
      ...(await policies.holding(memberOf(email), wanted, questions)),
      ...{ wanted, where },
    })),
  );
  const lacking = held.filter(({ missing }) => missing.length > 0);
  if (lacking.length === 0) {
    const count = held.reduce((sum, { wanted }) => sum + wanted.length, 0);
    const conditions = tellConditions(held.flatMap((each) => each.conditions));
    return ok(`has the ${count} permissions that it needs${conditions}`);
  }
  const detail = lacking.map(({ missing, where }) => `${missing.join(", ")} ${where}`).join("; ");
  const unseen = lacking.flatMap((each) => each.unseen);
  if (unseen.length === 0) return failed(`it lacks ${detail}`, APPLY);
  return {
    status: "unknown",
    detail: `it may have ${detail} by ${unseen.join(", ")}, which cannot be seen`,
    remedy: APPLY,
  };
}

/** What a stage does, by Terraform's table, as far as the contract wants it done. */
function needsOf(
  contract: CloudContract,
  stage: string,
  { endpoints, policies, bucket, pubsub }: AccountNeeds,
): Need[] {
  const row = permissionsOf(stage);
  const own = policies.ofProject(contract.project);
  const { bucket: bucketName } = bucketOf(contract);
  const topics = row.publishes.map((event) => topicName(contract, event));
  const secrets = secretsOf(contract).filter(({ path }) => row.secrets.includes(path));
  return [
    { wanted: RUN_STORE, where: "for the run store", policies: [own] },
    ...topics.map((topic) => ({
      ...{ wanted: ["pubsub.topics.publish"], where: `on the topic \`${topic}\`` },
      policies: [pubsub.topicPolicy(topic), own],
    })),
    ...(["production", "replica", "staging"] as const).map((role) => ({
      wanted: row[role].filter((permission) => permission !== LOGIN || isByIam(contract, role)),
      where: `on ${role} (project \`${contract[role].project}\`)`,
      policies: [policies.ofProject(contract[role].project)],
    })),
    {
      wanted: [...new Set([...row.bucket, ...Object.values(row.objects).flat()])],
      where: `on \`gs://${bucketName}\``,
      policies: [bucket.policy, own],
    },
    ...secrets.map(({ project, name }) => ({
      ...{ wanted: ["secretmanager.versions.access"], where: `on the secret \`${name}\`` },
      policies: [secretPolicy(endpoints, project, name), policies.ofProject(project)],
    })),
  ].filter(({ wanted }) => wanted.length > 0);
}

function isByIam(contract: CloudContract, role: "production" | "replica" | "staging"): boolean {
  return contract[role].login === undefined;
}

function secretPolicy(
  { secretManager }: Pick<Endpoints, "secretManager">,
  project: string,
  name: string,
): Question<Policy> {
  return {
    url: `${secretManager}/v1/projects/${project}/secrets/${name}:getIamPolicy?options.requestedPolicyVersion=3`,
    ...{ what: `the secret \`${name}\` in project \`${project}\``, service: "secretmanager.googleapis.com", project },
    ...{ permission: "secretmanager.secrets.getIamPolicy", role: "roles/iam.securityReviewer", missing: APPLY },
    schema: Policy,
  };
}

/**
 * Cloud SQL's permissions are a project's: where production shares one, a condition keeps the others off it. It is not
 * evaluated; one that names production's instance counts as none.
 */
async function checkProduction(contract: CloudContract, { policies }: AccountNeeds): Promise<Verdict> {
  const { project, name } = contract.production;
  const writing = ["cloudsql.instances.import", "cloudsql.instances.restoreBackup", "cloudsql.databases.delete"];
  const schema = Policy.transform(({ bindings = [] }): Policy => ({
    bindings: bindings.filter(({ condition }) => condition?.expression?.includes(`/instances/${name}"`) ?? true),
  }));
  const found: string[] = [];
  for (const { name: stage } of consumers) {
    const member = memberOf(serviceAccountEmail(contract, stage));
    const { missing } = await policies.holding(member, writing, [{ ...policies.ofProject(project), schema }]);
    const held = writing.filter((permission) => !missing.includes(permission));
    if (held.length > 0) found.push(`\`${stage}\` has ${held.join(", ")}`);
  }
  if (found.length === 0) return ok("no function may write on its instance");
  return failed(`${found.join("; ")} in its project, and no condition leaves \`${name}\` out`, APPLY);
}
