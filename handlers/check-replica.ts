// The replica before production's rows come near it: that it is ours to wipe, and what its server would write down of them.
import type { ReadSession } from "../contracts/platform.ts";
import type { StageContext } from "../contracts/stage.ts";
import { checkLogs } from "./masking/index.ts";
import { checkReplicaIsOurs } from "./wipe.ts";

/**
 * Checks the replica without writing to it.
 *
 * @returns warnings for the report: what is left behind that no account without SUPER can prevent
 * @throws FatalError `REPLICA_NOT_OURS`, `MASK_KEY_LOGGED`
 */
export async function checkReplica({
  platform,
  contract,
}: Pick<StageContext, "platform" | "contract">): Promise<string[]> {
  const session = await platform.databases.read("replica");
  try {
    await checkReplicaIsOurs(session, contract.replica.database);
    await checkLogs(session);
    return await binaryLogWarnings(session);
  } finally {
    await session.close();
  }
}

/** MySQL 8 and later write a binary log unless told otherwise, and keep it for 30 days. */
async function binaryLogWarnings(session: ReadSession): Promise<string[]> {
  const [setting] = await session.query<{ Value: string }>("SHOW GLOBAL VARIABLES LIKE 'log_bin'");
  if (setting?.Value !== "ON") return [];
  return [
    "The replica's server writes a binary log, which holds production's rows until it expires. Start that server with `skip-log-bin` (on Cloud SQL: without point-in-time recovery).",
  ];
}
