// `understudy abandon RUN`: gives a run up and leaves nothing of it.
import type { Command } from "../command.ts";
import { findRun } from "../find-run.ts";

export const abandon: Command = {
  name: "abandon",
  summary: "Gives a run up: wipes the replica, deletes its dumps, frees the lock",
  description:
    "Closes a run that is active or has failed: stops its operations, wipes the replica, deletes the run's dumps and frees\nthe pipeline's lock. Staging stays as it is.",
  parameters: ["RUN"],
  options: { reason: { type: "string", value: "TEXT", description: "Kept with the run." } },
  log: "warnings",
  async run(context) {
    const { world, options } = context;
    const { runId } = await findRun(context);
    const { reason } = options;
    await world.abandon(runId, typeof reason === "string" ? reason : "Abandoned by the operator.");
    return {
      exitCode: 0,
      json: { run: runId, status: "abandoned" },
      text: `Run ${runId} is abandoned: the replica is wiped, its dumps are deleted, the lock is free.`,
    };
  },
};
