// Exports the masked copy and wipes the replica. As with production, the object's being finished moves the run on.
import { done, waiting, type Stage } from "../contracts/stage.ts";
import { Preserved } from "../events/index.ts";
import { exportDatabase, type ExportNote } from "./export-database.ts";
import { recordFacts } from "./exported-facts.ts";
import { withInstance } from "./instances.ts";
import { together } from "./together.ts";
import { wipeReplica } from "./wipe.ts";

export const exportReplica: Stage<Preserved["data"]> = {
  name: "export-replica",
  on: Preserved,
  requires: () => "preserve",
  async run(_event, context) {
    // Side by side: nothing changes the copy any more, and an export leaves most of its server idle.
    const [isCounted, exported] = await together([recordFacts(context), exportDatabase(context, "replica")]);
    if (!isCounted || !exported) return waiting();
    // Staging prepares its load from here on, and swaps when the copy is gone.
    const { checkpoint } = context;
    await checkpoint.save({ ...(checkpoint.value as ExportNote), exported } satisfies ExportNote);
    // From here on nothing of production, masked or not, is on an instance between the two.
    await withInstance(context, "replica", (session) => wipeReplica(session, context.contract.replica.database));
    return done([], { ...exported });
  },
};
