// Carries staging's own rows into the masked copy.
import { done, waiting, type Stage } from "../contracts/stage.ts";
import type { SyncContract } from "../contracts/sync-contract.ts";
import { Masked, Preserved } from "../events/index.ts";
import { withInstance } from "./instances.ts";
import { maskedColumns, planMasking } from "./masking/index.ts";
import { readSchema, type Schema } from "./mysql/schema.ts";
import { planPreserve, type PreservePlan, preserveRows, provePreserved } from "./preserving/index.ts";

/**
 * The plan for a contract: a parent that both sides have is the same row only where no unmasked unique key differs.
 *
 * @throws FatalError `PRESERVE_*`, and masking's own for a contract that does not fit the copy
 */
export function planUnderContract(contract: SyncContract, staging: Schema, copy: Schema): PreservePlan {
  const masked = new Set(
    planMasking(contract.masking, copy).tables.flatMap((table) =>
      maskedColumns(table).map(({ column }) => JSON.stringify([table.table, column])),
    ),
  );
  const isMasked = (table: string, column: string) => masked.has(JSON.stringify([table, column]));
  return planPreserve(contract.preserve, staging, copy, { isMasked, references: contract.references });
}

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
        const schemas = [await readSchema(staging, stagingDatabase), await readSchema(copy, database)] as const;
        const plan = planUnderContract(contract, ...schemas);
        for (const note of plan.notes) context.log.info({}, note);
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
