// The gcp world as an operator's machine sees it: it publishes and looks; the functions do the work.
import { FatalError } from "../../contracts/errors.ts";
import type { Clock } from "../../contracts/platform.ts";
import { holdsLock } from "../../contracts/run.ts";
import type { CloudContract } from "../../contracts/sync-contract.ts";
import { AbandonRequested, RollbackRequested } from "../../events/index.ts";
import type { RunId } from "../../events/run-id.ts";
import { cannotAbandon } from "../../handlers/abandon.ts";
import type { World, WorldOptions } from "../world.ts";
import { type GcpPlatform, openGcpPlatform } from "./platform.ts";

/** Each look is a read that Firestore bills. */
const LOOK_EVERY_MS = 2_000;

/** Stopping an operation, wiping the replica and deleting the dumps; with a redelivery or two. */
const ABANDON_MS = 15 * 60_000;

/** A restore of a whole instance is the longest of it. */
const ROLLBACK_MS = 60 * 60_000;

/** Opens the gcp world of a contract. Nothing is loaded or asked before it is used. */
export function openGcpWorld(
  contract: CloudContract,
  { environment }: Pick<WorldOptions, "environment">,
): World & { readonly platform: GcpPlatform } {
  const platform = openGcpPlatform(contract, { environment });
  return {
    platform,
    lookEveryMs: LOOK_EVERY_MS,
    abandon: (runId, reason) => abandonByEvent(platform, runId, reason),
    rollBack: (request) => rollBackByEvent(platform, request),
    async *examine() {
      const { examineCloud } = await import("./doctor/index.ts");
      yield* examineCloud(contract, { environment });
    },
    close: () => platform.close(),
  };
}

/** Asks the function `abandon`, which alone reaches the replica, and waits until it is done. */
async function abandonByEvent({ runs, bus, clock }: GcpPlatform, runId: RunId, reason: string): Promise<void> {
  const run = await runs.get(runId);
  if (!run || !holdsLock(run)) throw cannotAbandon(run, runId);
  await bus.publish(AbandonRequested.create({ runId, reason, onlyIfFailed: false }));
  const isAbandoned = async () => (await runs.get(runId))?.status === "abandoned";
  if (!(await comesTrue(clock, isAbandoned, ABANDON_MS))) throw notAbandoned(runId);
}

/** Asks the function `rollback`, which alone reaches staging, and waits until it is done. */
async function rollBackByEvent({ runs, bus, clock }: GcpPlatform, request: RollbackRequested["data"]): Promise<void> {
  await bus.publish(RollbackRequested.create(request));
  const isDone = async () => {
    const run = await runs.get(request.runId);
    return run?.status === "synced" && run.rolledBack?.request === request.request;
  };
  if (!(await comesTrue(clock, isDone, ROLLBACK_MS))) throw notRolledBack(request.runId);
}

/** Looks until it is so; false where it is not in time. */
async function comesTrue(clock: Clock, isSo: () => Promise<boolean>, withinMs: number): Promise<boolean> {
  const deadline = clock.now().getTime() + withinMs;
  while (!(await isSo())) {
    if (clock.now().getTime() > deadline) return false;
    await clock.sleep(LOOK_EVERY_MS);
  }
  return true;
}

function notRolledBack(runId: RunId): FatalError {
  return new FatalError(
    "ROLLBACK_UNANSWERED",
    `Staging was asked to be rolled back from run \`${runId}\` ${ROLLBACK_MS / 60_000} minutes ago and is not. Read the log of the function \`rollback\`, mend what it says, then roll back again.`,
  );
}

function notAbandoned(runId: RunId): FatalError {
  return new FatalError(
    "ABANDON_UNANSWERED",
    `Run \`${runId}\` was asked to be abandoned ${ABANDON_MS / 60_000} minutes ago and is not. Read the log of the function \`abandon\`, mend what it says, then abandon again.`,
  );
}
