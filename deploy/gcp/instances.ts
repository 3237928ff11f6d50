// The contract's instances as Cloud SQL has them, and which of them may have their role.
import type { sqladmin_v1 } from "@googleapis/sqladmin";
import { withoutRegion } from "../../contracts/contract-instances.ts";
import { FatalError, RetryAfter } from "../../contracts/errors.ts";
import type { Role, WritableRole } from "../../contracts/platform.ts";
import type { CloudContract } from "../../contracts/sync-contract.ts";
import type { CloudAuth } from "./auth.ts";
import type { Endpoints } from "./endpoints.ts";
import { connectionName } from "./names.ts";
import { apiError, type Asked } from "./sql-admin/api-errors.ts";
import type { SqlAdminClient } from "./sql-admin/client.ts";
import { openFacts, PASSING_STATES } from "./sql-admin/facts.ts";

/** What `instances.get` answers: https://cloud.google.com/sql/docs/mysql/admin-api/rest/v1/instances#DatabaseInstance */
export type InstanceDescription = sqladmin_v1.Schema$DatabaseInstance;

type Refusal = FatalError | RetryAfter;

export interface Instances {
  /** As `Databases.identify` promises: `PROJECT:NAME`. Production is not asked about: only its export touches it. */
  identify(role: Role): Promise<string>;
  /** @throws FatalError INSTANCE_MISSING, CLOUD_SQL_PERMISSION_MISSING, …: see sql-admin/api-errors.ts */
  describe(role: WritableRole): Promise<InstanceDescription>;
  /** A refused request of the Cloud SQL Admin API about a role's instance, told; any other error as it is. */
  told(error: unknown, role: WritableRole, needs: Pick<Asked, "permission" | "role">): Promise<unknown>;
}

/** A maintenance is over in minutes. */
const MAINTENANCE_RETRY_MS = 30_000;

/** Asks nothing before the first call; the client is loaded with it. */
export function openInstances(
  contract: CloudContract,
  { auth, endpoints }: { readonly auth: CloudAuth; readonly endpoints: Pick<Endpoints, "sqlAdmin"> },
): Instances {
  async function openClient(): Promise<SqlAdminClient> {
    const { openSqlAdminClient } = await import("./sql-admin/client.ts");
    return openSqlAdminClient(endpoints, auth.google);
  }
  let opening: Promise<SqlAdminClient> | undefined;
  const client = () => (opening ??= openClient());

  const told: Instances["told"] = async (error, role, needs) =>
    apiError(error, { instance: contract[role], ...needs }, openFacts(await client(), auth));

  async function describe(role: WritableRole): Promise<InstanceDescription> {
    const { project, name } = contract[role];
    try {
      const { data } = await (await client()).instances.get({ project, instance: name });
      return data;
    } catch (error) {
      throw await told(error, role, { permission: "cloudsql.instances.get", role: "roles/cloudsql.viewer" });
    }
  }

  return {
    describe,
    told,
    async identify(role) {
      if (role === "production") return withoutRegion(connectionName(contract, role));
      const description = await describe(role);
      const [refusal] = refusalsOf(contract, role, description);
      if (refusal) throw refusal;
      return withoutRegion(description.connectionName ?? connectionName(contract, role));
    },
  };
}

/**
 * Why an instance must not have its role, the gravest first; empty where it may.
 *
 * @returns FatalError INSTANCE_NOT_MYSQL, INSTANCE_REGION_DIFFERS, INSTANCE_IS_READ_REPLICA, INSTANCE_FEEDS_PRODUCTION,
 *   REPLICA_PUBLIC, REPLICA_BACKED_UP, REPLICA_BINARY_LOG, REPLICA_AUDITED, INSTANCE_NOT_RUNNING; RetryAfter INSTANCE_NOT_RUNNING
 */
export function refusalsOf(contract: CloudContract, role: WritableRole, instance: InstanceDescription): Refusal[] {
  const name = `The ${role} instance \`${connectionName(contract, role)}\``;
  const refusals = [wrongInstance(contract, role, name, instance)];
  if (role === "replica") refusals.push(...keepsRawRows(contract, name, instance));
  return [...refusals, notRunning(contract, role, name, instance)].filter((refusal) => refusal !== undefined);
}

function wrongInstance(
  contract: CloudContract,
  role: WritableRole,
  name: string,
  { databaseVersion, region, instanceType, masterInstanceName, replicaNames }: InstanceDescription,
): Refusal | undefined {
  if (!databaseVersion?.startsWith("MYSQL_")) {
    const message = `${name} is \`${databaseVersion ?? "of no version"}\` and not MySQL. Correct \`${role}.instance\` in sync.yaml.`;
    return new FatalError("INSTANCE_NOT_MYSQL", message);
  }
  if (region !== contract[role].region) {
    const message = `${name} is in the region \`${region ?? "none"}\`. Correct \`${role}.instance\` in sync.yaml.`;
    return new FatalError("INSTANCE_REGION_DIFFERS", message);
  }
  if (instanceType === "READ_REPLICA_INSTANCE" || masterInstanceName) {
    const message = `${name} is a read replica of \`${masterInstanceName ?? "another instance"}\`: it cannot be written. Name an instance of its own as \`${role}\` in sync.yaml.`;
    return new FatalError("INSTANCE_IS_READ_REPLICA", message);
  }
  const { project } = contract[role];
  const readers = replicaNames?.map((replica) => (replica.includes(":") ? replica : `${project}:${replica}`)) ?? [];
  const production = `${contract.production.project}:${contract.production.name}`;
  if (readers.includes(production)) {
    const message = `${name} is the primary instance of \`${production}\`, which is production: what is written to it is written to production. Name an instance of its own as \`${role}\` in sync.yaml.`;
    return new FatalError("INSTANCE_FEEDS_PRODUCTION", message);
  }
  return undefined;
}

/** Between loading and wiping, the replica holds what production holds. */
function* keepsRawRows(contract: CloudContract, name: string, { settings }: InstanceDescription): Generator<Refusal> {
  const { project, name: instance } = contract.replica;
  const patch = (flags: string) => `\`gcloud sql instances patch ${instance} --project=${project} ${flags}\``;
  if (settings?.ipConfiguration?.ipv4Enabled) {
    const message = `${name} has a public address, and would hold production's rows behind it. Run ${patch("--no-assign-ip")}, then request a new run.`;
    yield new FatalError("REPLICA_PUBLIC", message);
  }
  if (settings?.backupConfiguration?.enabled) {
    const message = `${name} is backed up every day: a backup would keep production's rows. Run ${patch("--no-backup")}, delete the backups that there are, then request a new run.`;
    yield new FatalError("REPLICA_BACKED_UP", message);
  }
  if (settings?.backupConfiguration?.binaryLogEnabled) {
    const message = `${name} writes a binary log, which would keep production's rows. Run ${patch("--no-enable-bin-log")}, then request a new run.`;
    yield new FatalError("REPLICA_BINARY_LOG", message);
  }
  // https://cloud.google.com/sql/docs/mysql/db-audit
  if (settings?.databaseFlags?.some(({ name: flag, value }) => flag === "cloudsql_mysql_audit" && isOn(value))) {
    const message = `${name} writes an audit log of statements, which would keep production's rows. Take the flag \`cloudsql_mysql_audit\` off it, then request a new run.`;
    yield new FatalError("REPLICA_AUDITED", message);
  }
}

/** A flag without a value is on. */
function isOn(value: string | null | undefined): boolean {
  return /^(?:on|1|true)$/i.test(value ?? "on");
}

function notRunning(
  contract: CloudContract,
  role: WritableRole,
  name: string,
  { state, settings, suspensionReason }: InstanceDescription,
): Refusal | undefined {
  // An instance that its owner stopped is RUNNABLE, too.
  if (settings?.activationPolicy === "NEVER") {
    const { project, name: instance } = contract[role];
    const message = `${name} is stopped. Run \`gcloud sql instances patch ${instance} --project=${project} --activation-policy=ALWAYS\`, then replay the run.`;
    return new FatalError("INSTANCE_NOT_RUNNING", message);
  }
  if (state === "RUNNABLE") return undefined;
  if (PASSING_STATES.has(state ?? "")) {
    const message = `${name} is not ready (${state}). It is tried again.`;
    return new RetryAfter("INSTANCE_NOT_RUNNING", MAINTENANCE_RETRY_MS, message, { busy: true });
  }
  const why = [state, ...(suspensionReason ?? [])].join(", ");
  const message = `${name} does not run (${why}). See to it in the console, then replay the run.`;
  return new FatalError("INSTANCE_NOT_RUNNING", message);
}
