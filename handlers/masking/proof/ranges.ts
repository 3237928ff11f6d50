// After masking: a table's ranges, each read once for all looks at masked columns, and what the reads say together.
import { FatalError } from "../../../contracts/errors.ts";
import type { WriteSession } from "../../../contracts/platform.ts";
import type { Schema } from "../../mysql/schema.ts";
import type { MaskingJob } from "../job.ts";
import type { Ledger, LedgerColumn, LedgerTable } from "../ledger.ts";
import type { Step } from "../workers.ts";
import { expectedStep } from "./before.ts";
import { rowsNotChecked } from "./chance.ts";
import { groupId, recordGroups, type Remembered } from "./expected-rows.ts";
import { type ReadRange, readRange } from "./read-range.ts";
import { notChecked, type ProofRecords } from "./records.ts";
import { rowIdentity } from "./row-identity.ts";

const rangeStep = (table: string, range: number) => `range:${range}:${table}`;

/** The reads that are not done yet; from when every row of the table is masked, since a range is read once. */
export function rangeReads(
  job: MaskingJob,
  records: ProofRecords,
  ledger: Ledger,
  ledgerTable: LedgerTable,
  schema: Schema,
): Step[] {
  const { plan, ranges } = ledgerTable;
  const table = schema.tables.get(plan.table);
  if (!table) return [];
  return ranges.flatMap((range, i) => {
    const name = rangeStep(table.name, i);
    if (records.read(name) !== undefined) return [];
    const run = async (worker: WriteSession) => {
      await records.note(worker, name, await readRange(worker, job, ledger, records, ledgerTable, table, range));
    };
    return [{ table: plan, run }];
  });
}

/** Every row was read, and among them those that were remembered. */
export function checkRanges(records: ProofRecords, ledgerTable: LedgerTable, schema: Schema): void {
  const { plan, ranges, rowsBefore } = ledgerTable;
  const read = ranges.map((_range, i) => records.read(rangeStep(plan.table, i)) as ReadRange | undefined);
  const rows = sum(read.map((range) => range?.rows ?? 0));
  const table = schema.tables.get(plan.table);
  if (read.includes(undefined) || !table) throw notChecked(`The rows of \`${plan.table}\``);
  if (rows !== rowsBefore) {
    throw new FatalError(
      "MASK_ROWS_DIFFER",
      `\`${plan.table}\` has ${rows} rows and should have ${rowsBefore}. Something else wrote to the replica: abandon the run and request a new one.`,
    );
  }
  if (rowIdentity(table, plan) === undefined) return; // judgeChance compares by count
  for (const group of recordGroups(ledgerTable, table)) {
    const compared = sum(read.map((range) => range?.compared[groupId(group)] ?? 0));
    if (compared !== storedRecords(records, ledgerTable, groupId(group))) throw rowsNotChecked(`\`${plan.table}\``);
  }
}

/** Rows of a column that its transform was found to leave as they are, by the ranges' notes. */
export function alikeRows(records: ProofRecords, { plan, ranges }: LedgerTable, { id }: LedgerColumn): number {
  const read = ranges.map((_range, i) => records.read(rangeStep(plan.table, i)) as ReadRange | undefined);
  return sum(read.map((range) => range?.alike[id] ?? 0));
}

/** How many records a group has, by the notes from before masking; undefined where one is missing. */
export function storedRecords(records: ProofRecords, { plan, ranges }: LedgerTable, group: number): number | undefined {
  const notes = ranges.map((_range, i) => records.read(expectedStep(plan.table, i)) as Remembered | undefined);
  return notes.includes(undefined) ? undefined : sum(notes.map((note) => note?.[group] ?? 0));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
