// Proof, not trust: after masking, the remembered originals are looked for again, wherever staging could read them.
import { FatalError } from "../../contracts/errors.ts";
import type { WriteSession } from "../../contracts/platform.ts";
import { readTotals } from "./chunks.ts";
import type { MaskingJob } from "./job.ts";
import { openLedger, type Ledger, type LedgerTable, type Whole } from "./ledger.ts";
import { type Found, openLooks } from "./proof/looks.ts";
import { withWorkers } from "./workers.ts";

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
    await checkDigests(session, ledger);
    const looks = await openLooks(session, job, ledger);
    if (!(await workers.runAll(looks.steps))) return "out-of-time";
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

/** Every digest that was stored before masking is still there. */
async function checkDigests(session: WriteSession, ledger: Ledger): Promise<void> {
  const counts = await session.query<{ id: Whole; found: Whole }>(
    `SELECT column_id AS id, COUNT(*) AS found FROM ${ledger.name("mask_originals")} GROUP BY column_id`,
  );
  const stored = new Map(counts.map(({ id, found }) => [Number(id), Number(found)]));
  for (const { plan, columns } of ledger.tables) {
    const column = columns.find(({ id, originals }) => (stored.get(id) ?? 0) !== originals);
    if (!column) continue;
    throw new FatalError(
      "MASK_NOT_CHECKED",
      `The digests of \`${plan.table}.${column.plan.column}\` are not complete, so it cannot be proven. Abandon the run and request a new one.`,
    );
  }
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
