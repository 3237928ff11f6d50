// `understudy request`: asks for a sync and leaves.
import { SyncRequested } from "../../events/index.ts";
import { newRunId, type RunId } from "../../events/run-id.ts";
import type { Command, CommandContext } from "../command.ts";
import { commandHint } from "../hints.ts";

export const request: Command = {
  name: "request",
  summary: "Requests a sync and leaves",
  description:
    "Publishes a request for a sync and prints the run's id. While another run is active the request is refused,\nwhich `understudy show` tells. A failed run is abandoned by it.",
  parameters: [],
  options: {},
  log: "warnings",
  async run(context) {
    const runId = await requestRun(context);
    const work = context.world.work ? `Carry it out with ${commandHint(context, "work")}.\n` : "";
    const text = `Requested run ${runId}.\n${work}Follow it with ${commandHint(context, `show ${runId} --follow`)}.`;
    return { exitCode: 0, json: { run: runId }, text };
  },
};

/** Publishes a request of the operator's and returns the run that it will open. */
export async function requestRun({ world, contract }: Pick<CommandContext, "world" | "contract">): Promise<RunId> {
  const { bus, clock } = world.platform;
  const runId = newRunId(clock.now());
  await bus.publish(SyncRequested.create({ pipeline: contract.pipeline, runId, requestedBy: "operator" }));
  return runId;
}
