// Columns whose new values may be real ones by chance: each row is held against what its transform gives.
import { FatalError } from "../../../contracts/errors.ts";
import type { WriteSession } from "../../../contracts/platform.ts";
import { quoteName, quoteTable } from "../../mysql/identifiers.ts";
import type { Table } from "../../mysql/schema.ts";
import type { MaskingJob } from "../job.ts";
import { proofDigest } from "../keyed.ts";
import type { LedgerColumn, LedgerTable, Whole } from "../ledger.ts";
import { inLedger } from "../masked-sql.ts";
import type { ProofRecords } from "./records.ts";
import { rowIdentity, sampleCondition } from "./row-identity.ts";

/** Smaller tables are compared row by row, whole. */
const WHOLE_TABLE_ROWS = 100_000;

/** What was noted of a column before masking. */
interface Remembered {
  readonly rows: number;
}

export interface ChanceProof {
  /** Rows held against their original and against what the transform gives for it. */
  readonly compared: number;
  /** Different originals that the transform itself leaves as they are. */
  readonly unchanged: number;
}

/**
 * Remembers, for each row or a sample of them, digests of the original and of what the transform makes of it.
 *
 * The new value is stored in a column of the same type first: only so does the server round, cut and convert it as it will
 * when it masks.
 */
export async function rememberExpected(
  session: WriteSession,
  job: MaskingJob,
  records: ProofRecords,
  ledgerTable: LedgerTable,
  { id, plan }: LedgerColumn,
  table: Table,
): Promise<Remembered> {
  const identity = rowIdentity(table, ledgerTable.plan);
  const from = quoteTable(job.database, table.name);
  const name = quoteName(plan.column);
  const scratch = `${records.name("proof_rows").slice(0, -1)}_${id}\``;
  await session.run(`DROP TEMPORARY TABLE IF EXISTS ${scratch}`);
  await session.run(
    `CREATE TEMPORARY TABLE ${scratch} (row_digest BINARY(16), original BINARY(16))
     SELECT ${name} AS expected FROM ${from} LIMIT 0`,
  );
  // Without a key rows are told apart by nothing: they are compared by count, so all of them are needed.
  const row = identity === undefined ? "LEFT(UNHEX(SHA2(UUID(), 256)), 16)" : proofDigest(identity);
  await session.run(
    `INSERT INTO ${scratch} (row_digest, original, expected)
     SELECT ${row}, ${proofDigest(name)}, ${inLedger(job, plan.sql)} FROM ${from}
     WHERE ${sampleCondition(identity, ledgerTable.rowsBefore, WHOLE_TABLE_ROWS)}
       AND ${name} IS NOT NULL AND NOT (${plan.unchanged})`,
  );
  const { affectedRows } = await session.run(
    `INSERT INTO ${records.name("proof_rows")} (column_id, row_digest, original, expected)
     SELECT ${id}, row_digest, original, IFNULL(${proofDigest("expected")}, '') FROM ${scratch}`,
  );
  await session.run(`DROP TEMPORARY TABLE ${scratch}`);
  return { rows: affectedRows };
}

/** So many different originals may stay as they are: one by chance is likely, eight are less than one in 100,000. */
const UNCHANGED_MAX = 7;
/** A shift or noise of few steps is nothing now and then. */
const UNCHANGED_SHARE_MAX = 0.05;

/** @throws FatalError `MASK_LEAK`, `MASK_NOT_CHECKED` */
export async function proveByChance(
  session: WriteSession,
  job: MaskingJob,
  records: ProofRecords,
  ledgerTable: LedgerTable,
  column: LedgerColumn,
  table: Table,
  remembered: Remembered | undefined,
): Promise<ChanceProof> {
  const place = `\`${table.name}.${column.plan.column}\``;
  const kept = `${records.name("proof_rows")} r`;
  const [counts] = await session.query<Record<"found" | "different" | "unchanged", Whole>>(
    `SELECT COUNT(*) AS found, COUNT(DISTINCT original) AS different,
       COUNT(DISTINCT IF(expected = original, original, NULL)) AS unchanged
     FROM ${kept} WHERE column_id = ${column.id}`,
  );
  const compared = Number(counts?.found);
  if (!remembered || remembered.rows !== compared) throw notChecked(place);
  const unchanged = Number(counts?.unchanged);
  // What a document's paths keep may be all that it has.
  const mayStay = column.plan.transform.name === "json";
  if (!mayStay && unchanged > Math.max(UNCHANGED_MAX, UNCHANGED_SHARE_MAX * Number(counts?.different))) {
    throw new FatalError(
      "MASK_LEAK",
      `The transform \`${column.plan.transform.name}\` leaves ${unchanged} different values of ${place} as they are, more than chance explains. Nothing was handed on. Abandon the run, and report this as a defect.`,
    );
  }
  const identity = rowIdentity(table, ledgerTable.plan);
  const leaks =
    identity === undefined
      ? await countSurplus(session, job, kept, column, table)
      : await countUnmasked(session, job, kept, column, table, {
          identity,
          sample: sampleCondition(identity, ledgerTable.rowsBefore, WHOLE_TABLE_ROWS),
          rows: compared,
        });
  if (leaks > 0) {
    throw new FatalError(
      "MASK_LEAK",
      `${leaks} rows of ${place} still hold their original value after masking, where the transform gives another. Nothing was handed on. Abandon the run, and report this as a defect.`,
    );
  }
  return { compared, unchanged };
}

/** Rows that hold their original although the transform gives another value. */
async function countUnmasked(
  session: WriteSession,
  job: MaskingJob,
  kept: string,
  { id, plan }: LedgerColumn,
  table: Table,
  { identity, sample, rows }: { readonly identity: string; readonly sample: string; readonly rows: number },
): Promise<number> {
  const [counts] = await session.query<{ found: Whole; leaks: Whole | null }>(
    `SELECT COUNT(*) AS found, SUM(r.original <> r.expected AND r.original = t.now) AS leaks
     FROM (SELECT ${proofDigest(identity)} AS row_digest, ${proofDigest(quoteName(plan.column))} AS now
           FROM ${quoteTable(job.database, table.name)} WHERE ${sample}) t
     STRAIGHT_JOIN ${kept} ON r.column_id = ${id} AND r.row_digest = t.row_digest`,
  );
  if (Number(counts?.found) !== rows) throw notChecked(`\`${table.name}.${plan.column}\``);
  return Number(counts?.leaks ?? 0);
}

/** Of a table without a fit key: how many more rows hold a value that was an original than the transform gives. */
async function countSurplus(
  session: WriteSession,
  job: MaskingJob,
  kept: string,
  { id, plan }: LedgerColumn,
  table: Table,
): Promise<number> {
  const [counts] = await session.query<{ leaks: Whole | null }>(
    `SELECT SUM(GREATEST(0, CAST(t.held AS SIGNED) - CAST(IFNULL(e.given, 0) AS SIGNED))) AS leaks
     FROM (SELECT ${proofDigest(quoteName(plan.column))} AS now, COUNT(*) AS held
           FROM ${quoteTable(job.database, table.name)} GROUP BY now) t
     JOIN (SELECT DISTINCT original FROM ${kept} WHERE column_id = ${id}) o ON o.original = t.now
     LEFT JOIN (SELECT expected, COUNT(*) AS given FROM ${kept} WHERE column_id = ${id} GROUP BY expected) e
       ON e.expected = t.now`,
  );
  return Number(counts?.leaks ?? 0);
}

function notChecked(place: string): FatalError {
  return new FatalError(
    "MASK_NOT_CHECKED",
    `Rows of ${place} that were remembered before masking are not found after it, so it cannot be proven. Abandon the run and request a new one.`,
  );
}
