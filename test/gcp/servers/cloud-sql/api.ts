// The API's methods as routes: who calls, may they, and which instance is meant; every request is written down.
import { ApiError, type Authorize, type Call, callerOf, type Handler, type Routes, readJson } from "../http.ts";
import { type Faults, REFUSALS } from "./faults.ts";
import type { RunningInstance } from "./running-instance.ts";

/** An IAM permission of a service account. */
export interface Grant {
  readonly email: string;
  /** For example `cloudsql.instances.export`. */
  readonly permission: string;
  /** An instance's name, or `*` for all of them. */
  readonly instance: string;
}

/** A request as tests look it up. */
export interface SeenRequest {
  readonly email: string;
  /** The API's own name for the method: `instances.export`. */
  readonly api: string;
  readonly method: string;
  readonly path: string;
  readonly instance: string | undefined;
}

export interface ApiRequest {
  readonly call: Call;
  /** Who calls. */
  readonly email: string;
  readonly project: string;
  /** Of the path, or of the query. */
  readonly instance: RunningInstance | undefined;
  /** The body; {} where there is none. */
  readonly body: unknown;
  /** Whether an account has a permission on an instance. */
  readonly may: (wanted: Grant) => boolean;
}

export interface Method {
  /** As the discovery document has it: `instances.export`. */
  readonly name: string;
  /** Without the API's version: `GET /projects/:project/instances`. */
  readonly route: string;
  /** https://cloud.google.com/sql/docs/mysql/iam-permissions. Left out: the method looks itself. */
  readonly permission?: string;
  readonly answer: (request: ApiRequest) => unknown;
}

export type Methods = readonly Method[];

/** What most routes begin with. */
export const INSTANCE = "/projects/:project/instances/:instance";

/** The instance of a route that names one. */
export function instanceOf({ instance }: ApiRequest): RunningInstance {
  if (instance) return instance;
  throw new Error("The route names no instance.");
}

/** The second is what @google-cloud/cloud-sql-connector calls. */
const VERSIONS = ["/v1", "/sql/v1beta4"];

export interface Gate {
  readonly authorize: Authorize;
  readonly grants: readonly Grant[];
  readonly faults: Faults;
  readonly instances: readonly RunningInstance[];
  readonly requests: SeenRequest[];
  readonly refused: SeenRequest[];
}

export function routesOf(methods: readonly Method[], gate: Gate): Routes {
  return Object.fromEntries(
    methods.flatMap((method) => {
      const [verb, path] = method.route.split(" ", 2);
      return VERSIONS.map((version) => [`${verb} ${version}${path}`, handlerOf(method, gate)] as const);
    }),
  );
}

function handlerOf(
  { name, route, permission, answer }: Method,
  { authorize, grants, faults, instances, requests, refused }: Gate,
): Handler {
  const may = ({ email, permission: wanted, instance }: Grant) =>
    grants.some(
      (grant) =>
        grant.email === email && grant.permission === wanted && (grant.instance === "*" || grant.instance === instance),
    );

  /** @throws ApiError 403, or 404 for an instance that is not there, which only those learn who may call the method. */
  function admit(email: string, project: string, instance: string | undefined): RunningInstance | undefined {
    const isCaller = (grant: Grant) => grant.email === email && grant.permission === permission;
    if (permission !== undefined && !grants.some(isCaller)) throw REFUSALS.notAuthorized();
    if (instance === undefined) return undefined;
    const found = instances.find(({ definition: at }) => at.name === instance && at.project === project);
    if (!found) throw REFUSALS.instanceDoesNotExist();
    if (permission !== undefined && !may({ email, permission, instance })) throw REFUSALS.notAuthorized();
    return found;
  }

  return async (call) => {
    const email = callerOf(call, authorize);
    const project = call.param("project");
    const instanceName = route.includes(":instance") ? call.param("instance") : call.query("instance");
    const seen = { email, api: name, method: call.method, path: call.url.pathname, instance: instanceName };
    const fault = faults.takeRequest(name, instanceName);
    if (fault && "drop" in fault && fault.drop === "before") return hangUp(call);
    try {
      if (fault && "refuse" in fault) throw fault.refuse;
      const instance = admit(email, project, instanceName);
      const json = await answer({ call, email, project, instance, body: await readJson(call), may });
      // An operation's path names no instance.
      requests.push({ ...seen, instance: instanceName ?? (json as { targetId?: string }).targetId });
      return fault ? hangUp(call) : { json };
    } catch (error) {
      if (error instanceof ApiError) refused.push(seen);
      throw error;
    }
  };
}

/** As a network does it that loses an answer. */
function hangUp({ request }: Call): never {
  request.socket.destroy();
  throw new Error("The connection is gone.");
}

/** One page: `maxResults` of them after the one that `pageToken` names. */
export function pageOf<Item>(
  { call }: Pick<ApiRequest, "call">,
  items: readonly Item[],
  idOf: (item: Item) => string | null | undefined,
): { items: Item[]; nextPageToken?: string } {
  const token = call.query("pageToken");
  const start = token === undefined ? 0 : items.findIndex((item) => idOf(item) === token) + 1;
  const page = items.slice(start, start + Number(call.query("maxResults") ?? 500));
  const last = page.at(-1);
  const isLast = last === undefined || start + page.length >= items.length;
  return { items: page, ...(isLast ? {} : { nextPageToken: idOf(last) ?? "" }) };
}
