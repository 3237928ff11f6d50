// `understudy show RUN`: one run's report.
import type { Command } from "../command.ts";
import { findRun } from "../find-run.ts";
import { followedResult, shownResult } from "../run-result.ts";
import { followOnScreen } from "../work-and-follow.ts";

export const show: Command = {
  name: "show",
  summary: "Shows a run: its stages, and what was masked and preserved",
  description: "Prints a run's report. `understudy runs` lists the runs.",
  parameters: ["RUN"],
  options: { follow: { type: "boolean", description: "Shows its stages until it has ended. Looks on; does no work." } },
  log: "warnings",
  async run(context) {
    if (!context.options["follow"]) return shownResult(context, await findRun(context));
    // A run that was requested a moment ago may not be opened yet: it is waited for.
    const runId = context.parameters["RUN"] ?? "";
    return followedResult(context, runId, await followOnScreen(context, runId));
  },
};
