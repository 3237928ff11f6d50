// What the proof must know from before the first row is masked.
import type { WriteSession } from "../../../contracts/platform.ts";
import { readSchema } from "../../mysql/schema.ts";
import type { MaskingJob } from "../job.ts";
import type { Ledger, LedgerColumn, LedgerTable } from "../ledger.ts";
import type { Step } from "../workers.ts";
import { rememberExpected } from "./chance.ts";
import { factsOf } from "./facts.ts";
import { Fingerprinter } from "./fingerprints.ts";
import { quotableColumns, rememberOriginals } from "./originals.ts";
import { openRecords } from "./records.ts";

export const originalsStep = (table: string) => `originals:${table}`;
export const expectedStep = (table: string, column: string) => `expected:${table}.${column}`;

/**
 * The steps that are not done yet: facts of the copy, fingerprints of originals, and what columns with values by chance
 * will become. They need the tables' row counts, so they come after `preparationOf`.
 */
export async function rememberingOf(session: WriteSession, job: MaskingJob, ledger: Ledger): Promise<Step[]> {
  const schema = await readSchema(session, job.database);
  const records = await openRecords(session, job, ledger);
  const fingerprinter = new Fingerprinter(job.key);
  const steps = new Map<string, Step>();
  const add = (table: Step["table"], name: string, look: (session: WriteSession) => Promise<unknown>) => {
    if (records.read(name) === undefined) steps.set(name, records.step(table, name, look));
  };
  for (const fact of await factsOf(session, job, schema)) add(fact.table, fact.step, (worker) => fact.ask(worker));
  for (const ledgerTable of ledger.tables) {
    const table = schema.tables.get(ledgerTable.plan.table);
    if (!table) continue;
    if (quotableColumns(ledgerTable, table).length > 0) {
      add(ledgerTable.plan, originalsStep(table.name), (worker) =>
        rememberOriginals(worker, job, records, ledgerTable, table, fingerprinter),
      );
    }
    for (const column of columnsByChance(ledgerTable)) {
      add(ledgerTable.plan, expectedStep(table.name, column.plan.column), (worker) =>
        rememberExpected(worker, job, records, ledgerTable, column, table),
      );
    }
  }
  return [...steps.values()];
}

export function columnsByChance({ columns }: LedgerTable): LedgerColumn[] {
  return columns.filter(({ plan }) => plan.byChance);
}
