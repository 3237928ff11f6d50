// What an instance's description means for its role: that it runs, is private, keeps nothing, lets the functions in. Pure.
import { failed, ok, type Verdict, warning } from "../../../contracts/examination.ts";
import type { Role, WritableRole } from "../../../contracts/platform.ts";
import type { CloudContract } from "../../../contracts/sync-contract.ts";
import { type InstanceDescription, refusalsOf } from "../instances.ts";
import { serviceAccountEmail } from "../names.ts";
import { judgeSentence } from "./ask.ts";
import { flagOf, type Instance, type Users } from "./instance-documents.ts";
import { patch, setFlag } from "./patch-instance.ts";
import { stagesThatLogIn } from "./permission-table.ts";

const RUNS = "RUNNABLE";

export function judgeState(contract: CloudContract, role: Role, instance: Instance): Verdict {
  const version = instance.databaseVersion ?? "no version";
  if (role !== "production") {
    const refusal = refusalsOf(contract, role, describe(instance)).find(({ code }) => code.startsWith("INSTANCE_"));
    return refusal ? judgeSentence(refusal.message) : ok(`runs ${version}`);
  }
  // Of production less is asked: it may be a read replica, which is exported as well.
  const isRunning = instance.state === RUNS && instance.settings?.activationPolicy !== "NEVER";
  if (!version.startsWith("MYSQL_"))
    return failed(`${version} is not MySQL`, "Correct `production.instance` in sync.yaml.");
  if (isRunning) return ok(`runs ${version}`);
  return failed(
    `it does not run (${instance.state ?? "no state"})`,
    patch(contract, role, "--activation-policy=ALWAYS"),
  );
}

export function judgePrivateAddress(contract: CloudContract, role: WritableRole, instance: Instance): Verdict {
  if (contract.network === "psc") {
    if (instance.settings?.ipConfiguration?.pscConfig?.pscEnabled) return ok("by Private Service Connect");
    const remedy = patch(contract, role, `--enable-private-service-connect --allowed-psc-projects=${contract.project}`);
    return failed("Private Service Connect is not enabled", remedy);
  }
  const address = instance.ipAddresses?.find(({ type }) => type === "PRIVATE")?.ipAddress;
  if (address !== undefined) return ok(address);
  return failed(
    "it has none: the functions cannot reach it",
    patch(contract, role, `--network=projects/${contract.project}/global/networks/NETWORK`),
  );
}

export function judgePublicAddress(contract: CloudContract, role: WritableRole, instance: Instance): Verdict {
  if (role === "replica") return judgeReplica(contract, instance, "REPLICA_PUBLIC", "none");
  if (!instance.settings?.ipConfiguration?.ipv4Enabled) return ok("none");
  return warning("it has one", patch(contract, role, "--no-assign-ip"));
}

export function judgeBackups(contract: CloudContract, instance: Instance): Verdict {
  return judgeReplica(contract, instance, "REPLICA_BACKED_UP", "none, which would keep production's rows");
}

export function judgeBinaryLog(contract: CloudContract, instance: Instance): Verdict {
  return judgeReplica(contract, instance, "REPLICA_BINARY_LOG", "none, which would keep production's rows");
}

export function judgeAuditLog(contract: CloudContract, instance: Instance): Verdict {
  const verdict = judgeReplica(contract, instance, "REPLICA_AUDITED", "none, which would keep production's rows");
  // The patch names the other flags that the instance has, which the refusal cannot know.
  const remedy = setFlag(contract, "replica", instance, "cloudsql_mysql_audit", "off");
  return verdict.status === "failed" ? { ...verdict, remedy } : verdict;
}

/** What a run would refuse the replica for. */
function judgeReplica(contract: CloudContract, instance: Instance, code: string, fine: string): Verdict {
  const refusal = refusalsOf(contract, "replica", describe(instance)).find((each) => each.code === code);
  return refusal ? judgeSentence(refusal.message) : ok(fine);
}

export function judgeIamLogin(contract: CloudContract, role: WritableRole, instance: Instance): Verdict {
  const { login } = contract[role];
  if (login) return ok(`as \`${login.user}\`, by password`);
  if (flagOf(instance, "cloudsql_iam_authentication") === "on") return ok("by IAM");
  return failed(
    "the contract names no user, and the instance takes no IAM login",
    setFlag(contract, role, instance, "cloudsql_iam_authentication", "on"),
  );
}

/** Whether the MySQL users exist; what each was granted in SQL is not seen from here. */
export function judgeUsers(contract: CloudContract, role: WritableRole, { items = [] }: Users): Verdict {
  const { login, name, project } = contract[role];
  const names = new Set(items.map((user) => user.name ?? ""));
  const create = `gcloud sql users create`;
  const at = `--instance=${name} --project=${project}`;
  if (login) {
    if (names.has(login.user)) return ok(`\`${login.user}\``);
    return failed(`there is no user \`${login.user}\``, `${create} ${login.user} ${at} --prompt-for-password`);
  }
  const accounts = stagesThatLogIn(role).map((stage) => serviceAccountEmail(contract, stage));
  // Cloud SQL for MySQL knows an account by what stands before its `@`.
  const missing = accounts.filter((email) => !names.has(email) && !names.has(email.replace(/@.*/s, "")));
  if (missing.length === 0) return ok(`one for each of the ${accounts.length} functions that log in`);
  return failed(
    `no user for ${missing.map((email) => `\`${email}\``).join(", ")}`,
    missing.map((email) => `${create} ${email} ${at} --type=cloud_iam_service_account`).join(" && "),
  );
}

function describe(instance: Instance): InstanceDescription {
  return instance as InstanceDescription;
}
