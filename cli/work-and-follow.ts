// Follows a run on the screen; in a world where events are delivered by this process, does the work meanwhile.
import { FatalError } from "../contracts/errors.ts";
import type { Run } from "../contracts/run.ts";
import type { RunId } from "../events/run-id.ts";
import type { CommandContext } from "./command.ts";
import { followRun } from "./follow.ts";
import { commandHint } from "./hints.ts";
import { openView } from "./render/view.ts";

/**
 * Resolves when the run has come to a stop, or the operator has interrupted; what was at work is put down by then.
 *
 * @throws FatalError `RUN_NOT_OPENED` when it was interrupted before anybody took the request up
 */
export async function workAndFollow(context: CommandContext, runId: RunId): Promise<Run> {
  const { world, screen, environment, signal } = context;
  world.work?.start();
  try {
    const { runs, clock } = world.platform;
    const run = await followRun({ runs, clock, runId, view: openView(screen, environment), signal });
    if (run) return run;
  } finally {
    await world.work?.stop();
  }
  throw new FatalError(
    "RUN_NOT_OPENED",
    `Run \`${runId}\` is requested, and nobody has taken it up yet. Look for it later with ${commandHint(context, `show ${runId}`)}.`,
  );
}
