// The engine's own tables on the replica: what is planned, what is done, and digests of what must not survive.
// They are keyed by the copy's database, and the wipe after a run drops them with it.
import { FatalError } from "../../contracts/errors.ts";
import type { WriteSession } from "../../contracts/platform.ts";
import { quoteName, quoteTable } from "../mysql/identifiers.ts";
import { textLiteral } from "../mysql/literals.ts";
import type { MaskingJob } from "./job.ts";
import { type Boundary, type Range, rangesUpTo } from "./chunk-range.ts";
import { fingerprint } from "./keyed.ts";
import { ledgerTables, type LedgerName } from "./ledger-schema.ts";
import { maskedColumns, type MaskedColumn, type MaskingPlan, type TablePlan } from "./plan.ts";
import { inTransaction } from "./transaction.ts";

const DEFAULT_DATABASE = "_understudy";

export function ledgerDatabase({ ledgerDatabase: given }: MaskingJob): string {
  return given ?? DEFAULT_DATABASE;
}

/** A whole number as a session returns it: in digits, where its type could exceed 2^53. */
export type Whole = number | string;

/** A column whose originals are remembered, and looked for afterwards. */
export interface LedgerColumn {
  readonly id: number;
  readonly plan: MaskedColumn;
  /** Its originals are remembered. */
  readonly sampled: boolean;
  readonly originals: number;
  /** Only values with a CRC-32 below this are remembered; null where all are. */
  readonly sampleBelow: number | null;
}

/** Where a table's secondary keys are; `untouched` for good where dropping them would save nothing. */
export type KeyState = "untouched" | "remembered" | "dropped" | "restored";

/** A table with work to do: columns to mask, or rows to remove. */
export interface LedgerTable {
  readonly id: number;
  readonly plan: TablePlan;
  /** Its rows are counted; for a truncated table: removed. */
  readonly prepared: boolean;
  readonly rowsBefore: number;
  /** All its rows, in the pieces that the proof reads before masking and after it; one, until it is prepared. */
  readonly ranges: readonly Range[];
  /** As they were when the ledger was opened. */
  readonly keys: KeyState;
  readonly columns: readonly LedgerColumn[];
}

export interface Ledger {
  readonly tables: readonly LedgerTable[];
  /** A ledger table's quoted name. */
  name(table: LedgerName): string;
}

/**
 * Opens the ledger of this copy and run, and makes it where it is not there.
 *
 * @throws FatalError `MASK_CHANGED_MIDWAY` when this run began under another plan or key.
 */
export async function openLedger(session: WriteSession, job: MaskingJob): Promise<Ledger> {
  const database = ledgerDatabase(job);
  await session.run(`CREATE DATABASE IF NOT EXISTS ${quoteName(database)}`);
  for (const statement of ledgerTables(database)) await session.run(statement);
  await inTransaction(session, () => beginRun(session, job, nameIn(job)));
  return readLedger(session, job);
}

/** The ledger as it is now, after steps that wrote to it. It was opened before. */
export async function readLedger(session: WriteSession, job: MaskingJob): Promise<Ledger> {
  const name = nameIn(job);
  return { name, tables: await readTables(session, job, name) };
}

function nameIn(job: MaskingJob): Ledger["name"] {
  const database = ledgerDatabase(job);
  return (table) => quoteTable(database, table);
}

/**
 * What a plan does, as text: the same for every plan that is made of the copy while it is masked. How many rows a column
 * has room for is left out: it is asked once, and goes by unique keys that may since have been dropped.
 */
export function workOf(plan: MaskingPlan): string {
  return JSON.stringify(plan, (property, value: unknown) => (property === "room" ? undefined : value));
}

/** A ledger of another run, or of a plan that has changed no row yet, is emptied. The row in mask_runs is the lock. */
async function beginRun(session: WriteSession, job: MaskingJob, name: Ledger["name"]): Promise<void> {
  const copy = textLiteral(job.database);
  const work = fingerprint(job.key, workOf(job.plan));
  await session.run(`INSERT IGNORE INTO ${name("mask_runs")} VALUES (${copy}, '', '')`);
  const [begun] = await session.query<{ run: string; work: string }>(
    `SELECT run, work FROM ${name("mask_runs")} WHERE copy = ${copy} FOR UPDATE`,
  );
  if (begun?.run === job.run && begun.work === work) return;
  if (begun?.run === job.run && (await hasBegun(session, copy, name))) {
    throw new FatalError(
      "MASK_CHANGED_MIDWAY",
      `The masking rules, the schema or the masking key changed after masking of \`${job.database}\` had begun. Put back what changed and replay run \`${job.run}\`, or abandon it and request a new one.`,
    );
  }
  // Keys, columns, chunks and digests go with their table.
  for (const table of ["mask_rows", "mask_tables"] as const) {
    await session.run(`DELETE FROM ${name(table)} WHERE copy = ${copy}`);
  }
  for (const table of job.plan.tables) await addTable(session, copy, table, name);
  await session.run(
    `UPDATE ${name("mask_runs")} SET run = ${textLiteral(job.run)}, work = '${work}' WHERE copy = ${copy}`,
  );
}

/** True when rows were left behind, a chunk is masked, a table's keys may be dropped, or a table (which then has no columns here) is truncated. */
async function hasBegun(session: WriteSession, copy: string, name: Ledger["name"]): Promise<boolean> {
  const begun = await session.query(
    `SELECT 1 AS found FROM ${name("mask_tables")} t WHERE t.copy = ${copy} AND (t.key_state <> 'untouched'
       OR EXISTS (SELECT 1 FROM ${name("mask_chunks")} c WHERE c.table_id = t.id AND c.done = 1)
       OR t.prepared = 1 AND NOT EXISTS (SELECT 1 FROM ${name("mask_columns")} c WHERE c.table_id = t.id)) LIMIT 1`,
  );
  const deleted = await session.query(
    `SELECT 1 AS found FROM ${name("mask_rows")} WHERE copy = ${copy} AND deleted + emptied > 0 LIMIT 1`,
  );
  return begun.length > 0 || deleted.length > 0;
}

async function addTable(session: WriteSession, copy: string, table: TablePlan, name: Ledger["name"]): Promise<void> {
  const masked = maskedColumns(table);
  const own = `copy = ${copy} AND name = ${textLiteral(table.table)}`;
  if (table.rows) await session.run(`INSERT INTO ${name("mask_rows")} SET ${own.replace(" AND ", ", ")}`);
  if (table.rule !== "truncate" && masked.length === 0) return;
  await session.run(`INSERT INTO ${name("mask_tables")} SET ${own.replace(" AND ", ", ")}`);
  for (const { column } of masked) {
    await session.run(
      `INSERT INTO ${name("mask_columns")} (table_id, name)
       SELECT id, ${textLiteral(column)} FROM ${name("mask_tables")} WHERE ${own}`,
    );
  }
}

async function readTables(session: WriteSession, job: MaskingJob, name: Ledger["name"]): Promise<LedgerTable[]> {
  const copy = textLiteral(job.database);
  const tables = await session.query<{
    id: Whole;
    name: string;
    prepared: Whole;
    rowsBefore: Whole;
    ends: string | null;
    keys: KeyState;
  }>(
    `SELECT id, name, prepared, rows_before AS rowsBefore, ends, key_state AS \`keys\`
     FROM ${name("mask_tables")} WHERE copy = ${copy}`,
  );
  const columns = await session.query<{
    id: Whole;
    tableId: Whole;
    name: string;
    sampled: Whole;
    originals: Whole;
    sampleBelow: Whole | null;
  }>(
    `SELECT c.id, c.table_id AS tableId, c.name, c.sampled, c.originals, c.sample_below AS sampleBelow
     FROM ${name("mask_columns")} c JOIN ${name("mask_tables")} t ON t.id = c.table_id WHERE t.copy = ${copy}`,
  );
  const plans = new Map(job.plan.tables.map((plan) => [plan.table, plan]));
  return tables.flatMap((row) => {
    const plan = plans.get(row.name);
    if (!plan) return [];
    const masked = new Map(maskedColumns(plan).map((column) => [column.column, column]));
    const own = columns.filter(({ tableId }) => Number(tableId) === Number(row.id));
    return {
      id: Number(row.id),
      plan,
      prepared: Number(row.prepared) === 1,
      rowsBefore: Number(row.rowsBefore),
      ranges: rangesUpTo(JSON.parse(row.ends ?? "[]") as Boundary[]),
      keys: row.keys,
      columns: own.flatMap((column) => {
        const columnPlan = masked.get(column.name);
        if (!columnPlan) return [];
        return {
          id: Number(column.id),
          plan: columnPlan,
          sampled: Number(column.sampled) === 1,
          originals: Number(column.originals),
          sampleBelow: column.sampleBelow === null ? null : Number(column.sampleBelow),
        };
      }),
    };
  });
}
