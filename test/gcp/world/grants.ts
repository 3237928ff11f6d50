// Who may do what, from the table that Terraform grants by: the tests' servers refuse everything else.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import type { CloudContract } from "../../../contracts/sync-contract.ts";
import { bucketOf, serviceAccountEmail } from "../../../deploy/gcp/names.ts";
import type { Grant as SqlGrant } from "../servers/cloud-sql/api.ts";
import type { Grant as ObjectGrant, Permission } from "../servers/storage/grants.ts";

const FILE = join(import.meta.dirname, "../../../deploy/gcp/terraform/permissions.json");

const ROLES = ["production", "replica", "staging"] as const;
const Permissions = z.array(z.string()).default([]);
const Table = z.record(
  z.string(),
  z.strictObject({
    publishes: Permissions,
    production: Permissions,
    replica: Permissions,
    staging: Permissions,
    bucket: Permissions,
    objects: z.record(z.string(), z.array(z.string())).default({}),
    secrets: Permissions,
  }),
);

export interface Grants {
  readonly sql: SqlGrant[];
  readonly objects: ObjectGrant[];
  /** Secret paths in the contract (`masking.key`), by service account. */
  readonly secrets: ReadonlyMap<string, readonly string[]>;
}

/** What each function's service account may do, as permissions.json says. */
export async function readGrants(contract: CloudContract): Promise<Grants> {
  const table = Table.parse(JSON.parse(await readFile(FILE, "utf8")));
  const { bucket, prefix } = bucketOf(contract);
  const of = Object.entries(table).map(([name, row]) => ({ row, email: serviceAccountEmail(contract, name) }));
  return {
    sql: of.flatMap(({ row, email }) =>
      ROLES.flatMap((role) => row[role].map((permission) => ({ email, permission, instance: contract[role].name }))),
    ),
    objects: of.flatMap(({ row, email }) => [
      { bucket, member: email, permissions: row.bucket as Permission[] },
      ...Object.entries(row.objects).map(([folder, permissions]) => ({
        ...{ bucket, member: email, permissions: permissions as Permission[] },
        objectNamePrefix: `${prefix}${folder}`,
      })),
    ]),
    secrets: new Map(of.map(({ row, email }) => [email, row.secrets])),
  };
}

/** What an instance's own service account needs of the bucket: production's may only write, staging's only read. */
export function instanceGrants(contract: CloudContract, accounts: Readonly<Record<string, string>>): ObjectGrant[] {
  const { bucket, prefix } = bucketOf(contract);
  const needs = {
    production: ["storage.objects.create"],
    replica: ["storage.objects.create", "storage.objects.get"],
    staging: ["storage.objects.get"],
  } as const;
  return ROLES.map((role) => ({
    ...{ bucket, member: accounts[role] ?? "", permissions: needs[role] },
    objectNamePrefix: `${prefix}runs/`,
  }));
}
