// What is on the servers: the replica ours to wipe, production's tables fit for the others, the contract true of them.
import { isFatal } from "../../../contracts/errors.ts";
import { type Check, failed, ok, type Verdict, warning } from "../../../contracts/examination.ts";
import type { ReadSession } from "../../../contracts/platform.ts";
import { checkContract } from "../../../handlers/check-contract.ts";
import { checkServersFit } from "../../../handlers/check-fit.ts";
import { checkReplica } from "../../../handlers/check-replica.ts";
import type { Examined } from "../doctor.ts";

export function dataChecks(examined: Examined): Check[] {
  const { contract, session } = examined;
  return [
    ...(["production", "staging"] as const).map((role) => ({
      ...{ area: role, check: "database" },
      run: async () => checkDatabase(await session(role), contract[role].database),
    })),
    {
      area: "replica",
      check: "ours to wipe",
      async run() {
        const [first] = await checkReplica(examined);
        return first === undefined
          ? ok("holds nothing of anybody else's, and writes down nothing of production's")
          : warning(first, "Put `skip-log-bin` into that server's option file and start it anew.");
      },
    },
    {
      area: "servers",
      check: "production's tables fit",
      async run() {
        await checkServersFit(examined, "production");
        return ok("replica and staging know their types and collations");
      },
    },
    {
      area: "contract",
      check: "drift",
      async run() {
        await Promise.all([session("production"), session("staging")]); // out of reach is no drift
        try {
          await checkContract(examined);
          return ok("the contract and production's schema agree");
        } catch (error) {
          if (!isFatal(error)) throw error;
          return failed(`the contract and production's schema do not agree (${error.code})`, "npx understudy check");
        }
      },
    },
  ];
}

async function checkDatabase(session: ReadSession, database: string): Promise<Verdict> {
  const [found] = await session.query<{ collation: string }>(
    "SELECT default_collation_name AS collation FROM information_schema.schemata WHERE schema_name = ?",
    [database],
  );
  if (found) return ok(`\`${database}\`, ${found.collation}`);
  const detail = `there is no database \`${database}\` that the account may see`;
  return failed(detail, `Correct \`${session.role}.database\` in sync.yaml, or create that database.`);
}
