// Commands that change an instance, with its names filled in.
import type { Role } from "../../../contracts/platform.ts";
import type { CloudContract } from "../../../contracts/sync-contract.ts";
import type { Instance } from "./instance-documents.ts";

/** A command that changes an instance. */
export function patch(contract: CloudContract, role: Role, change: string): string {
  const { name, project } = contract[role];
  return `gcloud sql instances patch ${name} --project=${project} ${change}`;
}

/** `--database-flags` replaces all flags: those that stay are named with it. `^~^`: a value may have commas. */
export function setFlag(
  contract: CloudContract,
  role: Role,
  { settings }: Instance,
  name: string,
  value: string,
): string {
  const others = (settings?.databaseFlags ?? []).filter((flag) => flag.name !== name);
  const flags = [...others, ...(value === "" ? [] : [{ name, value }])].map(
    (flag) => `${flag.name}=${flag.value ?? "on"}`,
  );
  if (flags.length === 0) return patch(contract, role, "--clear-database-flags");
  return patch(contract, role, `--database-flags='^~^${flags.join("~")}'`);
}
