// `understudy replay RUN [STAGE]`: gives failed stages of a run another try.
import { FatalError } from "../../contracts/errors.ts";
import { didYouMean } from "../../contracts/nearest.ts";
import type { Run } from "../../contracts/run.ts";
import { replayStage } from "../../handlers/replay.ts";
import type { Command } from "../command.ts";
import { findRun } from "../find-run.ts";
import { commandHint } from "../hints.ts";
import { formatNumberOf } from "../render/format.ts";
import { followedResult } from "../run-result.ts";
import { workAndFollow } from "../work-and-follow.ts";

export const replay: Command = {
  name: "replay",
  summary: "Gives the failed stages of a run, or one of them, another try",
  description:
    "Reopens the failed stages of a run, or the one that is named, and publishes their events again. It says how many it\nmoved; a second replay moves 0.",
  parameters: ["RUN", "[STAGE]"],
  options: { follow: { type: "boolean", description: "Follows the run to its end, as `understudy sync` does." } },
  log: "file",
  async run(context) {
    const { world, parameters, options } = context;
    const run = await findRun(context);
    const { runId } = run;
    const { moved } = await replayStage(world.platform, runId, stageOf(run, parameters["STAGE"]));
    if (options["follow"]) return followedResult(context, runId, await workAndFollow(context, runId));
    const work = world.work ? ` Carry it on with ${commandHint(context, "work")}.` : "";
    const text =
      moved === 0
        ? `Run ${runId}: no failed stage to replay; moved 0.`
        : `Run ${runId}: moved ${formatNumberOf(moved, "stage")}.${work}`;
    return { exitCode: 0, json: { run: runId, moved }, text };
  },
};

/** Throws FatalError `STAGE_UNKNOWN` for a stage that the run has not met. */
function stageOf({ runId, stages }: Run, stage: string | undefined): string | undefined {
  const met = [...new Set(Object.entries(stages).flatMap(([id, state]) => [state.stage, id]))];
  if (stage === undefined || met.includes(stage)) return stage;
  throw new FatalError("STAGE_UNKNOWN", `Run \`${runId}\` has met no stage \`${stage}\`.${didYouMean(stage, met)}`);
}
