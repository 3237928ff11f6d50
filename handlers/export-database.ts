// What the two exports share: one operation, to an object that is the run's own.
import type { StageContext } from "../contracts/stage.ts";
import type { Origin } from "../events/common.ts";
import { dumpName, suffixIn } from "./dump-names.ts";
import { performOperation, type OperationNote } from "./operations.ts";

/** Of the object that the export wrote, where its world tells: another one in its place is not believed. */
export interface Exported {
  readonly generation?: string;
}

/** An export stage's checkpoint: dump-finalized.ts reads it, too. */
export interface ExportNote extends OperationNote {
  /** The dump is complete: staging may load it while the stage goes on. */
  readonly exported?: Exported;
}

/** Exports to the run's own object; undefined when time ran out before its end. */
export async function exportDatabase(context: StageContext, origin: Origin): Promise<Exported | undefined> {
  const { contract, checkpoint, runId, platform, signal } = context;
  context.progress({ unit: "steps", done: 0, doing: `exporting \`${contract[origin].database}\`` });
  const operation = await performOperation({
    platform,
    signal,
    note: checkpoint.value as ExportNote | undefined,
    save: (note) => checkpoint.save(note),
    request: (attempt) => ({
      type: "export",
      key: `${runId}/export-${origin}/${attempt}`,
      role: origin,
      database: contract[origin].database,
      object: dumpName(runId, origin, attempt, suffixIn(platform.objects)),
    }),
  });
  if (!operation) return undefined;
  return operation.generation === undefined ? {} : { generation: operation.generation };
}
