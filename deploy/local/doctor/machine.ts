// This machine: the masking key, the tool of exports, and room for the dumps.
import { statfs } from "node:fs/promises";
import { dirname } from "node:path";
import { type Check, failed, ok, type Verdict, warning } from "../../../contracts/examination.ts";
import { FRESH_KEY } from "../../../contracts/sync-contract.ts";
import { MASKING_KEY_BYTES } from "../../../handlers/mask.ts";
import { parseVersion } from "../../alike.ts";
import type { Examined } from "../doctor.ts";
import { findTools } from "../sql-admin/tools.ts";

/** @param dumps the directory of the dumps, absolute; it need not be there yet */
export function machineChecks(examined: Examined, dumps: string): Check[] {
  return [
    { area: "secrets", check: "masking key", run: () => checkMaskingKey(examined) },
    { area: "this machine", check: "dump tool", run: () => checkTools(examined) },
    { area: "this machine", check: "disk room", run: () => checkRoom(examined, dumps) },
  ];
}

async function checkMaskingKey({ contract, platform }: Examined): Promise<Verdict> {
  const reference = contract.masking.key;
  if (reference === FRESH_KEY) return ok("a fresh one for each run: nothing to read");
  const bytes = Buffer.byteLength(await platform.secrets.read(reference));
  if (bytes >= MASKING_KEY_BYTES) return ok(`\`${reference}\` is set and long enough`);
  const [, name = ""] = reference.split(":");
  return failed(
    `\`${reference}\` has ${bytes} bytes; it needs ${MASKING_KEY_BYTES} or more`,
    `export ${name}="$(openssl rand -hex ${MASKING_KEY_BYTES})"`,
  );
}

async function checkTools({ session }: Examined): Promise<Verdict> {
  const [row] = await (await session("production")).query<{ version: string }>("SELECT VERSION() AS version");
  const server = parseVersion(row?.version ?? "").flavour === "MariaDB" ? "mariadb" : "mysql";
  const tools = await findTools("dump", server);
  return ok(tools.map(({ path }) => `\`${path}\``).join(", "));
}

/**
 * A dump that is being loaded is there twice, as it came and rewritten, neither compressed; what is as large as production
 * holds each. As much again holds the backups, which are compressed.
 */
async function checkRoom({ contract, session }: Examined, dumps: string): Promise<Verdict> {
  const [row] = await (
    await session("production")
  ).query<{ bytes: string | number | null }>(
    "SELECT SUM(data_length) AS bytes FROM information_schema.tables WHERE table_schema = ?",
    [contract.production.database],
  );
  const [data, free] = [Number(row?.bytes ?? 0), await freeBytes(dumps)];
  const detail = `${gigabytes(free)} free for dumps, production has ${gigabytes(data)} of rows`;
  if (free >= 3 * data) return ok(detail);
  return warning(detail, `Free some space below \`${dumps}\`, or name another directory as \`dumps\` in sync.yaml.`);
}

async function freeBytes(directory: string): Promise<number> {
  try {
    const { bavail, bsize } = await statfs(directory);
    return bavail * bsize;
  } catch (error) {
    if (dirname(directory) === directory) throw error;
    return freeBytes(dirname(directory));
  }
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`;
}
