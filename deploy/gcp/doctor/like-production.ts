// Whether the replica and staging can hold what production has, and behave as it does. Pure.
import { ok, type Verdict, warning } from "../../../contracts/examination.ts";
import type { WritableRole } from "../../../contracts/platform.ts";
import type { CloudContract } from "../../../contracts/sync-contract.ts";
import { type Compared, judgeSetting, judgeVersion, type ServerVersion } from "../../alike.ts";
import { type Database, flagOf, type Instance } from "./instance-documents.ts";
import { patch, setFlag } from "./patch-instance.ts";

/** Staging holds what is live, what is being loaded, and what was live before. */
const COPIES = { replica: 1, staging: 3 } as const;

/** https://cloud.google.com/sql/docs/mysql/instance-settings#machine-type-2ndgen */
const SHARED_CORE = ["db-f1-micro", "db-g1-small"];

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
