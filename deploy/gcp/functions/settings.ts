// What a deployment may set of a function, by its environment: the contract's place, and the stages' times.
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { z } from "zod";
import { readContractFiles, readScripts } from "../../../contracts/contract-files.ts";
import { FatalError } from "../../../contracts/errors.ts";
import { parseSyncContract } from "../../../contracts/parse-sync-contract.ts";
import type { CloudContract } from "../../../contracts/sync-contract.ts";
import type { StageSettings } from "../../../handlers/stage-deps.ts";

type Environment = Readonly<Record<string, string | undefined>>;

const PACKAGE = resolve(import.meta.dirname, "../../..");

const milliseconds = (usual: number) => z.coerce.number().int().positive().default(usual);

/** A push request ends at 600 s: a stage that would not be done by then has half a minute to say so. */
const CUT_OFF_MS = 570_000;

const Times = z.object({
  // A push request ends at 600 s; what a RetryAfter is held back for must fit in as well.
  UNDERSTUDY_BUDGET_MS: milliseconds(540_000),
  // Firestore bills each renewal, and a dead instance is rare: slower than where somebody is watching.
  UNDERSTUDY_LEASE_MS: milliseconds(90_000),
  UNDERSTUDY_HEARTBEAT_MS: milliseconds(30_000),
});

/** Throws FatalError `SETTING_INVALID`. */
export function stageSettings(environment: Environment): StageSettings {
  const parsed = Times.safeParse(environment);
  if (!parsed.success) {
    const names = parsed.error.issues.map(({ path }) => `\`${path.join(".")}\``).join(", ");
    throw new FatalError(
      "SETTING_INVALID",
      `${names} must be a whole number of milliseconds. Correct the function's environment.`,
    );
  }
  const { UNDERSTUDY_BUDGET_MS, UNDERSTUDY_LEASE_MS, UNDERSTUDY_HEARTBEAT_MS } = parsed.data;
  return {
    ...{ budgetMs: UNDERSTUDY_BUDGET_MS, cutOffMs: CUT_OFF_MS },
    ...{ leaseMs: UNDERSTUDY_LEASE_MS, heartbeatMs: UNDERSTUDY_HEARTBEAT_MS },
  };
}

/**
 * The contract that was deployed with the function: the file at UNDERSTUDY_CONTRACT, or sync.yaml beside package.json,
 * and what it extends.
 *
 * @throws FatalError `CONTRACT_NOT_FOUND`, `CONTRACT_NOT_CLOUD`, and what readContractFiles and parseSyncContract throw
 */
export async function readCloudContract(environment: Environment): Promise<CloudContract> {
  const name = environment["UNDERSTUDY_CONTRACT"] ?? "sync.yaml";
  const read = (file: string) => readFile(resolve(PACKAGE, file), "utf8").catch(() => undefined);
  const files = await readContractFiles(name, read);
  if (!files) {
    throw new FatalError(
      "CONTRACT_NOT_FOUND",
      `No sync contract can be read at \`${name}\`. Deploy it with the code, or name it in \`UNDERSTUDY_CONTRACT\`.`,
    );
  }
  const [{ text }, ...bases] = files;
  const contract = parseSyncContract(text, name, bases, await readScripts(files, read));
  if (contract.kind === "cloud-sql") return contract;
  throw new FatalError(
    "CONTRACT_NOT_CLOUD",
    `The contract at \`${name}\` is for servers by host and port. Functions need one whose roles have an \`instance\`.`,
  );
}
