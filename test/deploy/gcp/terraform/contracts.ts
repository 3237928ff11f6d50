// The contracts that the deployment's tests are about, and what Terraform reads beside them.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseSyncContract } from "../../../../contracts/parse-sync-contract.ts";
import type { CloudContract } from "../../../../contracts/sync-contract.ts";
import { hasTerraform, MODULE } from "./terraform.ts";

/** Three projects, IAM logins. */
export const CONTRACT = `
pipeline: shop
production: { instance: "acme-prod:europe-west1:shop", database: shop }
replica: { instance: "acme-sync:europe-west1:shop-replica", database: shop }
staging: { instance: "acme-dev:europe-west1:shop", database: shop_staging }
dumps: gs://acme-sync-dumps/shop
masking:
  key: secret://acme-sync/masking-key
  tables: { users: { keep: [id], email: email } }
`;

/** One project, and a password for staging that is kept in another. */
export const ALONE = `
pipeline: shop
production: { instance: "acme-all:europe-west1:shop", database: shop }
replica: { instance: "acme-all:europe-west1:shop-replica", database: shop }
staging: { instance: "acme-all:europe-west1:staging", database: shop, user: understudy, password: secret://vault-1/staging/3 }
dumps: gs://acme-dumps
masking:
  key: secret://acme-all/masking-key
  tables: { users: { keep: [id], email: email } }
`;

export function cloudContract(text: string): CloudContract {
  const contract = parseSyncContract(text, "sync.yaml");
  assert.ok(contract.kind === "cloud-sql");
  return contract;
}

/** What a stage may do, as permissions.json has it. */
export interface May {
  readonly publishes: readonly string[];
  readonly production?: readonly string[];
  readonly replica?: readonly string[];
  readonly staging?: readonly string[];
  readonly bucket?: readonly string[];
  readonly objects?: Readonly<Record<string, readonly string[]>>;
  readonly secrets?: readonly string[];
}

export const PERMISSIONS = JSON.parse(readFileSync(join(MODULE, "permissions.json"), "utf8")) as Readonly<
  Record<string, May>
>;

/** Why the tests that need Terraform are left out, where they are. */
export async function whyNot(): Promise<string | false> {
  if (await hasTerraform()) return false;
  return "no Terraform on this machine: deploy/gcp/terraform is NOT TESTED";
}
