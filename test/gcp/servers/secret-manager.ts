// Secret Manager's REST API, as far as secrets are read: https://cloud.google.com/secret-manager/docs/reference/rest
import { ApiError, type Authorize, type Call, callerOf, type HttpServer, type Reply, startHttpServer } from "./http.ts";
import { crc32c } from "./storage/checksums.ts";

export interface Secret {
  readonly project: string;
  readonly name: string;
  /** The first is version 1. An entry may be added, or another put in its place, at any time. */
  readonly versions: readonly SecretVersion[];
}

export interface SecretVersion {
  readonly value: string;
  /** ENABLED where it is left out. */
  readonly state?: "ENABLED" | "DISABLED" | "DESTROYED";
}

export interface SecretGrant {
  readonly project: string;
  readonly secret: string;
  /** A service account's e-mail address. */
  readonly member: string;
  /** `roles/secretmanager.secretAccessor` has `access` alone. */
  readonly permissions: readonly Permission[];
}

type Permission = "secretmanager.versions.access" | "secretmanager.versions.get";

/** Answers call a project by its number. */
const PROJECT_NUMBER = "123456789012";

/** Both lists are read for every request. */
export function startSecretManagerServer(options: {
  readonly secrets: readonly Secret[];
  readonly grants: readonly SecretGrant[];
  readonly authorize: Authorize;
}): Promise<HttpServer> {
  const { secrets, grants, authorize } = options;

  /** Who may not read a secret is not told whether it exists. */
  function requireGrant(call: Call, permission: Permission): void {
    const member = callerOf(call, authorize);
    const [project, secret] = [call.param("project"), call.param("secret")];
    const isGranted = grants.some(
      (grant) =>
        grant.project === project &&
        grant.secret === secret &&
        grant.member === member &&
        grant.permissions.includes(permission),
    );
    if (isGranted) return;
    const resource = `projects/${project}/secrets/${secret}/versions/${call.param("version")}`;
    const message = `Permission '${permission}' denied for resource '${resource}' (or it may not exist).`;
    throw new ApiError(403, message, { status: "PERMISSION_DENIED" });
  }

  /** The version that a request names; `latest` is the newest one, whatever its state. */
  function find(call: Call): { readonly name: string; readonly version: SecretVersion } {
    const [project, secret, asked] = [call.param("project"), call.param("secret"), call.param("version")];
    const found = secrets.find((each) => each.project === project && each.name === secret);
    const path = `projects/${PROJECT_NUMBER}/secrets/${secret}`;
    if (!found?.versions.length) throw notFound(`Secret [${path}] not found or has no versions.`);
    const number = asked === "latest" ? found.versions.length : Number(asked);
    const name = `${path}/versions/${number}`;
    const version = found.versions[number - 1];
    if (!version) throw notFound(`Secret Version [${path}/versions/${asked}] not found.`);
    return { name, version };
  }

  function access(call: Call): Reply {
    requireGrant(call, "secretmanager.versions.access");
    const { name, version } = find(call);
    const { state = "ENABLED", value } = version;
    if (state !== "ENABLED") {
      const message = `Secret Version [${name}] is in ${state} state.`;
      throw new ApiError(400, message, { status: "FAILED_PRECONDITION" });
    }
    const data = Buffer.from(value);
    return { json: { name, payload: { data: data.toString("base64"), dataCrc32c: String(crc32c(data)) } } };
  }

  function get(call: Call): Reply {
    requireGrant(call, "secretmanager.versions.get");
    const { name, version } = find(call);
    return { json: { name, createTime: "2026-01-01T00:00:00.000000Z", state: version.state ?? "ENABLED" } };
  }

  const version = "GET /v1/projects/:project/secrets/:secret/versions/:version";
  return startHttpServer({ [`${version}\\:access`]: access, [version]: get });
}

function notFound(message: string): ApiError {
  return new ApiError(404, message, { status: "NOT_FOUND" });
}
