// What an instance's description means for its role. Pure.
import { failed, ok, type Verdict, warning } from "../../../contracts/examination.ts";
import type { Role, WritableRole } from "../../../contracts/platform.ts";
import type { CloudContract } from "../../../contracts/sync-contract.ts";
import { type Compared, judgeSetting, judgeVersion, type ServerVersion } from "../../alike.ts";
import { type InstanceDescription, refusalsOf } from "../instances.ts";
import { serviceAccountEmail } from "../names.ts";
import { judgeSentence } from "./ask.ts";
import { type Database, flagOf, type Instance, type Users } from "./instance-documents.ts";
import { stagesThatLogIn } from "./permission-table.ts";

/** Staging holds what is live, what is being loaded, and what was live before. */
const COPIES = { replica: 1, staging: 3 } as const;

/** https://cloud.google.com/sql/docs/mysql/instance-settings#machine-type-2ndgen */
const SHARED_CORE = ["db-f1-micro", "db-g1-small"];

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

export function judgeInstanceVersion(role: WritableRole, production: Instance, own: Instance): Verdict {
  return judgeVersion(role, versionOf(production), versionOf(own));
}

/** `MYSQL_8_0`, `MYSQL_8_0_36`: the series is what Cloud SQL calls the major version. */
function versionOf({ databaseVersion = "" }: Instance): ServerVersion {
  const [, major = 0, minor = 0] = databaseVersion.split("_").map(Number);
  return { flavour: "MySQL", series: [major, minor] };
}

/** Flags that both leave alone have the version's default, which is compared by the version. */
export function judgeFlag(
  contract: CloudContract,
  role: WritableRole,
  name: Compared,
  production: Instance,
  own: Instance,
): Verdict {
  const [wanted = "", found = ""] = [flagOf(production, name), flagOf(own, name)];
  if (wanted === found) return ok(wanted === "" ? "the version's default, as production" : wanted);
  const remedy =
    name === "lower_case_table_names"
      ? `Create the instance anew with \`lower_case_table_names=${wanted || "0"}\`: it cannot be changed afterwards.`
      : setFlag(contract, role, own, name, wanted);
  return judgeSetting(name, wanted || "default", found || "default", remedy);
}

/** @param production where its character set is compared */
export function judgeDatabase(own: Database, production?: Database): Verdict {
  const tell = ({ name, charset, collation }: Database) => `\`${name ?? ""}\`, ${charset ?? "?"}, ${collation ?? "?"}`;
  if (!production || own.collation === production.collation) return ok(tell(own));
  const detail = `${tell(own)}; production has ${production.collation ?? "none"}: tables that are created without a collation get another one`;
  return warning(
    detail,
    `ALTER DATABASE \`${own.name ?? ""}\` CHARACTER SET ${production.charset ?? ""} COLLATE ${production.collation ?? ""};`,
  );
}

/** How full production's disk is cannot be seen here: its whole size counts. */
export function judgeDisk(
  contract: CloudContract,
  role: keyof typeof COPIES,
  production: Instance,
  own: Instance,
): Verdict {
  const [theirs, mine] = [sizeOf(production), sizeOf(own)];
  const needed = theirs * COPIES[role];
  const limit = Number(own.settings?.storageAutoResizeLimit ?? 0);
  const grows = own.settings?.storageAutoResize === true && (limit === 0 || limit >= needed);
  if (grows) return ok(`${mine} GB, and grows by itself; production has ${theirs} GB`);
  if (mine >= needed) return ok(`${mine} GB; production has ${theirs} GB`);
  const copies = role === "staging" ? ", of which staging holds up to three copies" : "";
  const detail = `${mine} GB${limit > 0 ? `, growing to ${limit} GB at most` : " that do not grow"}; production has ${theirs} GB${copies}`;
  return warning(detail, patch(contract, role, "--storage-auto-increase --storage-auto-increase-limit=0"));
}

export function judgeTier({ settings }: Instance): Verdict {
  const tier = settings?.tier ?? "none";
  if (!SHARED_CORE.includes(tier)) return ok(tier);
  return warning(
    `${tier} shares its core: loading takes many times longer`,
    "Give it a dedicated core: db-n1-standard-1.",
  );
}

/**
 * A swap creates staging's triggers anew, if it has any: which is not seen from here.
 * https://cloud.google.com/sql/docs/mysql/flags#tips-flags
 */
export function judgeTriggers(contract: CloudContract, instance: Instance): Verdict {
  if (!instance.settings?.backupConfiguration?.binaryLogEnabled) return ok("may be created: no binary log");
  const name = "log_bin_trust_function_creators";
  if (flagOf(instance, name) === "on") return ok(`may be created: ${name} is on`);
  return warning(
    `it writes a binary log and ${name} is off: a swap cannot put triggers back (error 1419)`,
    setFlag(contract, "staging", instance, name, "on"),
  );
}

function sizeOf({ settings }: Instance): number {
  return Number(settings?.dataDiskSizeGb ?? 0);
}

function describe(instance: Instance): InstanceDescription {
  return instance as InstanceDescription;
}

function patch(contract: CloudContract, role: Role, change: string): string {
  const { name, project } = contract[role];
  return `gcloud sql instances patch ${name} --project=${project} ${change}`;
}

/** `--database-flags` replaces all flags: those that stay are named with it. `^~^`: a value may have commas. */
function setFlag(contract: CloudContract, role: Role, { settings }: Instance, name: string, value: string): string {
  const others = (settings?.databaseFlags ?? []).filter((flag) => flag.name !== name);
  const flags = [...others, ...(value === "" ? [] : [{ name, value }])].map(
    (flag) => `${flag.name}=${flag.value ?? "on"}`,
  );
  if (flags.length === 0) return patch(contract, role, "--clear-database-flags");
  return patch(contract, role, `--database-flags='^~^${flags.join("~")}'`);
}
