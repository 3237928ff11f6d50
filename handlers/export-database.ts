// What the two exports share: one operation, to an object that is the run's own.
import type { StageContext } from "../contracts/stage.ts";
import type { Origin } from "../events/common.ts";
import { dumpName } from "./dump-names.ts";
import { performOperation, type DoneOperation, type OperationNote } from "./operations.ts";

/** Of the object that the export wrote, for who is told of an object: see dump-finalized.ts. */
export function generationOf({ generation }: DoneOperation): { readonly generation?: string } {
  return generation === undefined ? {} : { generation };
}

/** Exports to the run's own object; undefined when time ran out before its end. */
export function exportDatabase(context: StageContext, origin: Origin): Promise<DoneOperation | undefined> {
  const { contract, checkpoint, runId, platform, signal } = context;
  context.progress({ unit: "steps", done: 0, doing: `exporting \`${contract[origin].database}\`` });
  return performOperation({
    platform,
    signal,
    note: checkpoint.value as OperationNote | undefined,
    save: (note) => checkpoint.save(note),
    request: (attempt) => ({
      type: "export",
      key: `${runId}/export-${origin}/${attempt}`,
      role: origin,
      database: contract[origin].database,
      object: dumpName(runId, origin, attempt),
    }),
  });
}
