// What Google tells of a project besides what is in it: enabled services (Service Usage), its number and policy (Resource
// Manager), its service accounts and roles (IAM). One server for the three: their paths differ.
import { ApiError, type Authorize, type Call, callerOf, type HttpServer, readJson, startHttpServer } from "./http.ts";

export interface Binding {
  readonly role: string;
  readonly members: readonly string[];
  readonly condition?: { readonly title: string; readonly expression: string };
}

/** Read for every request: what a test changes counts from then on. */
export interface ProjectDefinition {
  readonly project: string;
  readonly number: string;
  /** The services that are enabled. */
  readonly services: Set<string>;
  readonly bindings: Binding[];
  /** E-mail addresses. */
  readonly accounts: Set<string>;
  /** Roles' permissions by name: `roles/pubsub.publisher`, `projects/P/roles/understudy_mask`. */
  readonly roles: Readonly<Record<string, readonly string[]>>;
  /** Which of these APIs' permissions each caller holds. */
  readonly grants: { readonly member: string; readonly permission: string }[];
}

/** Predefined roles, as far as the pipeline needs them: https://cloud.google.com/iam/docs/roles-permissions */
export const PREDEFINED = {
  "roles/datastore.user": [
    ...["get", "list", "create", "update", "delete"].map((verb) => `datastore.entities.${verb}`),
    "datastore.databases.get",
  ],
  "roles/pubsub.publisher": ["pubsub.topics.publish"],
  "roles/pubsub.subscriber": [
    "pubsub.snapshots.seek",
    "pubsub.subscriptions.consume",
    "pubsub.topics.attachSubscription",
  ],
  "roles/run.invoker": ["run.jobs.run", "run.routes.invoke"],
  "roles/secretmanager.secretAccessor": ["resourcemanager.projects.get", "secretmanager.versions.access"],
  "roles/storage.objectCreator": ["storage.objects.create"],
  "roles/storage.objectViewer": ["storage.objects.get", "storage.objects.list"],
  "roles/storage.objectAdmin": ["create", "delete", "get", "list", "update"].map((verb) => `storage.objects.${verb}`),
} as const;

export function startProjectServer(definition: ProjectDefinition, authorize: Authorize): Promise<HttpServer> {
  const { project, number } = definition;

  /** @throws ApiError 403, also for another project's things. */
  function admit(call: Call, permission: string, asked = call.param("project")): void {
    const member = callerOf(call, authorize);
    const isGranted = definition.grants.some((grant) => grant.member === member && grant.permission === permission);
    if (isGranted && asked === project) return;
    const message = `Permission '${permission}' denied on resource 'projects/${asked}' (or it may not exist).`;
    throw new ApiError(403, message, { status: "PERMISSION_DENIED" });
  }

  function roleOf(name: string) {
    const includedPermissions = definition.roles[name];
    if (includedPermissions) return { json: { name, title: name, includedPermissions, stage: "GA" } };
    throw new ApiError(404, `The role named ${name} was not found.`, { status: "NOT_FOUND" });
  }

  return startHttpServer({
    "GET /v1/projects/:project/services\\:batchGet": (call) => {
      admit(call, "serviceusage.services.get");
      const services = call.url.searchParams.getAll("names").map((name) => {
        const service = name.split("/").at(-1) ?? "";
        const state = definition.services.has(service) ? "ENABLED" : "DISABLED";
        const parent = `projects/${number}`;
        return { name: `${parent}/services/${service}`, parent, config: { name: service }, state };
      });
      return { json: { services } };
    },
    "GET /v1/projects/:project": (call) => {
      admit(call, "resourcemanager.projects.get");
      return { json: { projectId: project, projectNumber: number, lifecycleState: "ACTIVE", name: project } };
    },
    "POST /v1/projects/:project\\:getIamPolicy": async (call) => {
      admit(call, "resourcemanager.projects.getIamPolicy");
      const { options } = (await readJson(call)) as { options?: { requestedPolicyVersion?: number } };
      const all = options?.requestedPolicyVersion === 3;
      // An older version leaves conditions out, and says so in the role's name.
      const bindings = definition.bindings.map(({ condition, ...binding }) =>
        all || !condition
          ? { ...binding, ...(condition && { condition }) }
          : { ...binding, role: `${binding.role}_withcond_0123456789` },
      );
      return { json: { version: all ? 3 : 1, etag: "BwYAAA=", bindings } };
    },
    "GET /v1/projects/:project/serviceAccounts/:email": (call) => {
      admit(call, "iam.serviceAccounts.get");
      const email = call.param("email");
      if (definition.accounts.has(email))
        return { json: { name: `projects/${project}/serviceAccounts/${email}`, email } };
      throw new ApiError(404, `Unknown service account`, { status: "NOT_FOUND" });
    },
    "GET /v1/projects/:project/roles/:role": (call) => {
      admit(call, "iam.roles.get", project);
      return roleOf(`projects/${call.param("project")}/roles/${call.param("role")}`);
    },
    // Anybody who has logged in may see predefined ones.
    "GET /v1/roles/:role": (call) => {
      callerOf(call, authorize);
      return roleOf(`roles/${call.param("role")}`);
    },
  });
}
