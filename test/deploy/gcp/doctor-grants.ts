// Who may do what in a deployment as Terraform leaves it: policies of the project, the bucket, topics and the rest.
import type { CloudContract } from "../../../contracts/sync-contract.ts";
import { wantedServices } from "../../../deploy/gcp/doctor/apis.ts";
import { bucketOf, serviceAccountEmail, subscriptionName, topicName } from "../../../deploy/gcp/names.ts";
import permissions from "../../../deploy/gcp/terraform/permissions.json" with { type: "json" };
import { eventsByName } from "../../../events/index.ts";
import { consumers, DEAD_LETTER } from "../../../handlers/consumers.ts";
import { type InstanceDefinition, serviceAccountOf } from "../../gcp/servers/cloud-sql/instance.ts";
import { type Binding, PREDEFINED, type ProjectDefinition } from "../../gcp/servers/service-usage.ts";
import type { Grant as ObjectGrant, Permission } from "../../gcp/servers/storage/grants.ts";

export const ROLES = ["production", "replica", "staging"] as const;
export type Role = (typeof ROLES)[number];

const OPERATOR_MAY = [
  "serviceusage.services.get",
  "resourcemanager.projects.get",
  "resourcemanager.projects.getIamPolicy",
  "iam.serviceAccounts.get",
  "iam.roles.get",
];

interface Row {
  readonly publishes?: readonly string[];
  readonly production?: readonly string[];
  readonly replica?: readonly string[];
  readonly staging?: readonly string[];
  readonly bucket?: readonly string[];
  readonly objects?: Readonly<Record<string, readonly string[] | undefined>>;
  readonly secrets?: readonly string[];
}
const TABLE: Readonly<Record<string, Row | undefined>> = permissions;

export function objectGrants(
  contract: CloudContract,
  instances: Readonly<Record<Role, InstanceDefinition>>,
  operator: string,
) {
  const { bucket, prefix } = bucketOf(contract);
  const [exporting, importing] = [["create", "delete", "list"] as const, ["get", "list"] as const];
  const needs = { production: [exporting], replica: [exporting, importing], staging: [importing] };
  const ofStages = consumers.flatMap(({ name }): ObjectGrant[] => {
    const { bucket: onBucket = [], objects = {} } = TABLE[name] ?? {};
    const member = serviceAccountEmail(contract, name);
    const below = Object.entries(objects).map(([folder, held = []]) => ({
      ...{ bucket, member, permissions: held as Permission[], objectNamePrefix: `${prefix}${folder}` },
    }));
    return onBucket.length === 0 ? below : [{ bucket, member, permissions: onBucket as Permission[] }, ...below];
  });
  const grants: ObjectGrant[] = [
    ...ofStages,
    ...ROLES.flatMap((role) =>
      needs[role].map((verbs) => ({
        ...{ bucket, member: serviceAccountOf(instances[role]) },
        permissions: verbs.map((verb) => `storage.objects.${verb}` as const),
      })),
    ),
    { bucket, member: operator, permissions: ["storage.buckets.get", "storage.buckets.getIamPolicy"] },
  ];
  return grants;
}

/** As servers/storage/grants.ts calls the custom role of some permissions. */
function customRole(held: readonly string[]): string {
  return `projects/understudy/roles/${held.join("_").replaceAll("storage.", "").replaceAll(".", "_")}`;
}

export function projectOf(
  contract: CloudContract,
  objects: readonly ObjectGrant[],
  operator: string,
): ProjectDefinition {
  const { project } = contract;
  const accounts = consumers.map(({ name }) => serviceAccountEmail(contract, name));
  const roles: Record<string, readonly string[]> = { ...PREDEFINED };
  for (const { permissions: held } of objects) roles[customRole(held)] = held;
  const bindings: Binding[] = [
    { role: "roles/datastore.user", members: accounts.map((email) => `serviceAccount:${email}`) },
  ];
  for (const { name } of consumers) {
    for (const role of ROLES) {
      const held = TABLE[name]?.[role];
      if (!held) continue;
      const own = `projects/${project}/roles/understudy_${name.replaceAll("-", "_")}_${role}`;
      roles[own] = held;
      // All three are in one project: a condition keeps the roles apart.
      const expression = `resource.name == "projects/${project}/instances/${contract[role].name}"`;
      const members = [`serviceAccount:${serviceAccountEmail(contract, name)}`];
      bindings.push({ role: own, members, condition: { title: `${role} only`, expression } });
    }
  }
  return {
    ...{ project, number: "123456789012", bindings, roles, accounts: new Set(accounts) },
    services: new Set(wantedServices(contract).get(project)),
    grants: OPERATOR_MAY.map((permission) => ({ member: operator, permission })),
  };
}

/** Bindings of each topic, subscription and secret. */
export function policiesOf(contract: CloudContract, number: string): Map<string, Binding[]> {
  const { project } = contract;
  const agent = `serviceAccount:service-${number}@gcp-sa-pubsub.iam.gserviceaccount.com`;
  const storage = `serviceAccount:service-${number}@gs-project-accounts.iam.gserviceaccount.com`;
  const policies = new Map<string, Binding[]>();
  const member = (stage: string) => `serviceAccount:${serviceAccountEmail(contract, stage)}`;
  for (const event of eventsByName.keys()) {
    const publishers = consumers.map(({ name }) => name).filter((name) => TABLE[name]?.publishes?.includes(event));
    const others = event === DEAD_LETTER ? [agent] : event === "dump-finalized" ? [storage] : [];
    policies.set(`projects/${project}/topics/${topicName(contract, event)}`, [
      { role: "roles/pubsub.publisher", members: [...publishers.map(member), ...others] },
    ]);
  }
  for (const { name } of consumers) {
    const forwards = { role: "roles/pubsub.subscriber", members: [agent] };
    const path = `projects/${project}/subscriptions/${subscriptionName(contract, name)}`;
    policies.set(path, name === DEAD_LETTER ? [] : [forwards]);
  }
  for (const { name } of consumers) {
    policies.set(servicePath(contract, name), [{ role: "roles/run.invoker", members: [member(name)] }]);
  }
  policies.set(`projects/${project}/secrets/masking-key`, [
    { role: "roles/secretmanager.secretAccessor", members: [member("mask")] },
  ]);
  return policies;
}

export function servicePath({ project, pipeline, replica }: CloudContract, consumer: string): string {
  return `projects/${project}/locations/${replica.region}/services/${subscriptionName({ pipeline }, consumer)}`;
}
