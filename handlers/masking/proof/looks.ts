// The looks of the proof beyond each masked column itself: what they are, and what they say together.
import type { WriteSession } from "../../../contracts/platform.ts";
import { readCopy } from "../../mysql/waiting-keys.ts";
import type { MaskingJob } from "../job.ts";
import { ledgerDatabase, type Ledger } from "../ledger.ts";
import type { Step } from "../workers.ts";
import { originalsStep } from "./before.ts";
import { type ChanceProof, judgeChance, judgeRepeated, rowsNotChecked } from "./chance.ts";
import { columnsByChance, slotOf } from "./expected-rows.ts";
import { type Fact, factsOf } from "./facts.ts";
import { FINGERPRINT_BYTES, Fingerprinter } from "./fingerprints.ts";
import { type Finding, findingsOf, refuseFindings } from "./judge.ts";
import { quotableColumns, readFingerprints, type RememberedOriginals } from "./originals.ts";
import { type ProvenTable, provenTables } from "./proven-table.ts";
import { QuotationIndex } from "./quotations.ts";
import { alikeRows, checkRanges, rangeReads, storedRecords } from "./ranges.ts";
import { notChecked, openRecords, type ProofRecords, readRecords } from "./records.ts";
import { scanStep, type ScanState, scanTable } from "./scan.ts";
import { visibleColumns, type VisibleTable } from "./visible-columns.ts";

/** What the looks found, for the report. */
export interface Found {
  /** Rows of columns with values by chance that were held against what their transform gives. */
  readonly compared: number;
  /** Text and JSON columns that stay visible, and the values in them: all were read. */
  readonly visibleColumns: number;
  readonly visibleValues: number;
  /** Originals that identify somebody wherever they stand, and that were looked for in visible text. */
  readonly quotable: number;
  /** Tables of which a sample of the rows gave these, not all. */
  readonly sampledTables: number;
  /** Row counts, orphans and generated columns that are as they were. */
  readonly facts: number;
  /** What visible columns hold and the contract allows. */
  readonly allowed: readonly Finding[];
}

export interface Looks {
  /** Those that are not done yet. */
  readonly steps: readonly Step[];
  /** After the steps: the verdict on all of them. Throws as `proveMasking` says. */
  conclude(session: WriteSession): Promise<Found | "out-of-time">;
}

const chanceStep = (table: string, column: string) => `chance:${table}.${column}`;
const afterStep = (step: string) => `after:${step}`;

export async function openLooks(session: WriteSession, job: MaskingJob, ledger: Ledger): Promise<Looks> {
  const schema = await readCopy(session, job.database, ledgerDatabase(job));
  const records = await openRecords(session, job, ledger);
  const tables = provenTables(job, ledger, records, schema);
  const index = await openIndex(session, job, records, ledger, tables);
  const visible = visibleColumns(job.plan, schema);
  const facts = await factsOf(session, job, schema);
  return {
    steps: [
      ...scanSteps(job, records, visible, index),
      ...tables.flatMap(rangeReads),
      ...tables.flatMap(chanceSteps),
      ...factSteps(records, facts),
    ],
    async conclude(worker) {
      const after = await readRecords(worker, job);
      const scans = visible.map(({ plan }) => ({
        plan,
        state: after.read(scanStep(plan.table)) as ScanState | undefined,
      }));
      if (scans.some(({ state }) => !state?.done)) return "out-of-time";
      for (const proven of provenTables(job, ledger, after, schema)) {
        checkRanges(proven);
        for (const column of columnsByChance(proven.ledgerTable)) {
          await judgeRepeated(worker, proven, column, alikeRows(proven, column));
        }
      }
      const chances = ledger.tables.flatMap((table) =>
        columnsByChance(table).map(
          ({ plan }) => after.read(chanceStep(table.plan.table, plan.column)) as ChanceProof | undefined,
        ),
      );
      const findings = scans.flatMap(({ plan, state }) => findingsOf(plan.table, state?.columns ?? [], ledger, index));
      refuseFindings(findings, job.allow ?? []);
      const columns = scans.flatMap(({ state }) => state?.columns ?? []);
      const originals = ledger.tables.map(
        ({ plan }) => after.read(originalsStep(plan.table)) as RememberedOriginals | undefined,
      );
      return {
        compared: sum(chances.map((chance) => chance?.compared ?? 0)),
        visibleColumns: columns.length,
        visibleValues: sum(columns.map(({ values }) => values)),
        quotable: sum(originals.flatMap((own) => Object.values(own?.prints ?? {}))),
        sampledTables: originals.filter((own) => own?.sampled).length,
        facts: facts.length,
        allowed: findings,
      };
    },
  };
}

/** @throws FatalError `MASK_NOT_CHECKED` where fingerprints are missing */
async function openIndex(
  session: WriteSession,
  job: MaskingJob,
  records: ProofRecords,
  ledger: Ledger,
  tables: readonly ProvenTable[],
): Promise<QuotationIndex> {
  const prints = await readFingerprints(session, records, ledger);
  const index = new QuotationIndex(new Fingerprinter(job.key), prints);
  const stored = new Map<number, number>();
  for (const {
    column,
    prints: { length },
  } of prints) {
    stored.set(column, (stored.get(column) ?? 0) + length / FINGERPRINT_BYTES);
  }
  for (const { ledgerTable, table } of tables) {
    const remembered = records.read(originalsStep(table.name)) as RememberedOriginals | undefined;
    for (const { column } of quotableColumns(ledgerTable, table)) {
      if (remembered?.prints[column.id] === (stored.get(column.id) ?? 0)) continue;
      throw notChecked(`The originals of \`${table.name}.${column.plan.column}\``);
    }
  }
  return index;
}

function scanSteps(
  job: MaskingJob,
  records: ProofRecords,
  visible: readonly VisibleTable[],
  index: QuotationIndex,
): Step[] {
  return visible
    .filter(({ plan }) => !(records.read(scanStep(plan.table)) as ScanState | undefined)?.done)
    .map((own) => ({
      table: own.plan,
      onClient: true,
      run: (worker) => scanTable(worker, job, records, own, index),
    }));
}

function chanceSteps(proven: ProvenTable): Step[] {
  const { records, ledgerTable, table } = proven;
  return columnsByChance(ledgerTable)
    .filter(({ plan }) => records.read(chanceStep(table.name, plan.column)) === undefined)
    .map((column) => ({
      table: ledgerTable.plan,
      async run(worker: WriteSession) {
        const stored = storedRecords(proven, slotOf(proven, column).group);
        if (stored === undefined) throw rowsNotChecked(`\`${table.name}.${column.plan.column}\``);
        const proof = await judgeChance(worker, proven, column, stored);
        await records.note(worker, chanceStep(table.name, column.plan.column), proof);
      },
    }));
}

function factSteps(records: ProofRecords, facts: readonly Fact[]): Step[] {
  return facts
    .filter(({ step }) => records.read(afterStep(step)) === undefined)
    .map((fact) => ({
      table: fact.table,
      async run(worker: WriteSession) {
        const after = await fact.ask(worker);
        // A foreign key that the copy got back since then has nothing to be held against, unless it has no orphans.
        const before =
          (records.read(fact.step) as string | undefined) ??
          (fact.step.startsWith("orphans:") && after === "0" ? "0" : undefined);
        if (before === undefined) throw notChecked(`\`${fact.step}\``);
        const error = after === before ? undefined : fact.differs(before, after);
        if (error) throw error;
        await records.note(worker, afterStep(fact.step), after);
      },
    }));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
