// A run where nothing can be drawn over (a log, a pipe): a line when a stage begins or ends, and now and then its progress.
import { stageLabel } from "../../contracts/report.ts";
import { stageId, type Run, type StageState } from "../../contracts/run.ts";
import { formatSeconds } from "./format.ts";
import { openPaceMeter, type Pace } from "./pace.ts";
import { fractionOf, progressText } from "./progress-text.ts";
import type { RunView, Screen } from "./view.ts";

/** A stage's progress is told at most this often: a log is read afterwards. */
const PROGRESS_EVERY_MS = 5_000;

/** A request is mostly taken up at once; a longer wait is told, for nobody may be working. */
const WAITING_AFTER_MS = 1_000;

interface Told {
  readonly status: StageState["status"];
  readonly failures: number;
  readonly epoch: number;
  readonly at: number;
}

export function openLines(screen: Screen): RunView {
  const meter = openPaceMeter();
  const told = new Map<string, Told>();
  let opened = false;
  let waitingSince: number | undefined;
  return {
    update(run, now) {
      if (!run) {
        waitingSince ??= now.getTime();
        if (now.getTime() - waitingSince < WAITING_AFTER_MS) return;
        waitingSince = Infinity; // told once
        screen.write("Waiting for the run to be opened\n");
        return;
      }
      if (!opened) screen.write(`Run ${run.runId} of ${run.pipeline}\n`);
      opened = true;
      const elapsed = formatSeconds(Math.max(0, now.getTime() - Date.parse(run.openedAt)) / 1000).padStart(11);
      for (const [id, state] of inOrder(run)) {
        const pace = meter.measure(id, state, now);
        const text = newsOf(state, told.get(id)) ?? progressOf(state, pace, told.get(id), now);
        if (text === undefined) continue;
        const { status, failures, epoch } = state;
        told.set(id, { status, failures, epoch, at: now.getTime() });
        screen.write(`${elapsed}  ${stageLabel(state)} ${text}\n`);
      }
    },
    close: () => undefined,
  };
}

function inOrder(run: Run): [id: string, state: StageState][] {
  return Object.values(run.stages)
    .toSorted((a, b) => a.startedAt.localeCompare(b.startedAt))
    .map((state) => [stageId(state.stage, state.key), state]);
}

/** What has happened to the stage since it was last told; undefined for nothing. */
function newsOf(state: StageState, before: Told | undefined): string | undefined {
  const { lastError } = state;
  if (state.status === "done" || state.status === "failed") {
    if (before?.status === state.status && before.epoch === state.epoch) return undefined;
    const seconds = formatSeconds((Date.parse(state.endedAt) - Date.parse(state.startedAt)) / 1000);
    return state.status === "done" ? `done in ${seconds}` : `failed after ${seconds}: ${state.error.code}`;
  }
  if (lastError && state.failures > (before?.failures ?? 0)) {
    return `will be tried again: ${lastError.code}: ${lastError.message}`;
  }
  if (!before) return "started";
  // A continuation goes from leased to waiting and back, with a new epoch: that is how long work runs, and no news.
  return before.status === "failed" ? "replayed" : undefined;
}

function progressOf(
  { status, progress }: StageState,
  pace: Pace,
  before: Told | undefined,
  now: Date,
): string | undefined {
  if (status !== "leased" || !progress || !before || now.getTime() - before.at < PROGRESS_EVERY_MS) return undefined;
  const fraction = fractionOf(progress);
  const percent = fraction === undefined || progress.unit === "steps" ? "" : `${Math.floor(fraction * 100)}%: `;
  return percent + progressText(progress, pace);
}
