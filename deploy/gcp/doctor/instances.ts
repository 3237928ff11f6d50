// The three Cloud SQL instances by what the Admin API tells of them: nobody connects to one.
import type { Check, Verdict } from "../../../contracts/examination.ts";
import type { Role, WritableRole } from "../../../contracts/platform.ts";
import type { CloudContract } from "../../../contracts/sync-contract.ts";
import { COMPARED, type Compared } from "../../alike.ts";
import type { Endpoints } from "../endpoints.ts";
import type { Ask } from "./ask.ts";
import { Database, Instance, Users } from "./instance-documents.ts";
import {
  judgeBackups,
  judgeAuditLog,
  judgeBinaryLog,
  judgeIamLogin,
  judgePrivateAddress,
  judgePublicAddress,
  judgeState,
  judgeUsers,
} from "./instance-judges.ts";
import {
  judgeDatabase,
  judgeDisk,
  judgeFlag,
  judgeInstanceVersion,
  judgeTier,
  judgeTriggers,
} from "./like-production.ts";

/** Questions about the contract's instances; they throw Unanswered. */
export function openInstances(contract: CloudContract, ask: Ask, { sqlAdmin }: Pick<Endpoints, "sqlAdmin">) {
  const question = (role: Role) => {
    const { project, name } = contract[role];
    return {
      url: `${sqlAdmin}/v1/projects/${project}/instances/${name}`,
      ...{ what: `the instance \`${name}\` in project \`${project}\``, project },
      ...{ service: "sqladmin.googleapis.com", permission: "cloudsql.instances.get", role: "roles/cloudsql.viewer" },
      missing: `Correct \`${role}.instance\` in sync.yaml, or create the instance.`,
    };
  };
  return {
    instance: (role: Role) => ask({ ...question(role), schema: Instance }),
    users(role: WritableRole) {
      const asked = question(role);
      return ask({ ...asked, url: `${asked.url}/users`, permission: "cloudsql.users.list", schema: Users });
    },
    database(role: Role) {
      const asked = question(role);
      const { database, project, name } = contract[role];
      return ask({
        ...asked,
        url: `${asked.url}/databases/${encodeURIComponent(database)}`,
        what: `the database \`${database}\` on \`${name}\``,
        permission: "cloudsql.databases.get",
        missing:
          role === "staging"
            ? `gcloud sql databases create ${database} --instance=${name} --project=${project}`
            : `Correct \`${role}.database\` in sync.yaml.`,
        schema: Database,
      });
    },
  };
}

export function instanceChecks(
  contract: CloudContract,
  { instance, database, users }: ReturnType<typeof openInstances>,
): Check[] {
  const check = (role: Role, name: string, judge: (own: Instance) => Promise<Verdict> | Verdict): Check => ({
    ...{ area: role, check: name },
    run: async () => judge(await instance(role)),
  });
  const likeProduction = (role: "replica" | "staging"): Check[] => [
    check(role, "version", async (own) => judgeInstanceVersion(role, await instance("production"), own)),
    ...(Object.keys(COMPARED) as Compared[]).map((name) =>
      check(role, name, async (own) => judgeFlag(contract, role, name, await instance("production"), own)),
    ),
    check(role, "disk room", async (own) => judgeDisk(contract, role, await instance("production"), own)),
    check(role, "tier", judgeTier),
  ];
  const reached = (role: "replica" | "staging"): Check[] => [
    check(role, "state", (own) => judgeState(contract, role, own)),
    check(role, "private address", (own) => judgePrivateAddress(contract, role, own)),
    check(role, "public address", (own) => judgePublicAddress(contract, role, own)),
    check(role, "login", (own) => judgeIamLogin(contract, role, own)),
    { area: role, check: "users", run: async () => judgeUsers(contract, role, await users(role)) },
  ];
  return [
    check("production", "state", (own) => judgeState(contract, "production", own)),
    { area: "production", check: "database", run: async () => judgeDatabase(await database("production")) },
    ...reached("replica"),
    check("replica", "backups", (own) => judgeBackups(contract, own)),
    check("replica", "binary log", (own) => judgeBinaryLog(contract, own)),
    check("replica", "audit log", (own) => judgeAuditLog(contract, own)),
    ...likeProduction("replica"),
    ...reached("staging"),
    {
      ...{ area: "staging", check: "database" },
      run: async () => judgeDatabase(await database("staging"), await database("production")),
    },
    ...likeProduction("staging"),
    check("staging", "triggers", (own) => judgeTriggers(contract, own)),
  ];
}
