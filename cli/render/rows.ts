// A run as the rows that a screen shows: its stages in the pipeline's order, also those that have not begun.
import { stageLabel } from "../../contracts/report.ts";
import type { Run, StageState } from "../../contracts/run.ts";

/** What a run without surprises meets, in order. The masked dump is finished while the replica is still being wiped. */
const EXPECTED: readonly string[] = [
  "export-production",
  "dump-finalized:production",
  "load-replica",
  "mask",
  "preserve",
  "export-replica",
  "dump-finalized:masked",
  "load-staging",
];

export interface StageRow {
  readonly label: string;
  /** Undefined while the stage has not begun. */
  readonly state?: StageState;
}

/** Rows in the pipeline's order; whatever else the run met stands where it happened. */
export function rowsOf(run: Run): StageRow[] {
  const states = Object.values(run.stages)
    .map((state) => ({ label: stageLabel(state), state }))
    .toSorted((a, b) => a.state.startedAt.localeCompare(b.state.startedAt));
  // A run that an inbox dump opened has no export of production, and begins with that dump.
  const rows: StageRow[] = states.filter(({ label }) => !EXPECTED.includes(label));
  for (const label of EXPECTED) {
    const met = states.filter((row) => row.label === label);
    if (met.length > 0) rows.push(...met);
    else if (run.trigger !== "inbox" || label !== "export-production") rows.push({ label });
  }
  return rows;
}
