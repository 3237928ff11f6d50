// Proof, not trust: after masking, the remembered originals are looked for again, wherever staging could read them.
import { FatalError } from "../../contracts/errors.ts";
import type { WriteSession } from "../../contracts/platform.ts";
import { quoteName, quoteTable } from "../mysql/identifiers.ts";
import { readTotals } from "./chunks.ts";
import type { MaskingJob } from "./job.ts";
import { proofDigest } from "./keyed.ts";
import { openLedger, type Ledger, type LedgerColumn, type LedgerTable, type Whole } from "./ledger.ts";
import type { MaskedColumn } from "./plan.ts";
import { type Found, openLooks } from "./proof/looks.ts";
import { withWorkers, type Step } from "./workers.ts";

/** Counts for the report, and no value. */
export interface Proof extends Found {
  /** Tables with masked columns. */
  readonly tables: number;
  readonly columns: number;
  /** Rows that masking went through. */
  readonly rows: number;
  /** Distinct original values that were looked for. */
  readonly originals: number;
  /** Tables that were to be emptied, and are. */
  readonly truncated: number;
}

/**
 * Looks for originals in every masked column and in all visible text, for personal data in visible text, and whether the
 * copy is whole. Resumes where an earlier call ran out of time.
 *
 * @throws FatalError `MASK_LEAK`, `MASK_ORIGINAL_QUOTED` or `MASK_PATTERN_FOUND` where an original or personal data is
 * found, `MASK_ROWS_DIFFER`, `MASK_ORPHANS` or `MASK_GENERATED_DIFFERS` where the copy is not as it was, `MASK_NOT_CHECKED`
 * where any of that could not be told.
 */
export async function proveMasking(job: MaskingJob): Promise<Proof | "out-of-time"> {
  return withWorkers(job, async (workers) => {
    const session = await workers.first();
    const ledger = await openLedger(session, job);
    for (const table of ledger.tables) await checkRecords(session, ledger, table);
    const looks = await openLooks(session, job, ledger);
    if (!(await workers.runAll([...proofSteps(job, ledger), ...looks.steps]))) return "out-of-time";
    const found = await looks.conclude(session);
    return found === "out-of-time" ? found : { ...summarize(ledger.tables), ...found };
  });
}

/** What the ledger itself must say: every column sampled, every row in one chunk, every chunk done, every key restored. */
async function checkRecords(session: WriteSession, ledger: Ledger, table: LedgerTable): Promise<void> {
  const { table: name, rule } = table.plan;
  const { finished, maskedRows } = await readTotals(session, ledger, table);
  const isComplete = table.prepared && table.columns.every(({ sampled }) => sampled);
  const areKeysThere = table.keys === "untouched" || table.keys === "restored";
  if (!isComplete || !areKeysThere || (rule !== "truncate" && !finished)) {
    throw new FatalError(
      "MASK_NOT_CHECKED",
      `Masking of \`${name}\` has not finished, so it cannot be proven. Replay the run.`,
    );
  }
  if (maskedRows !== table.rowsBefore) {
    throw new FatalError(
      "MASK_ROWS_DIFFER",
      `Masking went through ${maskedRows} rows of \`${name}\`, which had ${table.rowsBefore}. Something else wrote to the replica: abandon the run and request a new one.`,
    );
  }
}

function proofSteps(job: MaskingJob, ledger: Ledger): Step[] {
  return ledger.tables.flatMap((table) => {
    const counting = { table: table.plan, run: (session: WriteSession) => proveRows(session, job, ledger, table) };
    const columns = table.columns
      .filter(({ proven, plan }) => !proven && !plan.byChance)
      .map((column) => ({
        table: table.plan,
        run: (session: WriteSession) => proveColumn(session, job, ledger, table, column),
      }));
    return table.proven ? columns : [counting, ...columns];
  });
}

async function proveRows(session: WriteSession, job: MaskingJob, ledger: Ledger, table: LedgerTable): Promise<void> {
  const { id, plan, rowsBefore } = table;
  const [count] = await session.query<{ found: Whole }>(
    `SELECT COUNT(*) AS found FROM ${quoteTable(job.database, plan.table)}`,
  );
  const rows = Number(count?.found);
  if (rows !== rowsBefore) {
    throw new FatalError(
      "MASK_ROWS_DIFFER",
      `\`${plan.table}\` has ${rows} rows and should have ${rowsBefore}. Something else wrote to the replica: abandon the run and request a new one.`,
    );
  }
  await session.run(`UPDATE ${ledger.name("mask_tables")} SET proven = 1 WHERE id = ${id}`);
}

async function proveColumn(
  session: WriteSession,
  job: MaskingJob,
  ledger: Ledger,
  table: LedgerTable,
  column: LedgerColumn,
): Promise<void> {
  const { id, plan, originals, sampleBelow } = column;
  const kept = ledger.name("mask_originals");
  const [remembered] = await session.query<{ found: Whole }>(
    `SELECT COUNT(*) AS found FROM ${kept} WHERE column_id = ${id}`,
  );
  if (Number(remembered?.found) !== originals) {
    throw new FatalError(
      "MASK_NOT_CHECKED",
      `The digests of \`${table.plan.table}.${plan.column}\` are not complete, so it cannot be proven. Abandon the run and request a new one.`,
    );
  }
  const name = `t.${quoteName(plan.column)}`;
  const from = `FROM ${quoteTable(job.database, table.plan.table)} t`;
  const settled = settledCondition(plan);
  if (settled !== undefined) {
    const unsettled = `SELECT COUNT(*) AS found ${from} WHERE ${name} IS NOT NULL AND NOT (${settled})`;
    await refuseLeaks(session, table, column, unsettled);
  }
  // A sample tells nothing of a column in which every row has been seen to hold nothing.
  if (sampleBelow === null || !SETTLING.has(plan.transform.name)) {
    await refuseLeaks(
      session,
      table,
      column,
      `SELECT COUNT(*) AS found ${from}
       STRAIGHT_JOIN ${kept} o ON o.column_id = ${id} AND o.digest = ${proofDigest(name)}
       ${sampleBelow === null ? "" : `WHERE CRC32(${name}) < ${sampleBelow}`}`,
    );
  }
  await session.run(`UPDATE ${ledger.name("mask_columns")} SET proven = 1 WHERE id = ${id}`);
}

/** Transforms that leave what they have made as it is: every row can be held against that, of a table of any size. */
const SETTLING = new Set(["redact", "null", "fixed", "empty", "blob"]);

function settledCondition({ column, transform, unchanged }: MaskedColumn): string | undefined {
  if (SETTLING.has(transform.name)) return unchanged;
  const name = quoteName(column);
  return transform.name === "email" ? `CHAR_LENGTH(${name}) = 0 OR ${name} LIKE 'u%@example.com'` : undefined;
}

async function refuseLeaks(
  session: WriteSession,
  table: LedgerTable,
  { plan }: LedgerColumn,
  sql: string,
): Promise<void> {
  const [survivors] = await session.query<{ found: Whole }>(sql);
  const found = Number(survivors?.found);
  if (found === 0) return;
  throw new FatalError(
    "MASK_LEAK",
    `${found} rows of \`${table.plan.table}.${plan.column}\` still hold an original value after masking. Nothing was handed on. Abandon the run, and report this as a defect.`,
  );
}

function summarize(tables: readonly LedgerTable[]) {
  const masked = tables.filter(({ plan }) => plan.rule !== "truncate");
  return {
    tables: masked.length,
    columns: sum(masked.map(({ columns }) => columns.length)),
    rows: sum(masked.map(({ rowsBefore }) => rowsBefore)),
    originals: sum(masked.flatMap(({ columns }) => columns.map(({ originals }) => originals))),
    truncated: tables.length - masked.length,
  };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
