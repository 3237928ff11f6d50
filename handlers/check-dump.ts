// A rewritten dump against the server that is to load it: what would end the import in the middle is told before it.
import { FatalError } from "../contracts/errors.ts";
import type { ReadSession } from "../contracts/platform.ts";
import type { RewriteCheckpoint } from "./dump/index.ts";
import { checkCollations } from "./mysql/collations.ts";

/** What a dump needs of a server. */
export type DumpNeeds = Pick<RewriteCheckpoint, "bytesOut" | "collations" | "databaseCollation" | "longest">;

/**
 * @param session on the server that is to load the dump
 * @throws FatalError `DUMP_COLLATION_UNKNOWN`, `PACKET_TOO_LARGE`
 */
export async function checkDump(
  session: ReadSession,
  { collations, longest }: Pick<DumpNeeds, "collations" | "longest">,
): Promise<void> {
  await checkCollations(session, collations);
  const [row] = await session.query<{ limit: number | string }>("SELECT @@GLOBAL.max_allowed_packet AS `limit`");
  const limit = Number(row?.limit);
  if (longest.bytes < limit) return;
  throw new FatalError(
    "PACKET_TOO_LARGE",
    `The ${session.role} server takes statements of less than ${limit} bytes, and the one at line ${longest.line} (byte ${longest.offset}) of the uncompressed dump has ${longest.bytes}. Nothing was imported. Raise \`max_allowed_packet\` on ${session.role} to production's, then replay the run.`,
  );
}
