// How fast a stage's progress moves: a rate over the last seconds, and the time left by it.
import type { Progress, StageState } from "../../contracts/run.ts";

/** Progress is stored in steps; a shorter window would make the rate jump with each. */
const WINDOW_MS = 15_000;

export interface Pace {
  /** Units a second; undefined before there are two samples. */
  readonly perSecond?: number;
  readonly secondsLeft?: number;
}

interface Sample {
  readonly at: number;
  readonly done: number;
  readonly epoch: number;
}

export interface PaceMeter {
  /** Takes a stage's progress at `now` into account and tells its pace. */
  measure(id: string, state: StageState, now: Date): Pace;
}

export function openPaceMeter(): PaceMeter {
  const samples = new Map<string, Sample[]>();
  return {
    measure(id, { progress, epoch }, now) {
      // Steps are of different lengths: a rate over them says nothing.
      if (!progress || progress.unit === "steps") return {};
      const known = samples.get(id) ?? [];
      const kept = continued(known, progress, epoch).filter(({ at }) => now.getTime() - at <= WINDOW_MS);
      if (kept.at(-1)?.done !== progress.done) kept.push({ at: now.getTime(), done: progress.done, epoch });
      samples.set(id, kept);
      return paceOf(kept, progress, now);
    },
  };
}

/** A new claim, or counting that began again, makes what was measured before say nothing. */
function continued(samples: Sample[], { done }: Progress, epoch: number): Sample[] {
  const last = samples.at(-1);
  return last && (last.epoch !== epoch || last.done > done) ? [] : samples;
}

function paceOf(samples: readonly Sample[], { done, total }: Progress, now: Date): Pace {
  const first = samples[0];
  const seconds = (now.getTime() - (first?.at ?? 0)) / 1000;
  if (!first || done <= first.done || seconds <= 0) return {};
  const perSecond = (done - first.done) / seconds;
  return { perSecond, ...(total !== undefined && { secondsLeft: Math.max(0, total - done) / perSecond }) };
}
