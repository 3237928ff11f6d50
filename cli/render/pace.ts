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
}

export interface PaceMeter {
  /** Takes a stage's progress at `now` into account and tells its pace. */
  measure(id: string, state: StageState, now: Date): Pace;
}

export function openPaceMeter(): PaceMeter {
  const samples = new Map<string, Sample[]>();
  return {
    measure(id, { progress }, now) {
      // Steps are of different lengths: a rate over them says nothing.
      if (!progress || progress.unit === "steps") return {};
      const { done } = progress;
      // What is beyond it was measured before the stage began to count anew.
      const known = (samples.get(id) ?? []).filter((sample) => sample.done <= done);
      const kept = known.filter(({ at }) => now.getTime() - at <= WINDOW_MS);
      if (kept.at(-1)?.done !== done) kept.push({ at: now.getTime(), done });
      samples.set(id, kept);
      return paceOf(kept, progress, now);
    },
  };
}

function paceOf(samples: readonly Sample[], { done, total }: Progress, now: Date): Pace {
  const first = samples[0];
  const seconds = (now.getTime() - (first?.at ?? 0)) / 1000;
  if (!first || done <= first.done || seconds <= 0) return {};
  const perSecond = (done - first.done) / seconds;
  return { perSecond, ...(total !== undefined && { secondsLeft: Math.max(0, total - done) / perSecond }) };
}
