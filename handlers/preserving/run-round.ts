// Runs the steps of a round side by side, a table's on one session; each batch commits with its record.
import type { WriteSession } from "../../contracts/platform.ts";
import { together } from "../together.ts";
import { telling } from "./errors.ts";
import type { Merging } from "./merging.ts";
import { SESSIONS } from "./side-by-side.ts";
import type { Step } from "./steps.ts";
import { NUMBER, readProgress, writeProgress } from "./workspace.ts";

/** A step and its place among all of the plan's. */
export interface PlacedStep {
  readonly step: Step;
  readonly place: number;
}

export interface Pace {
  /** Rows of one transaction. */
  readonly batchRows: number;
  /** On how many sessions at most; `SESSIONS` where nothing else is going on. */
  readonly sessions?: number;
  /** Asked before each batch. */
  readonly mayGoOn: () => boolean;
  /** Told after each batch of a step that goes through a table. */
  readonly onBatch: (step: Step, context: Merging, upTo: number) => Promise<void>;
}

/**
 * @returns whether the round is done; else time ran out between two batches
 * @throws the error of the first step in their order that failed; the other sessions end their batches and stop
 */
export async function runRound(context: Merging, steps: readonly PlacedStep[], pace: Pace): Promise<boolean> {
  const progress = await readProgress(context.session, context.workspace);
  const queue = steps.values();
  const failures: { place: number; error: unknown }[] = [];
  const mayGoOn = () => failures.length === 0 && pace.mayGoOn();
  const work = async (session: WriteSession): Promise<boolean> => {
    for (const { step, place } of queue) {
      try {
        const isDone = await runStep({ ...context, session }, step, place, progress.get(place), { ...pace, mayGoOn });
        if (!isDone) return false;
      } catch (error) {
        failures.push({ place, error });
        return false;
      }
    }
    return true;
  };
  const others = Math.min(pace.sessions ?? SESSIONS, steps.length) - 1;
  const ends = await together([
    work(context.session),
    ...Array.from({ length: others }, () => onAnother(context, work)),
  ]);
  const [first] = failures.toSorted((one, other) => one.place - other.place);
  if (first) throw first.error;
  return ends.every(Boolean);
}

async function onAnother({ open }: Merging, work: (session: WriteSession) => Promise<boolean>): Promise<boolean> {
  const session = await open();
  try {
    return await work(session);
  } finally {
    await session.close();
  }
}

/** @param last the number at which an earlier call stopped */
async function runStep(
  context: Merging,
  step: Step,
  place: number,
  last: number | undefined,
  { batchRows, mayGoOn, onBatch }: Pace,
): Promise<boolean> {
  const { session, workspace } = context;
  const end = step.table === null ? 0 : await lastNumber(context, step.table);
  for (let after = last; after === undefined || after < end;) {
    if (!mayGoOn()) return false;
    const upTo = Math.min(end, (after ?? 0) + batchRows);
    await telling(step.doing, async () => {
      await session.run("START TRANSACTION");
      await step.run(context, { after: after ?? 0, upTo });
      await writeProgress(session, workspace, place, upTo);
      await session.run("COMMIT");
    });
    after = upTo;
    await onBatch(step, context, upTo);
  }
  return true;
}

async function lastNumber({ session, workspace }: Merging, table: string): Promise<number> {
  const [row] = await session.query<{ last: string | null }>(
    `SELECT MAX(${NUMBER}) AS last FROM ${workspace.rows(table)}`,
  );
  return Number(row?.last ?? 0);
}
