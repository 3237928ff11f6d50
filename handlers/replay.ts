// Replaying a dead-lettered stage: reopened with a new epoch, its original event published again.
import { FatalError } from "../contracts/errors.ts";
import type { Platform } from "../contracts/platform.ts";
import type { RunId } from "../events/run-id.ts";
import { replay } from "./state/lifecycle.ts";

/**
 * Replays the failed stages of a run, or the one named `stage`.
 *
 * @returns how many it moved: 0 when nothing has failed, as on the second call
 * @throws FatalError `RUN_UNKNOWN`, `RUN_CLOSED`
 */
export async function replayStage(
  { runs, bus, clock }: Pick<Platform, "runs" | "bus" | "clock">,
  runId: RunId,
  stage?: string,
): Promise<{ readonly moved: number }> {
  const run = await runs.get(runId);
  if (!run) throw new FatalError("RUN_UNKNOWN", `There is no run \`${runId}\`. \`understudy runs\` lists them.`);
  if (run.status !== "running" && run.status !== "failed") {
    throw new FatalError("RUN_CLOSED", `Run \`${runId}\` is ${run.status}: it cannot be replayed. Request a new run.`);
  }
  const { moved, stillWaiting } = await runs.update(runId, (current) =>
    current ? replay(current, stage, clock.now()) : { result: { moved: [], stillWaiting: [] } },
  );
  // The others: a replay that died before it published left its stage waiting, and a parallel stage's message was
  // acknowledged while the run was failed.
  for (const event of [...moved, ...stillWaiting]) await bus.publish(event);
  return { moved: moved.length };
}
