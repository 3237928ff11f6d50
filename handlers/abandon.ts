// Abandoning a run: nothing of it stays on the replica, in the bucket or in the lock.
import { FatalError, isFatal } from "../contracts/errors.ts";
import type { Platform } from "../contracts/platform.ts";
import type { Run } from "../contracts/run.ts";
import type { SyncContract } from "../contracts/sync-contract.ts";
import type { AbandonRequested } from "../events/index.ts";
import type { RunId } from "../events/run-id.ts";
import { importAttempt, loadFolder } from "./dump-names.ts";
import { withInstance } from "./instances.ts";
import { importRequest } from "./load-dump.ts";
import { restoreTriggers } from "./staging-objects.ts";
import { nextDatabase } from "./swapping/index.ts";
import { finishAbandoning, startAbandoning } from "./state/lifecycle.ts";
import { isOurs, wipeReplica } from "./wipe.ts";

const EXPORT_PRODUCTION = "export-production";

type Needs = Omit<Platform, "bus">;

/**
 * Closes the run to every claim, stops its operations, wipes the replica, deletes its dumps and frees the lock.
 *
 * Can be called again after a crash; it goes on where it was.
 *
 * @throws FatalError `RUN_UNKNOWN`, `RUN_CLOSED`
 */
export async function abandonRun(platform: Needs, contract: SyncContract, runId: RunId, reason: string): Promise<void> {
  const started = await platform.runs.update(runId, (run) => startAbandoning(run, reason));
  if (!started) throw cannotAbandon(await platform.runs.get(runId), runId);
  await leaveNothing(platform, contract, runId);
}

/** The same by request: false where the run is closed, or was replayed since and only a failed one was meant. */
export async function abandonAsRequested(
  platform: Needs,
  contract: SyncContract,
  { runId, reason, onlyIfFailed }: AbandonRequested["data"],
): Promise<boolean> {
  const started = await platform.runs.update(runId, (run) =>
    onlyIfFailed && run?.status === "running" ? { result: false } : startAbandoning(run, reason),
  );
  if (started) await leaveNothing(platform, contract, runId);
  return started;
}

async function leaveNothing(platform: Needs, contract: SyncContract, runId: RunId): Promise<void> {
  const { runs, sql, clock } = platform;
  const run = await runs.get(runId);
  for (const [stage, operation] of operationsOf(run?.stages ?? {})) {
    // An export of production only reads, and who abandons may have no say there. Its dump is removed when it comes.
    const mayGoOn = (error: unknown) => {
      if (stage !== EXPORT_PRODUCTION || !isFatal(error)) throw error;
    };
    await sql.cancel(operation).catch(mayGoOn);
  }
  await stopUnnotedImports(platform, contract, runId);
  await withInstance({ platform, contract }, "replica", async (session) => {
    // Asked under the fence: another process may have ended this since, and what is there now is the next run's.
    const isAbandoning = (await runs.get(runId))?.status === "abandoning";
    const { database } = contract.replica;
    // Tables of somebody else's stopped the run before it brought anything: there is nothing of it to wipe.
    if (isAbandoning && (await isOurs(session, database))) await wipeReplica(session, database);
  });
  await restoreTriggers({ platform, contract }, runId);
  await removeDumps(platform, runId);
  await runs.updateWithLock(contract.pipeline, runId, (current, lock) => finishAbandoning(current, lock, clock.now()));
}

/** An import whose process died between starting and noting it would bring rows to what is wiped. Its object is there. */
async function stopUnnotedImports({ objects, sql }: Needs, contract: SyncContract, runId: RunId): Promise<void> {
  const databases = { replica: contract.replica.database, staging: nextDatabase(contract.staging.database) };
  for (const role of ["replica", "staging"] as const) {
    for (const { name } of await objects.list(loadFolder(runId, role))) {
      const attempt = importAttempt(runId, role, name);
      if (attempt === undefined) continue;
      const operation = await sql.find(
        importRequest({ runId, role, database: databases[role], attempt, object: name }),
      );
      if (operation !== undefined) await sql.cancel(operation);
    }
  }
}

/** Deletes every object of a run. */
export async function removeDumps({ objects }: Pick<Needs, "objects">, runId: RunId): Promise<void> {
  for (const object of await objects.list(`runs/${runId}/`)) await objects.remove(object.name);
}

/** The operations that the stages noted in their checkpoints (`{ operation: name }`), each with its stage. */
function operationsOf(stages: Run["stages"]): [stage: string, operation: string][] {
  return Object.values(stages).flatMap(({ stage, checkpoint }): [string, string][] => {
    const operation = (checkpoint as { operation?: unknown } | undefined)?.operation;
    return typeof operation === "string" ? [[stage, operation]] : [];
  });
}

/** Why a run cannot be abandoned that holds no lock, or that nobody knows. */
export function cannotAbandon(run: Run | undefined, runId: RunId): FatalError {
  return run
    ? new FatalError("RUN_CLOSED", `Run \`${runId}\` is ${run.status}: there is nothing to abandon.`)
    : new FatalError("RUN_UNKNOWN", `There is no run \`${runId}\`. \`understudy runs\` lists them.`);
}
