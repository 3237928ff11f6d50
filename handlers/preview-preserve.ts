// The preview of a contract's `preserve`: what its rows would meet, and which references nobody declared. Nothing is written.
import type { Databases, ReadSession } from "../contracts/platform.ts";
import type { SyncContract } from "../contracts/sync-contract.ts";
import { maskedColumns, planMasking } from "./masking/index.ts";
import { readSchema } from "./mysql/schema.ts";
import { planUnderContract } from "./preserve.ts";
import { type PreservePreview, previewPreserve, type PreviewOptions } from "./preserving/preview/index.ts";
import { proposeReferences, type ReferenceProposal } from "./preserving/proposals/index.ts";

/** A preview, and the lines that `references` in sync.yaml may lack. */
export interface ContractPreview extends PreservePreview {
  readonly proposals: readonly ReferenceProposal[];
}

/** Where production's rows are read. */
export interface ProductionRows {
  readonly database: string;
  open(): Promise<ReadSession>;
}

/**
 * Reads staging, and production's rows: without these, staging's schema and its other rows, the last masked copy of
 * production, stand for it.
 *
 * @throws FatalError those of the plans, `PRESERVE_WHERE`, `PREVIEW_TOO_LARGE`
 */
export async function previewUnderContract(
  contract: SyncContract,
  databases: Pick<Databases, "read">,
  rows: ProductionRows | undefined,
): Promise<ContractPreview> {
  const staging = await databases.read("staging");
  try {
    if (!rows) return await preview(contract, staging, undefined);
    const production = await rows.open();
    try {
      return await preview(contract, staging, { session: production, database: rows.database });
    } finally {
      await production.close();
    }
  } finally {
    await staging.close();
  }
}

async function preview(
  contract: SyncContract,
  staging: ReadSession,
  production: { readonly session: ReadSession; readonly database: string } | undefined,
): Promise<ContractPreview> {
  const declared = contract.references;
  const stagingDatabase = contract.staging.database;
  const schema = await readSchema(staging, stagingDatabase);
  const copy = production ? await readSchema(production.session, production.database) : schema;
  const plan = planUnderContract(contract, schema, copy);
  const previewed = await previewPreserve({
    ...{ plan, staging, stagingDatabase },
    ...(production && { production: { ...production, ...copyOf(contract, copy) } }),
  });
  const tables = plan.tables.map(({ name }) => name);
  return { ...previewed, proposals: await proposeReferences({ session: staging, schema, declared, tables }) };
}

/** Of production's rows those that masking lets through, and of its columns those whose values it leaves alone. */
function copyOf(
  { masking }: SyncContract,
  schema: Parameters<typeof planMasking>[1],
): Pick<NonNullable<PreviewOptions["production"]>, "present" | "isMasked"> {
  const tables = new Map(planMasking(masking, schema).tables.map((table) => [table.table, table]));
  return {
    present(name) {
      const table = tables.get(name);
      if (table?.rule === "truncate") return "FALSE";
      const staysBehind = table?.rows?.deleteRows;
      return staysBehind === undefined ? undefined : `(${staysBehind}\n) IS NOT TRUE`;
    },
    isMasked(name, column) {
      const table = tables.get(name);
      return table !== undefined && maskedColumns(table).some((masked) => masked.column === column);
    },
  };
}
