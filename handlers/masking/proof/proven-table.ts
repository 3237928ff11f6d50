// A table of the copy, with all that the proof's looks at it go by.
import type { Schema, Table } from "../../mysql/schema.ts";
import type { MaskingJob } from "../job.ts";
import type { Ledger, LedgerTable } from "../ledger.ts";
import { notChecked, type ProofRecords } from "./records.ts";

export interface ProvenTable {
  readonly job: MaskingJob;
  readonly ledger: Ledger;
  readonly records: ProofRecords;
  readonly ledgerTable: LedgerTable;
  readonly table: Table;
}

/** Those of the ledger. @throws FatalError `MASK_NOT_CHECKED` where the copy has one no more */
export function provenTables(job: MaskingJob, ledger: Ledger, records: ProofRecords, schema: Schema): ProvenTable[] {
  return ledger.tables.map((ledgerTable) => {
    const table = schema.tables.get(ledgerTable.plan.table);
    if (!table) throw notChecked(`The rows of \`${ledgerTable.plan.table}\``);
    return { job, ledger, records, ledgerTable, table };
  });
}
