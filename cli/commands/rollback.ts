// `understudy rollback [RUN]`: staging gets the data of before.
import { randomUUID } from "node:crypto";
import { FatalError } from "../../contracts/errors.ts";
import type { Run } from "../../contracts/run.ts";
import type { Command, CommandContext } from "../command.ts";
import { findRun } from "../find-run.ts";

/** The last sync that succeeded is among them, or so old that nobody wants back behind it. */
const RECENT = 100;

export const rollback: Command = {
  name: "rollback",
  summary: "Gives staging the data of before the last sync, in one statement",
  description:
    "Swaps staging's tables with those that the last sync put aside (`<database>__prev`), triggers and all. The same again\nswaps them back. With --backup it restores the backup that the run made before it loaded: on Cloud SQL the whole\ninstance, which is out for that time.",
  parameters: ["[RUN]"],
  options: { backup: { type: "boolean", description: "Restores the backup instead." } },
  log: "warnings",
  async run(context) {
    const { world, options } = context;
    const to = options["backup"] === true ? "backup" : "previous";
    const { runId } = await runOf(context);
    await world.rollBack({ runId, to, request: randomUUID() });
    const run = await world.platform.runs.get(runId);
    const stands = run?.status === "synced" && run.rolledBack?.stands !== false;
    return {
      exitCode: 0,
      json: { run: runId, to, staging: stands ? "before" : "run" },
      text: stands
        ? `Staging has the data of before run ${runId}${to === "backup" ? ", restored from its backup" : "; the run's waits in its place"}.`
        : `Staging has the data of run ${runId} again.`,
    };
  },
};

/** The run that is named, or the last that synced. Only the last one's data can be swapped back. */
async function runOf(context: CommandContext): Promise<Run> {
  const { world, contract, parameters } = context;
  if (parameters["RUN"] !== undefined) return findRun(context);
  const recent = await world.platform.runs.list(contract.pipeline, RECENT);
  const last = recent.find(({ status }) => status === "synced");
  if (last) return last;
  throw new FatalError(
    "ROLLBACK_NOTHING",
    `Pipeline \`${contract.pipeline}\` has synced nothing yet: there is nothing to roll back.`,
  );
}
