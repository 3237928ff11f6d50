// An instance as a test describes it, and as `instances.get` tells of it.
import type { sqladmin_v1 } from "@googleapis/sqladmin";
import type { MySqlServer } from "./mysql.ts";

type Resource = sqladmin_v1.Schema$DatabaseInstance;

/** A service account as a MySQL account: https://cloud.google.com/sql/docs/mysql/iam-authentication */
export interface IamUser {
  readonly email: string;
  /** As GRANT wants them: ``SELECT, SHOW VIEW ON `shop`.*``. Cloud SQL gives a new IAM user none. */
  readonly privileges: readonly string[];
}

export interface InstanceDefinition {
  readonly project: string;
  readonly region: string;
  readonly name: string;
  /** The MySQL or MariaDB server behind it, with an account that may do everything. */
  readonly server: MySqlServer;
  /**
   * The databases that are this instance's, where the server is shared with other tests: a restore drops them. Default:
   * all but the system's.
   */
  readonly owns?: (database: string) => boolean;
  readonly iamUsers?: readonly IamUser[];
  /**
   * Whatever `instances.get` is to say otherwise, looked at for every request; `settings`, and the IP and backup
   * configurations in them, are merged with the usual ones.
   */
  readonly resource?: Resource;
}

/** The account that the instance itself reads and writes buckets as. */
export function serviceAccountOf({ name, resource }: InstanceDefinition): string {
  return resource?.serviceAccountEmailAddress ?? `p1234567890-${name}@gcp-sa-cloud-sql.iam.gserviceaccount.com`;
}

/** Cloud SQL cuts a service account's name at the `@`: https://cloud.google.com/sql/docs/mysql/add-manage-iam-users */
export function iamUserName(email: string): string {
  return email.replace(/@.*/s, "");
}

export function connectionNameOf({ project, region, name }: InstanceDefinition): string {
  return `${project}:${region}:${name}`;
}

/** Nobody answers there: a client that takes the public address does not get through. https://www.rfc-editor.org/rfc/rfc5737 */
const PUBLIC_ADDRESS = "203.0.113.7";

/**
 * The instance's resource: https://cloud.google.com/sql/docs/mysql/admin-api/rest/v1/instances#DatabaseInstance
 *
 * @param address the loopback address where the instance takes connections
 */
export function instanceResource(definition: InstanceDefinition, address: string): Resource {
  const { project, region, name, resource = {} } = definition;
  const { ipConfiguration, backupConfiguration, ...settings } = resource.settings ?? {};
  const ip = { ipv4Enabled: false, ...ipConfiguration };
  const psc = ip.pscConfig?.pscEnabled === true;
  return {
    kind: "sql#instance",
    name,
    project,
    region,
    selfLink: `https://sqladmin.googleapis.com/v1/projects/${project}/instances/${name}`,
    connectionName: connectionNameOf(definition),
    databaseVersion: "MYSQL_8_4",
    instanceType: "CLOUD_SQL_INSTANCE",
    backendType: "SECOND_GEN",
    state: "RUNNABLE",
    serviceAccountEmailAddress: serviceAccountOf(definition),
    ipAddresses: [
      ...(ip.ipv4Enabled ? [{ type: "PRIMARY", ipAddress: PUBLIC_ADDRESS }] : []),
      ...(psc ? [] : [{ type: "PRIVATE", ipAddress: address }]),
    ],
    ...(psc ? pscNames(address) : {}),
    ...resource,
    settings: {
      kind: "sql#settings",
      tier: "db-custom-2-7680",
      availabilityType: "ZONAL",
      dataDiskSizeGb: "20",
      dataDiskType: "PD_SSD",
      storageAutoResize: true,
      userLabels: {},
      databaseFlags: [{ name: "cloudsql_iam_authentication", value: "on" }],
      ...settings,
      ipConfiguration: {
        ...(psc ? {} : { privateNetwork: `projects/${project}/global/networks/default` }),
        ...ip,
      },
      backupConfiguration: {
        kind: "sql#backupConfiguration",
        enabled: false,
        binaryLogEnabled: false,
        ...backupConfiguration,
      },
    },
  };
}

/** Off where a test's own flags do not have it on. */
export function takesIamLogins(definition: InstanceDefinition): boolean {
  const flags = instanceResource(definition, "").settings?.databaseFlags ?? [];
  return flags.some(({ name, value }) => name === "cloudsql_iam_authentication" && value === "on");
}

/** A client resolves a PSC instance's name; a literal address stands for one that resolves. */
function pscNames(address: string): Resource {
  const name = `${address}.`;
  return {
    dnsName: name,
    dnsNames: [{ name, connectionType: "PRIVATE_SERVICE_CONNECT", dnsScope: "INSTANCE" }],
  };
}
