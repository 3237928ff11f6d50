// What the Cloud SQL Admin API says of an instance and a database: the parts that the doctor reads.
import { z } from "zod";

/** https://cloud.google.com/sql/docs/mysql/admin-api/rest/v1/instances#DatabaseInstance */
export const Instance = z.object({
  name: z.string().optional(),
  region: z.string().optional(),
  state: z.string().optional(),
  suspensionReason: z.array(z.string()).optional(),
  instanceType: z.string().optional(),
  masterInstanceName: z.string().optional(),
  databaseVersion: z.string().optional(),
  serviceAccountEmailAddress: z.string().optional(),
  ipAddresses: z.array(z.object({ type: z.string().optional(), ipAddress: z.string().optional() })).optional(),
  dnsName: z.string().optional(),
  settings: z
    .object({
      tier: z.string().optional(),
      activationPolicy: z.string().optional(),
      /** An int64, as JSON has them: a text. */
      dataDiskSizeGb: z.string().optional(),
      storageAutoResize: z.boolean().optional(),
      /** 0: no limit. */
      storageAutoResizeLimit: z.string().optional(),
      databaseFlags: z.array(z.object({ name: z.string(), value: z.string().optional() })).optional(),
      ipConfiguration: z
        .object({
          ipv4Enabled: z.boolean().optional(),
          privateNetwork: z.string().optional(),
          pscConfig: z.object({ pscEnabled: z.boolean().optional() }).optional(),
        })
        .optional(),
      backupConfiguration: z
        .object({ enabled: z.boolean().optional(), binaryLogEnabled: z.boolean().optional() })
        .optional(),
    })
    .optional(),
});
export type Instance = z.infer<typeof Instance>;

/** https://cloud.google.com/sql/docs/mysql/admin-api/rest/v1/databases#Database */
export const Database = z.object({
  name: z.string().optional(),
  charset: z.string().optional(),
  collation: z.string().optional(),
});
export type Database = z.infer<typeof Database>;

/** https://cloud.google.com/sql/docs/mysql/admin-api/rest/v1/users/list */
export const Users = z.object({
  items: z.array(z.object({ name: z.string().optional(), type: z.string().optional() })).optional(),
});
export type Users = z.infer<typeof Users>;

/** A flag's value; undefined where it has the server's default. */
export function flagOf({ settings }: Instance, name: string): string | undefined {
  const flag = settings?.databaseFlags?.find((each) => each.name === name);
  return flag && (flag.value ?? "on");
}
