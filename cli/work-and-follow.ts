// Follows a run on the screen; in a world where events are delivered by this process, does the work meanwhile.
import type { Run } from "../contracts/run.ts";
import type { RunId } from "../events/run-id.ts";
import type { CommandContext } from "./command.ts";
import { followRun } from "./follow.ts";
import { openView } from "./render/view.ts";

/** As `followOnScreen`; what was at work in this process is put down when it resolves. */
export async function workAndFollow(context: CommandContext, runId: RunId): Promise<Run | undefined> {
  const { work } = context.world;
  work?.start();
  try {
    return await followOnScreen(context, runId);
  } finally {
    await work?.stop();
  }
}

/** Resolves when the run has come to a stop, or the operator has interrupted; undefined: it was not opened until then. */
export function followOnScreen(context: CommandContext, runId: RunId): Promise<Run | undefined> {
  const { world, screen, environment, signal } = context;
  const { runs, clock } = world.platform;
  const pollMs = world.lookEveryMs === undefined ? {} : { pollMs: world.lookEveryMs };
  return followRun({ runs, clock, runId, view: openView(screen, environment), signal, ...pollMs });
}
