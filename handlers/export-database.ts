// The two exports: production's raw dump, and the replica's masked one. Each writes an object; the object's being
// finished is what moves the run on (dump-finalized.ts), so neither publishes an event.
import { done, waiting, type Stage, type StageContext } from "../contracts/stage.ts";
import type { Origin } from "../events/common.ts";
import { Preserved, SyncRequested } from "../events/index.ts";
import { checkContract } from "./check-contract.ts";
import { checkServersFit } from "./check-fit.ts";
import { checkReplica } from "./check-replica.ts";
import { dumpName } from "./dump-names.ts";
import { checkInstancesDiffer, withInstance } from "./instances.ts";
import { performOperation, type DoneOperation, type OperationNote } from "./operations.ts";
import { wipeReplica } from "./wipe.ts";

export const exportProduction: Stage<SyncRequested["data"]> = {
  name: "export-production",
  on: SyncRequested,
  opens: ({ pipeline, requestedBy }) => ({
    pipeline,
    trigger: "request",
    ...(requestedBy === "" ? {} : { requestedBy }),
  }),
  async run(_event, context) {
    if (context.checkpoint.value === undefined) {
      await checkInstancesDiffer(context);
      // Where nobody may look into production, its copy is held against the contract before anything leaves it.
      if (context.platform.databases.readable.includes("production")) {
        await checkContract(context);
        await checkServersFit(context, "production");
      }
    }
    const warnings = await checkReplica(context);
    const exported = await exportDatabase(context, "production");
    if (!exported) return waiting();
    return done([], { ...generationOf(exported), ...(warnings.length > 0 ? { warnings } : {}) });
  },
};

export const exportReplica: Stage<Preserved["data"]> = {
  name: "export-replica",
  on: Preserved,
  requires: () => "preserve",
  async run(_event, context) {
    const exported = await exportDatabase(context, "replica");
    if (!exported) return waiting();
    // From here on nothing of production, masked or not, is on an instance between the two.
    await withInstance(context, "replica", (session) => wipeReplica(session, context.contract.replica.database));
    return done([], generationOf(exported));
  },
};

/** Of the object that the export wrote, for who is told of an object: see dump-finalized.ts. */
function generationOf({ generation }: DoneOperation): { readonly generation?: string } {
  return generation === undefined ? {} : { generation };
}

function exportDatabase(context: StageContext, origin: Origin): Promise<DoneOperation | undefined> {
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
