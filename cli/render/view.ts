// What shows a run while it is followed: live bars on a terminal, plain lines elsewhere.
import type { Writable } from "node:stream";
import type { Run } from "../../contracts/run.ts";
import { openBars } from "./bars.ts";
import { openLines } from "./lines.ts";

export interface RunView {
  /** Shows the run as it is at `now`; undefined while nobody has taken the request up yet. */
  update(run: Run | undefined, now: Date): void;
  /** Leaves the last state on the screen; nothing is drawn over afterwards. */
  close(): void;
}

/** A terminal, or anything else that text can be written to. */
export type Screen = Writable & { readonly isTTY?: boolean; readonly columns?: number };

/** Bars where they can be drawn over; `TERM=dumb` says that they cannot. */
export function openView(screen: Screen, environment: Readonly<Record<string, string | undefined>>): RunView {
  return screen.isTTY && environment["TERM"] !== "dumb" ? openBars(screen) : openLines(screen);
}
