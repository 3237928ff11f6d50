// A run on a terminal: a line a stage with a bar, drawn over in place.
import { styleText } from "node:util";
import { endOf } from "../../contracts/report.ts";
import { stageId, type Run, type StageState } from "../../contracts/run.ts";
import { displayWidth, fit, formatSeconds } from "./format.ts";
import { openPaceMeter, type PaceMeter } from "./pace.ts";
import { fractionOf, progressText } from "./progress-text.ts";
import { rowsOf, type StageRow } from "./rows.ts";
import type { RunView, Screen } from "./view.ts";

const LABEL_CELLS = 26;
const BAR_CELLS = 20;
const DEFAULT_COLUMNS = 80;

type Style = Parameters<typeof styleText>[0];

/** Draws with as few assumptions as a terminal allows: cursor up, clear to the end. Colours obey NO_COLOR. */
export function openBars(screen: Screen): RunView {
  const meter = openPaceMeter();
  const paint = (style: Style, text: string) => styleText(style, text, { stream: screen });
  let drawn: readonly string[] = [];
  return {
    update(run, now) {
      const columns = (screen.columns ?? DEFAULT_COLUMNS) - 1; // a full line would wrap on some terminals
      const lines = frame(run, now, { meter, columns, paint });
      if (lines.join("\n") === drawn.join("\n")) return;
      screen.write(`${drawn.length > 0 ? `\u001b[${drawn.length}F\u001b[J` : ""}${lines.join("\n")}\n`);
      drawn = lines;
    },
    close() {
      if (drawn.length > 0) screen.write("\n"); // what is printed next stands apart
      drawn = [];
    },
  };
}

interface Drawing {
  readonly meter: PaceMeter;
  readonly columns: number;
  readonly paint: (style: Style, text: string) => string;
}

/** The lines of one moment, each no wider than the terminal. */
function frame(run: Run | undefined, now: Date, drawing: Drawing): string[] {
  const { columns, paint } = drawing;
  if (!run) return [paint("dim", fit("Waiting for the run to be opened…", columns))];
  const seconds = (Date.parse(endOf(run) ?? now.toISOString()) - Date.parse(run.openedAt)) / 1000;
  const title = fit(
    `Run ${run.runId} of ${run.pipeline}: ${run.status}, ${formatSeconds(Math.max(0, seconds))}`,
    columns,
  );
  return [paint("bold", title), ...rowsOf(run).map((row) => drawRow(row, now, drawing))];
}

function drawRow({ label, state }: StageRow, now: Date, drawing: Drawing): string {
  const name = fit(label, LABEL_CELLS).padEnd(LABEL_CELLS);
  if (!state) return drawing.paint("dim", fit(`· ${name}`.trimEnd(), drawing.columns));
  const [mark, style] = markOf(state);
  const bar = state.status === "leased" ? drawBar(state) : "";
  const used = 2 + LABEL_CELLS + 1 + (bar ? displayWidth(bar) + 1 : 0);
  const rest = fit(describe(state, now, drawing.meter), drawing.columns - used);
  const line = [`${drawing.paint(style, mark)} ${name}`, bar && drawing.paint("cyan", bar), rest]
    .filter(Boolean)
    .join(" ");
  return used < drawing.columns ? line : fit(`${mark} ${name} ${rest}`, drawing.columns);
}

function markOf({ status, lastError }: StageState): [mark: string, style: Style] {
  if (status === "done") return ["✓", "green"];
  if (status === "failed") return ["✗", "red"];
  if (status === "waiting") return [lastError ? "!" : "…", "yellow"];
  return ["▸", "cyan"];
}

function drawBar({ progress }: StageState): string {
  const fraction = progress && fractionOf(progress);
  if (fraction === undefined) return "";
  const full = Math.floor(fraction * BAR_CELLS);
  const percent = `${Math.floor(fraction * 100)}%`.padStart(4);
  return `${"█".repeat(full)}${"░".repeat(BAR_CELLS - full)} ${percent}`;
}

function describe(state: StageState, now: Date, meter: PaceMeter): string {
  const { status, startedAt, progress, lastError } = state;
  const ended = "endedAt" in state ? Date.parse(state.endedAt) : now.getTime();
  const seconds = formatSeconds(Math.max(0, ended - Date.parse(startedAt)) / 1000);
  if (status === "done") return seconds;
  if (status === "failed") return `${seconds}  ${state.error.code}`;
  if (status === "waiting" && lastError) return `will be tried again: ${lastError.code}: ${lastError.message}`;
  const pace = meter.measure(stageId(state.stage, state.key), state, now);
  return [progress ? progressText(progress, pace) : "", seconds].filter(Boolean).join("  ");
}
