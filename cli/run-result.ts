// The result of a command that looked at a run: its report, and what to do about it.
import { reportOf } from "../contracts/report.ts";
import type { Run } from "../contracts/run.ts";
import type { RunId } from "../events/run-id.ts";
import type { CommandContext, CommandResult } from "./command.ts";
import { commandHint } from "./hints.ts";
import { reportText } from "./report-text.ts";

/** For a run that was followed: exit code 0 only where it is synced, 130 where following was interrupted. */
export function followedResult(context: CommandContext, runId: RunId, run: Run | undefined): CommandResult {
  if (!run) {
    const text = `Run ${runId} is not opened yet. Look for it later with ${commandHint(context, `show ${runId}`)}.`;
    return { exitCode: 130, json: { run: runId }, text };
  }
  const interrupted = context.signal.aborted && run.status === "running";
  return { ...shownResult(context, run), exitCode: interrupted ? 130 : run.status === "synced" ? 0 : 1 };
}

/** For a run that was asked for: it could be shown, whatever became of it. */
export function shownResult(context: CommandContext, run: Run): CommandResult {
  const report = reportOf(run, context.world.platform.clock.now());
  return { exitCode: 0, json: report, text: [reportText(report), ...nextSteps(context, run)].join("\n") };
}

function nextSteps(context: CommandContext, { runId, status }: Run): string[] {
  if (status === "failed") {
    const replay = commandHint(context, `replay ${runId} --follow`);
    const abandon = commandHint(context, `abandon ${runId}`);
    return ["", `Mend the cause, then ${replay}. Or give it up: ${abandon}.`];
  }
  if (status !== "running" || !context.signal.aborted) return [];
  const carriedOn = context.world.work ? ` Carry it on with ${commandHint(context, "work")}.` : "";
  return ["", `No longer followed; the run is not over.${carriedOn}`];
}
