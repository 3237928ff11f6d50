// How far loading staging is: the stage's checkpoint. Every step can be taken again: it finds out what of it has happened.
import type { StageContext } from "../contracts/stage.ts";
import { type LoadNote, NOTHING_LOADED } from "./load-dump.ts";
import type { OperationNote } from "./operations.ts";
import type { Swapped } from "./swapping/index.ts";

export interface StagingNote {
  readonly backup?: OperationNote;
  /** The backup's id, once it is made. */
  readonly backupId?: string;
  readonly load?: LoadNote;
  /** Since when staging is empty, ISO 8601: loading in place. */
  readonly outSince?: string;
  /** The number of tables, once all are loaded. */
  readonly tables?: number;
  /** Facts held against what was exported, and whether they are all. */
  readonly checked?: { readonly done: number; readonly complete: boolean };
  /** The scripts of `after`: one that was cut off in the middle cannot be run again on the same data. */
  readonly scripts?: "begun" | "done";
  /** Staging's objects are stored: from here on its triggers may be dropped, and are not read again. */
  readonly objects?: "kept";
  readonly swapped?: Swapped;
  /** The operation that is followed now; an abandoned run's is cancelled. */
  readonly operation?: string;
}

export function noteOf({ checkpoint }: StageContext): StagingNote {
  return (checkpoint.value as StagingNote | undefined) ?? {};
}

/** Keeps everything noted before and adds to it. */
export function note(context: StageContext, more: StagingNote): Promise<void> {
  return context.checkpoint.save({ ...noteOf(context), ...more });
}

/** For a note: where abandoning looks for an operation. */
export function operationOf(from: OperationNote | undefined): { operation?: string } {
  return from?.operation === undefined ? {} : { operation: from.operation };
}

/** Everything after the backup is to be done again, with an import that is not the one before. */
export async function forgetLoad(context: StageContext): Promise<void> {
  const { backup, backupId, outSince, load } = noteOf(context);
  const attempt = (load?.import?.attempt ?? 0) + 1;
  await context.checkpoint.save({
    ...(backup && { backup }),
    ...(backupId !== undefined && { backupId }),
    ...(outSince !== undefined && { outSince }),
    load: { ...NOTHING_LOADED, import: { attempt } },
  });
}
