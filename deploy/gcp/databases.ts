// Sessions on the replica and on staging, through Cloud SQL's connector. On production none is ever opened.
import { FatalError } from "../../contracts/errors.ts";
import type { Databases, Role, Secrets, WritableRole } from "../../contracts/platform.ts";
import type { CloudContract } from "../../contracts/sync-contract.ts";
import { openReadSession, openWriteSession, type SessionOptions } from "../../handlers/mysql/session.ts";
import type { CloudAuth } from "./auth.ts";
import { openConnections } from "./connections.ts";
import { diskRoom } from "./data-room.ts";
import type { Endpoints } from "./endpoints.ts";
import { openInstances } from "./instances.ts";
import { sessionError } from "./session-error.ts";

export interface CloudDatabases extends Databases {
  /** Ends what keeps certificates fresh. Sessions go on until they are closed. */
  close(): Promise<void>;
}

/** Nothing is loaded, asked or connected before the first call. */
export function openCloudDatabases(
  contract: CloudContract,
  {
    auth,
    endpoints,
    secrets,
  }: { readonly auth: CloudAuth; readonly endpoints: Pick<Endpoints, "sqlAdmin">; readonly secrets: Secrets },
): CloudDatabases {
  const instances = openInstances(contract, { auth, endpoints });
  const needs = { permission: "cloudsql.instances.connect", role: "roles/cloudsql.client" };
  const connections = openConnections(contract, endpoints, (error, role) => instances.told(error, role, needs));

  async function open<Session>(
    role: Role,
    openSession: (role: WritableRole, options: SessionOptions) => Promise<Session>,
  ): Promise<Session> {
    if (role === "production") throw noSessionOnProduction(); // whatever a caller's types say
    const account = await accountOf(role);
    try {
      return await connections.through(role, (stream) => openSession(role, { ...account, stream }));
    } catch (error) {
      throw sessionError(error, { contract, role, user: account.user });
    }
  }

  async function accountOf(role: WritableRole): Promise<{ readonly user: string; readonly password?: string }> {
    const { login } = contract[role];
    if (login) return { user: login.user, password: await secrets.read(login.password) };
    return { user: iamUser(await auth.email(), role) };
  }

  return {
    readable: ["replica", "staging"],
    identify: (role) => instances.identify(role),
    read: (role) => open(role, openReadSession),
    write: (role) => open(role, openWriteSession),
    room: (session) => diskRoom(session, instances.describe),
    close: () => connections.close(),
  };
}

/**
 * The database user of an IAM login: the address before `@`, in small letters.
 *
 * https://cloud.google.com/sql/docs/mysql/iam-logins
 *
 * @throws FatalError CALLER_UNKNOWN
 */
export function iamUser(email: string | undefined, role: WritableRole): string {
  const [user] = email?.toLowerCase().split("@") ?? [];
  if (user) return user;
  const message = `Who runs this is not known, so there is no IAM login to \`${role}\`. Run as a service account or by \`gcloud auth application-default login\`, or give \`${role}\` a \`user\` and a \`password\` in sync.yaml.`;
  throw new FatalError("CALLER_UNKNOWN", message);
}

function noSessionOnProduction(): FatalError {
  const message =
    "No session is opened on production on Google Cloud: it is exported by Cloud SQL itself, and left alone.";
  return new FatalError("NO_SESSION_ON_PRODUCTION", message);
}
