// What the proof must know from before the first row is masked.
import type { WriteSession } from "../../../contracts/platform.ts";
import { readCopy } from "../../mysql/waiting-keys.ts";
import type { MaskingJob } from "../job.ts";
import { ledgerDatabase, type Ledger } from "../ledger.ts";
import type { Step } from "../workers.ts";
import { areSought, completeDigests, rememberDigests } from "./digests.ts";
import { columnsByChance, openScratch, rememberExpected } from "./expected-rows.ts";
import { factsOf } from "./facts.ts";
import { Fingerprinter } from "./fingerprints.ts";
import { Originals, quotableColumns } from "./originals.ts";
import { type ProvenTable, provenTables } from "./proven-table.ts";
import { openRecords, readRecords } from "./records.ts";

export const originalsStep = (table: string) => `originals:${table}`;
export const expectedStep = (table: string, range: number) => `expected:${range}:${table}`;
const digestsStep = (table: string, column: string, range: number) => `digests:${range}:${table}.${column}`;

/**
 * The steps that are not done yet: facts of the copy, fingerprints and digests of originals, and what columns with values
 * by chance will become. They need the tables' row counts, so they come after `preparationOf`.
 */
export async function rememberingOf(session: WriteSession, job: MaskingJob, ledger: Ledger): Promise<Step[]> {
  const schema = await readCopy(session, job.database, ledgerDatabase(job));
  const records = await openRecords(session, job, ledger);
  const fingerprinter = new Fingerprinter(job.key);
  const steps: Step[] = [];
  const add = (name: string, step: () => Step) => {
    if (records.read(name) === undefined) steps.push(step());
  };
  for (const fact of await factsOf(session, job, schema)) {
    add(fact.step, () => records.step(fact.table, fact.step, (worker) => fact.ask(worker)));
  }
  // The largest first: were it last, one session would end the work alone.
  const tables = provenTables(job, ledger, records, schema);
  for (const proven of tables.toSorted((a, b) => b.ledgerTable.rowsBefore - a.ledgerTable.rowsBefore)) {
    const { ledgerTable, table } = proven;
    if (quotableColumns(ledgerTable, table).length > 0) {
      const name = originalsStep(table.name);
      const originals = new Originals(job, ledgerTable, table);
      const look = (worker: WriteSession) => originals.remember(worker, records, fingerprinter);
      add(name, () => ({
        ...records.step(ledgerTable.plan, name, look),
        onClient: true,
        share: () => originals.share(),
      }));
    }
    for (const [name, step] of rangeSteps(proven)) add(name, () => step);
  }
  return steps;
}

/** Range by range: the columns whose originals must be gone one by one, those with values by chance together. */
function rangeSteps(proven: ProvenTable): [name: string, step: Step][] {
  const { job, ledger, records, ledgerTable } = proven;
  const { plan, columns, ranges } = ledgerTable;
  return ranges.flatMap((range, i) => {
    const steps = columns.filter(areSought).map((column): [string, Step] => {
      const name = digestsStep(plan.table, column.plan.column, i);
      const look = (worker: WriteSession) => rememberDigests(worker, job, ledger, ledgerTable, column, range);
      return [name, records.step(plan, name, look)];
    });
    if (columnsByChance(ledgerTable).length === 0) return steps;
    const name = expectedStep(plan.table, i);
    const look = (worker: WriteSession) => rememberExpected(worker, proven, range);
    const open = (worker: WriteSession) => openScratch(worker, proven);
    return [...steps, [name, records.step(plan, name, look, open)]];
  });
}

/** After the steps of `rememberingOf`. */
export async function completingOf(session: WriteSession, job: MaskingJob, ledger: Ledger): Promise<Step[]> {
  const records = await readRecords(session, job);
  return ledger.tables.flatMap((table) => {
    const { plan, columns, ranges } = table;
    return columns
      .filter(({ sampled }) => !sampled)
      .map((column) => {
        const notes = ranges.map((_range, i) => records.read(digestsStep(plan.table, column.plan.column, i)));
        const found = notes.reduce<number>((sum, note) => sum + Number(note ?? 0), 0);
        return { table: plan, run: (worker) => completeDigests(worker, job, ledger, table, column, found) };
      });
  });
}
