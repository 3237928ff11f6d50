// The engine's own tables on the replica: what is planned, what is done, and digests of what must not survive.
// They are keyed by the copy's database, and the wipe after a run drops them with it.
import { FatalError } from "../../contracts/errors.ts";
import type { WriteSession } from "../../contracts/platform.ts";
import { quoteName, quoteTable } from "../mysql/identifiers.ts";
import { textLiteral } from "../mysql/literals.ts";
import type { MaskingJob } from "./job.ts";
import { fingerprint, PROOF_DIGEST_BYTES } from "./keyed.ts";
import { maskedColumns, type MaskedColumn, type TablePlan } from "./plan.ts";
import { inTransaction } from "./transaction.ts";

const DEFAULT_DATABASE = "_understudy";

/** A whole number as a session returns it: in digits, where its type could exceed 2^53. */
export type Whole = number | string;

/** A column whose originals are remembered, and looked for afterwards. */
export interface LedgerColumn {
  readonly id: number;
  readonly plan: MaskedColumn;
  readonly sampled: boolean;
  readonly proven: boolean;
  readonly originals: number;
}

/** A table with work to do: columns to mask, or rows to remove. */
export interface LedgerTable {
  readonly id: number;
  readonly plan: TablePlan;
  /** Counted and divided into chunks; for a truncated table: emptied. */
  readonly prepared: boolean;
  readonly rowsBefore: number;
  /** Has as many rows after masking as before. */
  readonly proven: boolean;
  readonly columns: readonly LedgerColumn[];
}

export interface Ledger {
  readonly tables: readonly LedgerTable[];
  /** A ledger table's quoted name. */
  name(table: LedgerName): string;
}

type LedgerName = "mask_runs" | "mask_tables" | "mask_columns" | "mask_chunks" | "mask_originals";

/** In the order of their foreign keys. */
function definitions(name: Ledger["name"]): Record<LedgerName, string> {
  const belongsTo = (column: string, parent: LedgerName) =>
    `FOREIGN KEY (${column}) REFERENCES ${name(parent)} (id) ON DELETE CASCADE`;
  return {
    mask_runs: "copy VARCHAR(64) PRIMARY KEY, run VARCHAR(190) NOT NULL, work CHAR(64) NOT NULL",
    mask_tables: `id INT UNSIGNED AUTO_INCREMENT PRIMARY KEY, copy VARCHAR(64) NOT NULL, name VARCHAR(64) NOT NULL,
      prepared TINYINT NOT NULL DEFAULT 0, rows_before BIGINT NOT NULL DEFAULT 0,
      proven TINYINT NOT NULL DEFAULT 0, UNIQUE KEY (copy, name)`,
    mask_columns: `id INT UNSIGNED AUTO_INCREMENT PRIMARY KEY, table_id INT UNSIGNED NOT NULL,
      name VARCHAR(64) NOT NULL, sampled TINYINT NOT NULL DEFAULT 0, originals INT NOT NULL DEFAULT 0,
      proven TINYINT NOT NULL DEFAULT 0, UNIQUE KEY (table_id, name), ${belongsTo("table_id", "mask_tables")}`,
    mask_chunks: `table_id INT UNSIGNED NOT NULL, chunk INT UNSIGNED NOT NULL, low LONGTEXT, high LONGTEXT,
      done TINYINT NOT NULL DEFAULT 0, masked_rows BIGINT NOT NULL DEFAULT 0, PRIMARY KEY (table_id, chunk),
      ${belongsTo("table_id", "mask_tables")}`,
    mask_originals: `column_id INT UNSIGNED NOT NULL, digest BINARY(${PROOF_DIGEST_BYTES}) NOT NULL,
      PRIMARY KEY (column_id, digest), ${belongsTo("column_id", "mask_columns")}`,
  };
}

/**
 * Opens the ledger of this copy and run, and makes it where it is not there.
 *
 * @throws FatalError `MASK_CHANGED_MIDWAY` when this run began under another plan or key.
 */
export async function openLedger(session: WriteSession, job: MaskingJob): Promise<Ledger> {
  const database = job.ledgerDatabase ?? DEFAULT_DATABASE;
  const name: Ledger["name"] = (table) => quoteTable(database, table);
  await session.run(`CREATE DATABASE IF NOT EXISTS ${quoteName(database)}`);
  for (const [table, definition] of Object.entries(definitions(name))) {
    await session.run(
      `CREATE TABLE IF NOT EXISTS ${quoteTable(database, table)} (${definition})
       ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin ROW_FORMAT = DYNAMIC`,
    );
  }
  await inTransaction(session, () => beginRun(session, job, name));
  return { name, tables: await readTables(session, job, name) };
}

/** A ledger of another run, or of a plan that has changed no row yet, is emptied. The row in mask_runs is the lock. */
async function beginRun(session: WriteSession, job: MaskingJob, name: Ledger["name"]): Promise<void> {
  const copy = textLiteral(job.database);
  const work = fingerprint(job.key, JSON.stringify(job.plan));
  await session.run(`INSERT IGNORE INTO ${name("mask_runs")} VALUES (${copy}, '', '')`);
  const [begun] = await session.query<{ run: string; work: string }>(
    `SELECT run, work FROM ${name("mask_runs")} WHERE copy = ${copy} FOR UPDATE`,
  );
  if (begun?.run === job.run && begun.work === work) return;
  if (begun?.run === job.run && (await hasChangedRows(session, copy, name))) {
    throw new FatalError(
      "MASK_CHANGED_MIDWAY",
      `The masking rules, the schema or the masking key changed after masking of \`${job.database}\` had begun. Put back what changed and replay run \`${job.run}\`, or abandon it and request a new one.`,
    );
  }
  // Columns, chunks and digests go with their table.
  await session.run(`DELETE FROM ${name("mask_tables")} WHERE copy = ${copy}`);
  for (const table of job.plan.tables) await addTable(session, copy, table, name);
  await session.run(
    `UPDATE ${name("mask_runs")} SET run = ${textLiteral(job.run)}, work = '${work}' WHERE copy = ${copy}`,
  );
}

/** True when a chunk is masked, or a table (which then has no chunks) is truncated. */
async function hasChangedRows(session: WriteSession, copy: string, name: Ledger["name"]): Promise<boolean> {
  const changed = await session.query(
    `SELECT 1 AS found FROM ${name("mask_tables")} t LEFT JOIN ${name("mask_chunks")} c ON c.table_id = t.id
     WHERE t.copy = ${copy} AND (c.done = 1 OR t.prepared = 1 AND c.table_id IS NULL) LIMIT 1`,
  );
  return changed.length > 0;
}

async function addTable(session: WriteSession, copy: string, table: TablePlan, name: Ledger["name"]): Promise<void> {
  const masked = maskedColumns(table);
  if (table.rule !== "truncate" && masked.length === 0) return;
  const own = `copy = ${copy} AND name = ${textLiteral(table.table)}`;
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
  const tables = await session.query<{ id: Whole; name: string; prepared: Whole; rowsBefore: Whole; proven: Whole }>(
    `SELECT id, name, prepared, rows_before AS rowsBefore, proven FROM ${name("mask_tables")} WHERE copy = ${copy}`,
  );
  const columns = await session.query<{
    id: Whole;
    tableId: Whole;
    name: string;
    sampled: Whole;
    originals: Whole;
    proven: Whole;
  }>(
    `SELECT c.id, c.table_id AS tableId, c.name, c.sampled, c.originals, c.proven
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
      proven: Number(row.proven) === 1,
      columns: own.flatMap((column) => {
        const columnPlan = masked.get(column.name);
        if (!columnPlan) return [];
        return {
          id: Number(column.id),
          plan: columnPlan,
          sampled: Number(column.sampled) === 1,
          proven: Number(column.proven) === 1,
          originals: Number(column.originals),
        };
      }),
    };
  });
}
