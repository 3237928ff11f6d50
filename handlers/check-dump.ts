// A rewritten dump against the server that is to load it: what would end the import in the middle is told before it.
import { FatalError } from "../contracts/errors.ts";
import type { ReadSession } from "../contracts/platform.ts";
import type { RewriteCheckpoint } from "./dump/index.ts";
import { checkCollations } from "./mysql/collations.ts";
import { describeServer, isFeature, lacks } from "./mysql/features.ts";
import { refuseFolding } from "./mysql/table-names.ts";

/** What a dump needs of a server. */
export type DumpNeeds = Pick<
  RewriteCheckpoint,
  "bytesOut" | "collations" | "databaseCollation" | "features" | "longest" | "tables"
>;

/**
 * @param session on the server that is to load the dump
 * @throws FatalError `DUMP_COLLATION_UNKNOWN`, `SCHEMA_DOES_NOT_FIT`, `PACKET_TOO_LARGE`
 */
export async function checkDump(
  session: ReadSession,
  { collations, features, longest, tables }: Omit<DumpNeeds, "bytesOut" | "databaseCollation">,
): Promise<void> {
  await checkCollations(session, collations);
  await checkFeatures(session, features);
  await refuseFolding(session, tables);
  const [row] = await session.query<{ limit: number | string }>("SELECT @@GLOBAL.max_allowed_packet AS `limit`");
  const limit = Number(row?.limit);
  if (longest.bytes < limit) return;
  throw new FatalError(
    "PACKET_TOO_LARGE",
    `The ${session.role} server takes statements of less than ${limit} bytes, and the one at line ${longest.line} (byte ${longest.offset}) of the uncompressed dump has ${longest.bytes}. Nothing was imported. Raise \`max_allowed_packet\` on ${session.role} to production's, then replay the run.`,
  );
}

async function checkFeatures(session: ReadSession, features: DumpNeeds["features"]): Promise<void> {
  const server = await describeServer(session);
  const lacking = Object.entries(features).filter(([feature]) => isFeature(feature) && lacks(server, feature));
  if (lacking.length === 0) return;
  const told = lacking.map(([feature, place]) => `${feature} (first in \`${place}\`)`).join(", ");
  throw new FatalError(
    "SCHEMA_DOES_NOT_FIT",
    `The ${session.role} server (${server.flavour} ${server.version.join(".")}) cannot hold what the dump has: it lacks ${told}. Nothing was imported. Give ${session.role} a server like production's, or change what needs it, then request a new run.`,
  );
}
