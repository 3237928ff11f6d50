// `understudy show RUN`: one run's report.
import type { Command } from "../command.ts";
import { findRun } from "../find-run.ts";
import { followRun } from "../follow.ts";
import { openView } from "../render/view.ts";
import { followedResult, shownResult } from "../run-result.ts";

export const show: Command = {
  name: "show",
  summary: "Shows a run: its stages, and what was masked and preserved",
  description: "Prints a run's report. `understudy runs` lists the runs.",
  parameters: ["RUN"],
  options: { follow: { type: "boolean", description: "Shows its stages until it has ended. Looks on; does no work." } },
  log: "warnings",
  async run(context) {
    const { world, screen, environment, signal, options, parameters } = context;
    if (!options["follow"]) return shownResult(context, await findRun(context));
    const { runs, clock } = world.platform;
    // A run that was requested a moment ago may not be opened yet: it is waited for.
    const runId = parameters["RUN"] ?? "";
    const run = await followRun({ runs, clock, runId, view: openView(screen, environment), signal });
    return followedResult(context, run ?? (await findRun(context)));
  },
};
