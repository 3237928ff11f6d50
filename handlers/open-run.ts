// Opens a run where an event may: takes the pipeline's lock, or records that another run has it.
import type { Logger, RunOpening } from "../contracts/stage.ts";
import type { RunId } from "../events/run-id.ts";
import { abandonFailedRun } from "./abandon.ts";
import type { StageDeps } from "./stage-deps.ts";
import { open, type Opening } from "./state/lifecycle.ts";

/** Opens the run that `opening` is about, if any; a failed run in the way is abandoned first. */
export async function openRun(
  { contract, platform }: StageDeps,
  opening: RunOpening | undefined,
  runId: RunId,
  log: Logger,
): Promise<"open" | "refused" | "unknown-pipeline"> {
  const { pipeline } = contract;
  if (opening && (opening.pipeline ?? pipeline) !== pipeline) return "unknown-pipeline";
  const { runs, clock } = platform;
  if (!opening || (await runs.get(runId))) return "open";
  for (;;) {
    const lock = await runs.getLock(pipeline);
    const holder = lock && (await runs.get(lock.runId));
    const result = await runs.updateWithLock<Opening | { kind: "changed" }>(pipeline, runId, (run, current) =>
      // The lock changed hands since: look again rather than decide on what is no longer so.
      current?.runId === lock?.runId
        ? open(run, current, holder, { ...opening, pipeline, runId, now: clock.now() })
        : { result: { kind: "changed" } },
    );
    if (result.kind === "refused") {
      log.warn({ holder: result.holder }, "Another run is active: this request is refused.");
      return "refused";
    }
    if (result.kind === "held") {
      await abandonFailedRun(platform, contract, result.holder, `A new run, \`${runId}\`, was requested.`);
    } else if (result.kind !== "changed") return "open";
  }
}
