// Exports production: the raw dump. Its object's being finished is what moves the run on (dump-finalized.ts), so no event is
// published here.
import { done, waiting, type Stage } from "../contracts/stage.ts";
import { SyncRequested } from "../events/index.ts";
import { checkContract } from "./check-contract.ts";
import { checkServersFit } from "./check-fit.ts";
import { checkReplica } from "./check-replica.ts";
import { exportDatabase } from "./export-database.ts";
import { checkInstancesDiffer } from "./instances.ts";
import { together } from "./together.ts";

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
        await together([checkContract(context), checkServersFit(context, "production")]);
      }
    }
    const warnings = await checkReplica(context);
    const exported = await exportDatabase(context, "production");
    if (!exported) return waiting();
    return done([], { ...exported, ...(warnings.length > 0 ? { warnings } : {}) });
  },
};
