// Rolling staging back: to the data that the last swap put aside, in one statement, or to the backup of before the load.
import { FatalError, RetryAfter } from "../contracts/errors.ts";
import type { OperationRequest, Platform, WriteSession } from "../contracts/platform.ts";
import type { Run } from "../contracts/run.ts";
import type { SyncContract } from "../contracts/sync-contract.ts";
import type { RollbackRequested } from "../events/index.ts";
import { reportOf } from "../contracts/report.ts";
import { withInstance } from "./instances.ts";
import { followOperation } from "./operations.ts";
import { keepTriggers, removeKept, settleObjects } from "./staging-objects.ts";
import {
  dropTriggers,
  forgetSwapBack,
  isSwappedBack,
  nextDatabase,
  previousDatabase,
  stays,
  swapBack,
} from "./swapping/index.ts";

type Needs = Omit<Platform, "bus">;
type Request = RollbackRequested["data"];
type Synced = Extract<Run, { status: "synced" }>;

/** The last run that synced is among them. */
const RECENT = 100;
/** A push request ends at 600 s. */
const FOLLOW_MS = 480_000;
const AGAIN_MS = 5_000;

/**
 * Rolls staging back as asked. Called again with the same request it goes on where it was, or does nothing.
 *
 * @returns false where this request was answered before
 * @throws FatalError `ROLLBACK_NOTHING`, `ROLLBACK_RUN_ACTIVE`, `RUN_UNKNOWN`, and what the restore failed with; RetryAfter
 *   while the restore goes on
 */
export async function rollBack(platform: Needs, contract: SyncContract, request: Request): Promise<boolean> {
  const run = await syncedRun(platform, request);
  if (run.rolledBack?.request === request.request) return false;
  await refuseBesideRun(platform, contract);
  await refuseOlder(platform, contract, request);
  if (request.to === "backup") await restore(platform, contract, run, request);
  else await toPrevious(platform, contract, request);
  const at = platform.clock.now().toISOString();
  // The same way again leads back to the run's data.
  const isUndone = request.to === "previous" && run.rolledBack?.to === "previous" && run.rolledBack.stands;
  const rolledBack = { at, to: request.to, request: request.request, stands: !isUndone };
  await change(platform, request.runId, ({ restoring: _done, ...current }) => ({ ...current, rolledBack }));
  if (request.to === "previous") await forget(platform, contract, request);
  return true;
}

async function toPrevious(platform: Needs, contract: SyncContract, { runId }: Request): Promise<void> {
  const live = contract.staging.database;
  const swap = {
    ...{ live, next: nextDatabase(live), previous: previousDatabase(live) },
    stays: stays(contract.load.keepTables),
  };
  await withInstance({ platform, contract }, "staging", async (session: WriteSession) => {
    if (await isSwappedBack(session, swap.previous)) return; // and nobody has noted it
    await keepTriggers({ platform, contract }, session, runId, { live, next: swap.previous });
    await dropTriggers(session, live);
    await swapBack(session, swap);
  });
  await settleObjects({ platform, contract }, runId);
}

async function forget(platform: Needs, contract: SyncContract, { runId }: Request): Promise<void> {
  await removeKept(platform, runId);
  const previous = previousDatabase(contract.staging.database);
  await withInstance({ platform, contract }, "staging", (session) => forgetSwapBack(session, previous));
}

/** Starts the restore, or takes up the one that this request has started. */
async function restore(platform: Needs, contract: SyncContract, run: Synced, { request }: Request): Promise<void> {
  const backup = reportOf(run, platform.clock.now()).staging?.backup;
  if (backup === undefined) throw nothing(`Run \`${run.runId}\` has noted no backup.`);
  const operation: OperationRequest = {
    type: "restore",
    key: `${run.runId}/restore-staging/${request}`,
    role: "staging",
    database: contract.staging.database,
    backup,
  };
  const name = await startedOnce(platform, run, request, operation);
  const found = await followOperation({ platform, signal: AbortSignal.timeout(FOLLOW_MS) }, name);
  if (!found) {
    throw new RetryAfter("ROLLBACK_UNDER_WAY", AGAIN_MS, "Staging is being restored from its backup.", { busy: true });
  }
  if (found.error) throw new FatalError(found.error.code, found.error.message);
}

async function startedOnce(
  platform: Needs,
  run: Synced,
  request: string,
  operation: OperationRequest,
): Promise<string> {
  if (run.restoring?.request === request) return run.restoring.operation;
  const name = (await platform.sql.find(operation)) ?? (await platform.sql.start(operation));
  await change(platform, run.runId, (current) => ({ ...current, restoring: { request, operation: name } }));
  return name;
}

async function change(platform: Needs, runId: string, how: (run: Synced) => Synced): Promise<void> {
  await platform.runs.update(runId, (current) =>
    current?.status === "synced" ? { run: how(current), result: undefined } : { result: undefined },
  );
}

async function syncedRun(platform: Needs, { runId }: Request): Promise<Synced> {
  const run = await platform.runs.get(runId);
  if (run?.status === "synced") return run;
  if (run) throw nothing(`Run \`${runId}\` is ${run.status} and has brought staging nothing.`);
  throw new FatalError("RUN_UNKNOWN", `There is no run \`${runId}\`. \`understudy runs\` lists them.`);
}

/** The previous data is that of before the last run that synced, whatever run is named. */
async function refuseOlder(platform: Needs, { pipeline }: SyncContract, { runId, to }: Request): Promise<void> {
  if (to === "backup") return;
  const recent = await platform.runs.list(pipeline, RECENT);
  const last = recent.find(({ status }) => status === "synced");
  if (last === undefined || last.runId === runId) return;
  throw nothing(`Run \`${last.runId}\` has synced since \`${runId}\`, and what that one put aside is gone.`);
}

/** A run that is active may be about to swap; one that failed is replayed or abandoned first. */
async function refuseBesideRun(platform: Needs, contract: SyncContract): Promise<void> {
  const lock = await platform.runs.getLock(contract.pipeline);
  if (!lock) return;
  throw new FatalError(
    "ROLLBACK_RUN_ACTIVE",
    `Run \`${lock.runId}\` holds the pipeline. Wait until it is over, or abandon it, then roll back.`,
  );
}

function nothing(fact: string): FatalError {
  return new FatalError("ROLLBACK_NOTHING", `${fact} \`understudy runs\` lists the runs that synced.`);
}
