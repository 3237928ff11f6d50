// The three servers: reached, as the accounts that a run uses, and alike where staging is to behave like production.
import { type Check, failed, ok, type Verdict, warning } from "../../../contracts/examination.ts";
import type { ReadSession, Role, WritableRole } from "../../../contracts/platform.ts";
import { checkInstancesDiffer } from "../../../handlers/instances.ts";
import { COMPARED, type Compared, judgeSetting, judgeVersion, parseVersion } from "../../alike.ts";
import type { Examined } from "../doctor.ts";
import { checkPrivileges } from "./privileges.ts";

const ROLES = ["production", "replica", "staging"] as const;

export function serverChecks(examined: Examined): Check[] {
  return [
    ...ROLES.flatMap((role) => checksOf(examined, role)),
    {
      area: "servers",
      check: "three of them",
      async run() {
        await checkInstancesDiffer(examined);
        return ok("production, replica and staging are different servers");
      },
    },
  ];
}

function checksOf({ contract, session }: Examined, role: Role): Check[] {
  const { host, port, user, database } = contract[role];
  const check = (name: string, run: (session: ReadSession) => Promise<Verdict>): Check => ({
    ...{ area: role, check: name },
    run: async () => run(await session(role)),
  });
  return [
    check("connection", async () => ok(`\`${host}:${port}\` as \`${user}\``)),
    check("privileges", (own) => checkPrivileges(own, role, database, contract.load.objects)),
    ...(role === "production"
      ? [check("version", async (own) => ok(await versionOf(own)))]
      : likeProduction(role, database, check, () => session("production"))),
  ];
}

function likeProduction(
  role: WritableRole,
  database: string,
  check: (name: string, run: (session: ReadSession) => Promise<Verdict>) => Check,
  production: () => Promise<ReadSession>,
): Check[] {
  return [
    check("version", async (own) =>
      judgeVersion(role, parseVersion(await versionOf(await production())), parseVersion(await versionOf(own))),
    ),
    ...(Object.keys(COMPARED) as Compared[]).map((name) =>
      check(name, async (own) => {
        const wanted = await variable(await production(), name);
        return judgeSetting(name, wanted, await variable(own, name), remedyOf(name, wanted));
      }),
    ),
    ...(role === "staging" ? [check("triggers", (own) => checkTriggers(own, database))] : []),
  ];
}

/** https://dev.mysql.com/doc/refman/8.4/en/server-system-variables.html#sysvar_lower_case_table_names */
function remedyOf(name: Compared, value: string): string {
  return name === "lower_case_table_names"
    ? `Make that server anew with \`lower_case_table_names=${value}\`: it cannot be changed afterwards.`
    : `SET GLOBAL ${name} = '${value}'; -- and in the server's option file`;
}

/**
 * A swap creates staging's triggers anew.
 * https://dev.mysql.com/doc/refman/8.4/en/stored-programs-logging.html
 */
async function checkTriggers(staging: ReadSession, database: string): Promise<Verdict> {
  if ((await variable(staging, "log_bin")) !== "ON") return ok("may be created: no binary log");
  if ((await variable(staging, "log_bin_trust_function_creators")) === "ON") {
    return ok("may be created: log_bin_trust_function_creators is on");
  }
  const triggers = await staging.query("SELECT 1 FROM information_schema.triggers WHERE trigger_schema = ?", [
    database,
  ]);
  const detail = "it writes a binary log and trusts nobody who creates triggers (error 1419)";
  const remedy = "SET GLOBAL log_bin_trust_function_creators = 1; -- and in the server's option file";
  if (triggers.length === 0) return warning(`${detail}; there are none now`, remedy);
  return failed(`${detail}: a swap cannot put back the ${triggers.length} that there are`, remedy);
}

async function versionOf(session: ReadSession): Promise<string> {
  const [row] = await session.query<{ version: string }>("SELECT VERSION() AS version");
  return row?.version ?? "";
}

async function variable(session: ReadSession, name: string): Promise<string> {
  const [row] = await session.query<{ Value: string }>("SHOW GLOBAL VARIABLES WHERE Variable_name = ?", [name]);
  return row?.Value ?? "";
}
