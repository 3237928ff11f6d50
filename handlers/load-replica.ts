// Loads production's dump into the replica: rewritten while it streams, without the rows that nobody may see.
import type { MaskingContract } from "../contracts/sync-contract.ts";
import { findRule } from "../contracts/table-rules.ts";
import { done, waiting, type Stage } from "../contracts/stage.ts";
import { ExportDone, ReplicaLoaded } from "../events/index.ts";
import { checkPreserve } from "./check-contract.ts";
import { checkDump } from "./check-dump.ts";
import { checkServersFit } from "./check-fit.ts";
import { checkReplica } from "./check-replica.ts";
import { checkRoom } from "./check-room.ts";
import { withInstance } from "./instances.ts";
import { dumpFinalizedId } from "./dump-finalized.ts";
import { parseDumpName } from "./dump-names.ts";
import { loadDump, type LoadNote } from "./load-dump.ts";
import { lendFunctionsTo } from "./arriving-objects.ts";
import { emptyReplica, WORK_DATABASE } from "./wipe.ts";

export const loadReplica: Stage<ExportDone["data"]> = {
  name: "load-replica",
  on: ExportDone,
  requires: ({ dump, generation }) => dumpFinalizedId(dump, generation),
  accepts: ({ origin }) => origin === "production",
  async run({ data }, context) {
    const { contract, runId, checkpoint, platform } = context;
    const loaded = await loadDump(context, {
      dump: data,
      role: "replica",
      from: contract.production.database,
      to: contract.replica.database,
      note: (checkpoint.value as LoadNote | undefined) ?? undefined,
      // The import's operation also at the top, where abandoning looks for it.
      save: (note) =>
        checkpoint.save({ ...note, ...(note.import?.operation ? { operation: note.import.operation } : {}) }),
      collations: contract.collations,
      withoutTriggersAndEvents: true,
      withoutRowsOf: (table) => isTruncated(contract.masking, table),
      keysBeside: WORK_DATABASE, // masking builds them
      prepare: async (needs) => {
        // Again, for a dump from the inbox: its run has no export that checked.
        await checkReplica(context);
        await checkPreserve(context);
        await withInstance(context, "replica", async (session) => {
          await checkDump(session, needs);
          await checkRoom(context, session, needs, contract.replica.database);
          await emptyReplica(session, contract.replica.database, needs.databaseCollation);
          await lendFunctionsTo(context, session, contract.replica.database);
        });
      },
    });
    if (!loaded) return waiting();
    await checkServersFit(context, "replica");
    // Raw data is short-lived: its only copies are now production's own and the one about to be masked.
    // Also what an export that failed may have left: this run's next attempt wrote beside it.
    for (const { name } of await platform.objects.list(`runs/${runId}/`)) {
      if (parseDumpName(name)?.origin === "production") await platform.objects.remove(name);
    }
    const counts = { tables: loaded.tables.length, bytes: loaded.bytes };
    return done([ReplicaLoaded.create({ runId, ...counts })], counts);
  },
};

/** A table that two patterns match is loaded: masking refuses the contract, and nothing goes on. */
function isTruncated({ tables }: MaskingContract, table: string): boolean {
  const found = findRule(tables, table);
  return found !== undefined && "rule" in found && found.rule.kind === "truncate";
}
