// The pieces that state transitions are made of.
import type { Run, StageState } from "../../contracts/run.ts";
import type { Event } from "../../events/define-event.ts";

/** The run with that stage state in place of the one it had. */
export function withStage(run: Run, id: string, state: StageState): Run {
  return { ...run, stages: { ...run.stages, [id]: state } };
}

/** What every status of a stage has. */
export function shared(state: StageState) {
  const { stage, key, event, epoch, failures, continuations, startedAt, progress, checkpoint, lastError } = state;
  return {
    ...{ stage, key, event, epoch, failures, continuations, startedAt },
    ...(progress === undefined ? {} : { progress }),
    ...(checkpoint === undefined ? {} : { checkpoint }),
    ...(lastError === undefined ? {} : { lastError }),
  };
}

/** What every status of a run has. */
export function facts(run: Run) {
  const { runId, pipeline, openedAt, trigger, requestedBy, stages } = run;
  return { runId, pipeline, openedAt, trigger, stages, ...(requestedBy === undefined ? {} : { requestedBy }) };
}

/** What a stage that nobody has claimed yet starts from. */
export function firstState({ stage, key, event, now }: { stage: string; key: string; event: Event; now: Date }) {
  return {
    stage,
    key,
    event: { name: event.name, version: event.version, data: event.data },
    failures: 0,
    continuations: 0,
    startedAt: now.toISOString(),
  };
}

/** The instant `ms` after `now`. */
export function after(now: Date, ms: number): string {
  return new Date(now.getTime() + ms).toISOString();
}
