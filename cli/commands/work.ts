// `understudy work`: delivers events in this process until it is stopped.
import { once } from "node:events";
import { FatalError } from "../../contracts/errors.ts";
import type { Command } from "../command.ts";

export const work: Command = {
  name: "work",
  summary: "Delivers events to the stages until it is stopped (local world)",
  description:
    "Delivers the pipeline's events in this process until Ctrl-C or SIGTERM; the stages at work then note how far they are.\nLog lines go to standard error as JSON. Several processes may work side by side.",
  parameters: [],
  options: {},
  log: "stderr",
  async run({ world, contract, screen, signal }) {
    if (!world.work) {
      throw new FatalError(
        "NO_WORKER",
        "This pipeline's events are delivered by its functions. There is nothing to do here.",
      );
    }
    world.work.start();
    screen.write(`Working on pipeline ${contract.pipeline}; Ctrl-C stops.\n`);
    if (!signal.aborted) await once(signal, "abort");
    await world.work.stop();
    return { exitCode: 0, json: { pipeline: contract.pipeline, status: "stopped" }, text: "Stopped." };
  },
};
