// Follows a run in the run store until it comes to a stop, and shows it meanwhile.
import type { Clock, RunStore } from "../contracts/platform.ts";
import type { Run } from "../contracts/run.ts";
import type { RunId } from "../events/run-id.ts";
import type { RunView } from "./render/view.ts";

/** Often enough for a bar to move smoothly; each look is one read of one document. */
const POLL_MS = 250;

export interface Following {
  readonly runs: Pick<RunStore, "get">;
  readonly clock: Clock;
  readonly runId: RunId;
  readonly view: RunView;
  /** Aborts to stop looking; the run itself goes on. */
  readonly signal: AbortSignal;
  readonly pollMs?: number;
}

/**
 * Resolves with the run when it has ended or failed, or as it was last seen (undefined: not opened yet) when `signal`
 * aborts. A failed run counts as stopped: nothing moves it but a replay.
 */
export async function followRun(following: Following): Promise<Run | undefined> {
  const { runs, clock, runId, view, signal, pollMs = POLL_MS } = following;
  try {
    for (;;) {
      const run = await runs.get(runId);
      view.update(run, clock.now());
      if (signal.aborted || (run && hasStopped(run))) return run;
      await clock.sleep(pollMs, signal);
    }
  } finally {
    view.close();
  }
}

/** True for a run that does not go on by itself. */
export function hasStopped({ status }: Run): boolean {
  return status !== "running" && status !== "abandoning";
}
