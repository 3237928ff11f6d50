// After masking: a table's ranges, each read once for all looks at masked columns, and what the reads say together.
import { FatalError } from "../../../contracts/errors.ts";
import type { WriteSession } from "../../../contracts/platform.ts";
import type { LedgerColumn } from "../ledger.ts";
import type { Step } from "../workers.ts";
import { expectedStep } from "./before.ts";
import { rowsNotChecked } from "./chance.ts";
import { groupId, recordGroups, type Remembered } from "./expected-rows.ts";
import type { ProvenTable } from "./proven-table.ts";
import { type ReadRange, readRange } from "./read-range.ts";
import { notChecked } from "./records.ts";
import { rowIdentity } from "./row-identity.ts";

const rangeStep = (table: string, range: number) => `range:${range}:${table}`;

/** The reads that are not done yet; from when every row of the table is masked, since a range is read once. */
export function rangeReads(proven: ProvenTable): Step[] {
  const { records, ledgerTable } = proven;
  const { plan, ranges } = ledgerTable;
  return ranges.flatMap((range, i) => {
    const name = rangeStep(plan.table, i);
    if (records.read(name) !== undefined) return [];
    const run = async (worker: WriteSession) => {
      await records.note(worker, name, await readRange(worker, proven, range));
    };
    return [{ table: plan, run }];
  });
}

/** Every row was read, and among them those that were remembered. */
export function checkRanges(proven: ProvenTable): void {
  const { plan, rowsBefore } = proven.ledgerTable;
  const read = notesOf<ReadRange>(proven, rangeStep);
  const rows = sum(read.map((range) => range?.rows ?? 0));
  if (read.includes(undefined)) throw notChecked(`The rows of \`${plan.table}\``);
  if (rows !== rowsBefore) {
    throw new FatalError(
      "MASK_ROWS_DIFFER",
      `\`${plan.table}\` has ${rows} rows and should have ${rowsBefore}. Something else wrote to the replica: abandon the run and request a new one.`,
    );
  }
  if (rowIdentity(proven.table, plan) === undefined) return; // judgeChance compares by count
  for (const group of recordGroups(proven)) {
    const compared = sum(read.map((range) => range?.compared[groupId(group)] ?? 0));
    if (compared !== storedRecords(proven, groupId(group))) throw rowsNotChecked(`\`${plan.table}\``);
  }
}

/** Rows of a column that its transform was found to leave as they are, by the ranges' notes. */
export function alikeRows(proven: ProvenTable, { id }: LedgerColumn): number {
  return sum(notesOf<ReadRange>(proven, rangeStep).map((range) => range?.alike[id] ?? 0));
}

/** How many records a group has, by the notes from before masking; undefined where one is missing. */
export function storedRecords(proven: ProvenTable, group: number): number | undefined {
  const notes = notesOf<Remembered>(proven, expectedStep);
  return notes.includes(undefined) ? undefined : sum(notes.map((note) => note?.[group] ?? 0));
}

/** Of each range. */
function notesOf<Note>({ records, ledgerTable }: ProvenTable, step: typeof rangeStep): (Note | undefined)[] {
  return ledgerTable.ranges.map((_range, i) => records.read(step(ledgerTable.plan.table, i)) as Note | undefined);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
