// Opens a run where an event may: takes the pipeline's lock, or records that another run has it.
import { RetryAfter } from "../contracts/errors.ts";
import type { Logger, RunOpening } from "../contracts/stage.ts";
import { AbandonRequested } from "../events/index.ts";
import type { RunId } from "../events/run-id.ts";
import type { StageDeps } from "./stage-deps.ts";
import { open, type Opening } from "./state/lifecycle.ts";

/** To abandon a run takes a second or two: its operations are stopped and the replica is wiped. */
const ABANDON_MS = 2_000;

/**
 * Opens the run that `opening` is about, if any.
 *
 * @throws RetryAfter `RUN_IN_THE_WAY` where a failed run holds the lock: it was asked to be abandoned first
 */
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
      throw await abandonFirst(platform, result.holder, runId);
    }
    if (result.kind !== "changed") return "open";
  }
}

async function abandonFirst({ bus }: StageDeps["platform"], holder: RunId, runId: RunId): Promise<RetryAfter> {
  const reason = `A new run, \`${runId}\`, was requested.`;
  await bus.publish(AbandonRequested.create({ runId: holder, reason, onlyIfFailed: true }));
  const message = `Run \`${holder}\` failed and is abandoned before \`${runId}\` begins.`;
  return new RetryAfter("RUN_IN_THE_WAY", ABANDON_MS, message);
}
