// Columns whose new values may be real ones by chance: each row is held against what its transform gives.
import { FatalError } from "../../../contracts/errors.ts";
import type { WriteSession } from "../../../contracts/platform.ts";
import { quoteName, quoteTable } from "../../mysql/identifiers.ts";
import { proofDigest } from "../keyed.ts";
import type { LedgerColumn, Whole } from "../ledger.ts";
import { groupId, sampleOf, slotOf } from "./expected-rows.ts";
import type { ProvenTable } from "./proven-table.ts";
import { rowIdentity, rowKey } from "./row-identity.ts";

export interface ChanceProof {
  /** Rows held against their original and against what the transform gives for it. */
  readonly compared: number;
}

/** So many different originals may stay as they are: one by chance is likely, eight are less than one in 100,000. */
const UNCHANGED_MAX = 7;
/** A shift or noise of few steps is nothing now and then. */
const UNCHANGED_SHARE_MAX = 0.05;

/**
 * What the remembered rows of a column say by themselves; whether the table's rows agree is for proof/read-range.ts, or,
 * without a key, for this.
 *
 * @param stored how many records the column's group has, by the notes
 * @throws FatalError `MASK_LEAK`, `MASK_NOT_CHECKED`
 */
export async function judgeChance(
  session: WriteSession,
  proven: ProvenTable,
  column: LedgerColumn,
  stored: number,
): Promise<ChanceProof> {
  const { records, ledgerTable, table } = proven;
  const { transform } = column.plan;
  const place = `\`${table.name}.${column.plan.column}\``;
  const { group, isRemembered, original, expected } = slotOf(proven, column);
  const ofGroup = `${records.name("proof_rows")} r WHERE r.column_id = ${group}`;
  const remembered = `${ofGroup} AND ${isRemembered}`;
  const [counts] = await session.query<{ found: Whole; compared: Whole | null; alike: Whole | null }>(
    `SELECT COUNT(*) AS found, SUM(${isRemembered}) AS compared, SUM(${isRemembered} AND ${expected} = ${original}) AS alike
     FROM ${ofGroup}`,
  );
  if (stored !== Number(counts?.found)) throw rowsNotChecked(place);
  // What a document's paths keep may be all that it has.
  if (transform.name !== "json" && Number(counts?.alike) > UNCHANGED_MAX) {
    const [values] = await session.query<Unchanged>(
      `SELECT COUNT(DISTINCT ${original}) AS different, COUNT(DISTINCT IF(${expected} = ${original}, ${original}, NULL)) AS unchanged
       FROM ${remembered}`,
    );
    refuseUnchanged(values, transform.name, place);
  }
  if (rowIdentity(table, ledgerTable.plan) === undefined) {
    const given = `SELECT ${original} AS original, ${expected} AS expected FROM ${remembered}`;
    const leaks = await countSurplus(session, proven, column, given);
    if (leaks > 0) throw rowsLeak(place, leaks);
  }
  return { compared: Number(counts?.compared ?? 0) };
}

interface Unchanged {
  readonly different: Whole;
  readonly unchanged: Whole;
}

/** @throws FatalError `MASK_LEAK` where the transform leaves more values as they are than chance does */
function refuseUnchanged(values: Unchanged | undefined, transform: string, place: string): void {
  const unchanged = Number(values?.unchanged);
  if (unchanged <= Math.max(UNCHANGED_MAX, UNCHANGED_SHARE_MAX * Number(values?.different))) return;
  throw new FatalError(
    "MASK_LEAK",
    `The transform \`${transform}\` leaves ${unchanged} different values of ${place} as they are, more than chance explains. Nothing was handed on. Abandon the run, and report this as a defect.`,
  );
}

/**
 * What `judgeChance` says of remembered values, for a column whose transform was tried again: after all ranges.
 *
 * @param alike rows that it was found to leave as they are, by the ranges' notes
 * @throws FatalError `MASK_LEAK`
 */
export async function judgeRepeated(
  session: WriteSession,
  proven: ProvenTable,
  column: LedgerColumn,
  alike: number,
): Promise<void> {
  if (alike <= UNCHANGED_MAX) return;
  const { job, records, table } = proven;
  const { group, isRemembered, original } = slotOf(proven, column);
  const [values] = await session.query<Unchanged>(
    `SELECT (SELECT COUNT(DISTINCT ${original}) FROM ${records.name("proof_rows")} r
             WHERE r.column_id = ${group} AND ${isRemembered}) AS different,
       COUNT(DISTINCT ${proofDigest(quoteName(column.plan.column))}) AS unchanged
     FROM ${quoteTable(job.database, table.name)} WHERE ${holdsOriginal(proven, column)}`,
  );
  refuseUnchanged(values, column.plan.transform.name, `\`${table.name}.${column.plan.column}\``);
}

/** A condition on a row of a table with a key: it is remembered, and holds its original. */
export function holdsOriginal(proven: ProvenTable, column: LedgerColumn): string {
  const { group, isRemembered } = slotOf(proven, column);
  const holds = `${isRemembered} AND ${isOriginal(proven, column)}`;
  return `${sampleOf(proven)} AND ${ofRecord(proven, group, holds)}`;
}

/** A condition on a row of a table with a key: it holds its original, and the transform gives another value, or may do so. */
export function mayLeak(proven: ProvenTable, column: LedgerColumn): string {
  return `${sampleOf(proven)} AND ${ofRecord(proven, slotOf(proven, column).group, isUnexpected(proven, column))}`;
}

/**
 * SQL for a row of a table with a key: 1 where it has a record, and `leak` more for each column of the group in which it
 * holds its original although the transform gives another value, or may do so: that is to be tried again. Else NULL or 0.
 *
 * A floating-point number: MySQL adds these up in a fraction of the time that it takes for decimals.
 */
export function rowWeight(proven: ProvenTable, group: readonly LedgerColumn[], leak: number): string {
  const leaks = group.map((column) => `(${isUnexpected(proven, column)})`);
  const weight = `1e0 + ${leak}e0 * (${leaks.join(" + ")})`;
  return `IF(${sampleOf(proven)}, ${ofRecord(proven, groupId(group), weight)}, 0e0)`;
}

/** SQL for what a row's record says: its column `digests` is `r.digests`. NULL where there is none. */
function ofRecord({ job, records, ledgerTable, table }: ProvenTable, group: number, what: string): string {
  // In a subquery a bare name could be the ledger's own.
  const key = rowKey(table, ledgerTable.plan, `${quoteTable(job.database, table.name)}.`);
  return `(SELECT ${what} FROM ${records.name("proof_rows")} r WHERE r.column_id = ${group} AND r.row_key = ${key})`;
}

/** A condition on a row and its record. Of a transform that is tried again nothing is expected. */
function isUnexpected(proven: ProvenTable, column: LedgerColumn): string {
  const { original, expected } = slotOf(proven, column);
  return `${isOriginal(proven, column)} AND ${original} <> ${expected}`;
}

/** A condition on a row and its record, and never NULL. */
function isOriginal(proven: ProvenTable, column: LedgerColumn): string {
  const value = `${quoteTable(proven.job.database, proven.table.name)}.${quoteName(column.plan.column)}`;
  return `${slotOf(proven, column).original} <=> ${proofDigest(value)}`;
}

/**
 * Of a table without a fit key: how many more rows hold a value that was an original than the transform gives.
 *
 * @param given SQL for what was remembered
 */
async function countSurplus(
  session: WriteSession,
  { job, table }: ProvenTable,
  { plan }: LedgerColumn,
  given: string,
): Promise<number> {
  const [counts] = await session.query<{ leaks: Whole | null }>(
    `SELECT SUM(GREATEST(0, CAST(t.held AS SIGNED) - CAST(IFNULL(e.given, 0) AS SIGNED))) AS leaks
     FROM (SELECT ${proofDigest(quoteName(plan.column))} AS now, COUNT(*) AS held
           FROM ${quoteTable(job.database, table.name)} GROUP BY now) t
     JOIN (SELECT DISTINCT original FROM (${given}) g) o ON o.original = t.now
     LEFT JOIN (SELECT expected, COUNT(*) AS given FROM (${given}) g GROUP BY expected) e ON e.expected = t.now`,
  );
  return Number(counts?.leaks ?? 0);
}

export function rowsLeak(place: string, rows: number): FatalError {
  return new FatalError(
    "MASK_LEAK",
    `${rows} rows of ${place} still hold their original value after masking, where the transform gives another. Nothing was handed on. Abandon the run, and report this as a defect.`,
  );
}

export function rowsNotChecked(place: string): FatalError {
  return new FatalError(
    "MASK_NOT_CHECKED",
    `Rows of ${place} that were remembered before masking are not found after it, so it cannot be proven. Abandon the run and request a new one.`,
  );
}
