// `understudy sync`: requests a sync and follows it to its end.
import type { Command } from "../command.ts";
import { followedResult } from "../run-result.ts";
import { workAndFollow } from "../work-and-follow.ts";
import { requestRun } from "./request.ts";

export const sync: Command = {
  name: "sync",
  summary: "Requests a sync and follows it to its end",
  description:
    "Requests a sync and shows its stages until it has ended: bars on a terminal, plain lines elsewhere, on standard error.\nThe report follows on standard output. Ctrl-C stops following, and puts down what this process works on; the run is\nnot over then.",
  parameters: [],
  options: {},
  log: "file",
  async run(context) {
    const runId = await requestRun(context);
    return followedResult(context, runId, await workAndFollow(context, runId));
  },
};
