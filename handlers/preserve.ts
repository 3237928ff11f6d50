// Carries staging's own rows into the masked copy.
import { done, waiting, type Stage } from "../contracts/stage.ts";
import { Masked, Preserved } from "../events/index.ts";
import { withInstance } from "./instances.ts";
import { readSchema } from "./mysql/schema.ts";
import { planPreserve, preserveRows, provePreserved } from "./preserving/index.ts";

export const preserve: Stage<Masked["data"]> = {
  name: "preserve",
  on: Masked,
  requires: () => "mask",
  async run(_event, context) {
    const { contract, platform, runId, signal, progress } = context;
    const nothing = { tables: 0, rows: 0, remapped: 0 };
    if (contract.preserve.length === 0) return done([Preserved.create({ runId, ...nothing })], nothing);
    const { database } = contract.replica;
    const stagingDatabase = contract.staging.database;
    return withInstance(context, "replica", async (copy) => {
      const staging = await platform.databases.read("staging");
      try {
        const plan = planPreserve(
          contract.preserve,
          await readSchema(staging, stagingDatabase),
          await readSchema(copy, database),
        );
        const open = () => platform.databases.write("replica");
        const shared = { plan, staging, stagingDatabase, open, database };
        const carried = await preserveRows({
          ...{ ...shared, signal },
          onProgress: ({ table, rowsDone, rowsTotal }) =>
            progress({ unit: "rows", done: rowsDone, total: rowsTotal, doing: table }),
        });
        if (carried === "out-of-time") return waiting();
        const { tables, rows, remapped } = await provePreserved(shared);
        return done([Preserved.create({ runId, tables, rows, remapped })], { tables, rows, remapped });
      } finally {
        await staging.close();
      }
    });
  },
};
