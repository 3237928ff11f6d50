// The run that an operator names.
import { FatalError } from "../contracts/errors.ts";
import { nearest } from "../contracts/nearest.ts";
import type { Run } from "../contracts/run.ts";
import type { CommandContext } from "./command.ts";
import { commandHint } from "./hints.ts";

/** Where to look for what was meant. */
const RECENT = 100;

/** The run of parameter RUN. Throws FatalError `RUN_UNKNOWN`. */
export async function findRun(
  context: Pick<CommandContext, "world" | "contract" | "parameters" | "options">,
): Promise<Run> {
  const { world, contract, parameters } = context;
  const runId = parameters["RUN"] ?? "";
  const run = await world.platform.runs.get(runId);
  if (run?.pipeline === contract.pipeline) return run;
  const recent = await world.platform.runs.list(contract.pipeline, RECENT);
  const meant = nearest(
    runId,
    recent.map((other) => other.runId),
  );
  const next = meant === undefined ? `${commandHint(context, "runs")} lists them.` : `Did you mean \`${meant}\`?`;
  throw new FatalError("RUN_UNKNOWN", `Pipeline \`${contract.pipeline}\` has no run \`${runId}\`. ${next}`);
}
