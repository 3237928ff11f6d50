// Carries staging's own rows into the masked copy.
import type { WriteSession } from "../contracts/platform.ts";
import { done, waiting, type Stage, type StageContext } from "../contracts/stage.ts";
import type { SyncContract } from "../contracts/sync-contract.ts";
import { Masked, Preserved } from "../events/index.ts";
import { withInstance } from "./instances.ts";
import { maskingKey } from "./mask.ts";
import { maskedColumns, planMasking, setKey, type MaskedColumn } from "./masking/index.ts";
import { readSchema, type Schema } from "./mysql/schema.ts";
import {
  type ColumnMask,
  planPreserve,
  type PreservePlan,
  preserveRows,
  provePreserved,
  type TableSummary,
} from "./preserving/index.ts";
import { together } from "./together.ts";

/**
 * The plan for a contract: a parent that both sides have is the same row only where no unmasked unique key differs.
 *
 * @throws FatalError `PRESERVE_*`, and masking's own for a contract that does not fit the copy
 */
export function planUnderContract(
  contract: Pick<SyncContract, "masking" | "preserve" | "references">,
  staging: Schema,
  copy: Schema,
): PreservePlan {
  const { tables } = planMasking(contract.masking, copy);
  const masks = new Map(tables.map((table) => [table.table, maskedColumns(table).map(toMask)]));
  const masksOf = (table: string) => masks.get(table) ?? [];
  const isMasked = (table: string, name: string) => masksOf(table).some(({ column }) => column === name);
  return planPreserve(contract.preserve, staging, copy, { isMasked, masksOf, references: contract.references });
}

/** `permute` and `json` look values up that were prepared out of production's. */
function toMask({ column, sql, transform }: MaskedColumn): ColumnMask {
  return { column, sql, standsAlone: transform.name !== "permute" && transform.name !== "json" };
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
        const schemas = await together([readSchema(staging, stagingDatabase), readSchema(copy, database)]);
        const plan = planUnderContract(contract, ...schemas);
        for (const note of plan.notes) context.log.info({}, note);
        const open = () => platform.databases.write("replica");
        const shared = { plan, staging, stagingDatabase, open, database };
        const carried = await preserveRows({
          ...{ ...shared, signal },
          ...(context.cutOffMs !== undefined && { collectMs: context.cutOffMs }),
          ...(contract.preserve.some(({ mask }) => mask) && { setKey: setMaskingKey(context) }),
          onProgress: ({ table, rowsDone, rowsTotal }) =>
            progress({ unit: "rows", done: rowsDone, total: rowsTotal, doing: table }),
        });
        if (carried === "out-of-time") return waiting();
        const proven = await provePreserved({
          ...{ ...shared, signal },
          onProgress: (steps) => progress({ unit: "steps", ...steps, doing: "proof" }),
        });
        if (proven === "out-of-time") return waiting();
        const { perTable, ...counts } = proven;
        const said = { ...counts, ...matchedIn(perTable), ...(plan.notes.length > 0 && { notes: plan.notes }) };
        return done([Preserved.create({ runId, ...counts })], said);
      } finally {
        await staging.close();
      }
    });
  },
};

/** How many rows production has too, by what became of them; only what there is. */
function matchedIn(perTable: readonly TableSummary[]) {
  const counts = (["kept", "overwritten", "renamed"] as const).map(
    (what) => [what, perTable.reduce((sum, table) => sum + table[what], 0)] as const,
  );
  return Object.fromEntries(counts.filter(([, n]) => n > 0));
}

function setMaskingKey(context: StageContext) {
  return async (session: WriteSession) => setKey(session, await maskingKey(context, session));
}
