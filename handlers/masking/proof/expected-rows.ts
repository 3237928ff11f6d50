// Before masking: of rows in columns whose new values may be real ones by chance, digests of the original and, where the
// transform could not be tried again afterwards, of what it makes of it.
import type { WriteSession } from "../../../contracts/platform.ts";
import { quoteName, quoteTable } from "../../mysql/identifiers.ts";
import { type Range, tableByKey, withinRange } from "../chunk-range.ts";
import { columnId } from "../column-kind.ts";
import type { MaskingJob } from "../job.ts";
import { PROOF_DIGEST_BYTES, proofDigest } from "../keyed.ts";
import type { LedgerColumn, LedgerTable } from "../ledger.ts";
import { inLedger } from "../masked-sql.ts";
import type { ProvenTable } from "./proven-table.ts";
import type { ProofRecords } from "./records.ts";
import { ROW_KEY_BYTES, rowIdentity, rowKey, sampleCondition } from "./row-identity.ts";

/** Smaller tables are compared row by row, whole. */
const WHOLE_TABLE_ROWS = 100_000;

/** For NULL, and in place of an original that the transform leaves as it is. */
const NO_DIGEST = `x'${"00".repeat(PROOF_DIGEST_BYTES)}'`;

/** Where a column's digests are in the record of a row. */
export interface Slot {
  /** By which the records are found. */
  readonly group: number;
  /** SQL for a record `r`: whether there is an original, it, and what the transform makes of it. */
  readonly isRemembered: string;
  readonly original: string;
  readonly expected: string;
}

export function slotOf(proven: ProvenTable, { id }: LedgerColumn): Slot {
  const group = recordGroups(proven).find((own) => own.some((column) => column.id === id)) ?? [];
  const at = 1 + 2 * PROOF_DIGEST_BYTES * group.findIndex((column) => column.id === id);
  const digest = (start: number) => `SUBSTRING(r.digests, ${start}, ${PROOF_DIGEST_BYTES})`;
  const original = digest(at);
  return {
    group: groupId(group),
    isRemembered: `${original} <> ${NO_DIGEST}`,
    original,
    expected: digest(at + PROOF_DIGEST_BYTES),
  };
}

/** In one order, before masking and after it: a record has their digests one behind the other. */
export function columnsByChance({ columns }: LedgerTable): LedgerColumn[] {
  return columns.filter(({ plan }) => plan.byChance).toSorted((a, b) => a.id - b.id);
}

/** These may look beyond the row's own value, into what is masked afterwards; of a document a part may stay. */
const UNREPEATABLE = new Set(["expression", "json"]);

/**
 * True where the transform makes of a value the same at any time: what it gives is not remembered, but asked for again for
 * rows that hold their original afterwards (proof/try-again.ts). Most do not, and making a value takes the longest.
 */
export function isRepeatable({ ledgerTable, table }: ProvenTable, { plan }: LedgerColumn): boolean {
  const readsOthers = UNREPEATABLE.has(plan.transform.name) || (plan.reads ?? []).length > 0;
  return !readsOthers && rowIdentity(table, ledgerTable.plan) !== undefined;
}

/** A range's note before masking: how many of its rows have a record, by their group's id. */
export type Remembered = Readonly<Record<string, number>>;

/** Columns that one read of a range serves, and one record of a row. */
const SCRATCH_COLUMNS = 8; // of long texts, an old server keeps 768 bytes in the row, which has 8,126
const SCRATCH_BYTES = 32_000; // of a row's 65,535, with room for digests

/** The columns by chance that share a record, which goes by the first one's id. A column that is longer than that stands alone. */
export function recordGroups({ ledgerTable, table }: ProvenTable): LedgerColumn[][] {
  const groups: LedgerColumn[][] = [];
  let bytes = Infinity;
  for (const column of columnsByChance(ledgerTable)) {
    const own = table.columns.find(({ name }) => columnId(name) === columnId(column.plan.column))?.maxBytes ?? 0;
    bytes += own;
    const last = groups.at(-1);
    if (last && last.length < SCRATCH_COLUMNS && bytes <= SCRATCH_BYTES) last.push(column);
    else {
      groups.push([column]);
      bytes = own;
    }
  }
  return groups;
}

/** Of groups with values that the server has to store before they are known: for the session's own use, as long as it lives. */
export async function openScratch(session: WriteSession, proven: ProvenTable): Promise<void> {
  const { job, records, table } = proven;
  for (const group of recordGroups(proven)) {
    const made = group.filter((column) => !isRepeatable(proven, column));
    if (made.length === 0) continue;
    const originals = group.map(({ id }) => `original_${id} BINARY(${PROOF_DIGEST_BYTES})`);
    const expected = made.map(({ id, plan }) => `${quoteName(plan.column)} AS expected_${id}`);
    await session.run(
      `CREATE TEMPORARY TABLE IF NOT EXISTS ${scratchOf(records, group)} (row_key VARBINARY(${ROW_KEY_BYTES}), ${originals.join(", ")})
       SELECT ${expected.join(", ")} FROM ${quoteTable(job.database, table.name)} LIMIT 0`,
    );
  }
}

/** By which a group's records are found. */
export function groupId([first]: readonly LedgerColumn[]): number {
  if (!first) throw new TypeError("A group has a column.");
  return first.id;
}

function scratchOf(records: ProofRecords, group: readonly LedgerColumn[]): string {
  return `${records.name("proof_rows").slice(0, -1)}_${groupId(group)}\``;
}

/** Remembers, for each row of a range or a sample of them, digests of the original and of what the transform makes of it. */
export async function rememberExpected(session: WriteSession, proven: ProvenTable, range: Range): Promise<Remembered> {
  const { job, records, table } = proven;
  const { plan } = proven.ledgerTable;
  // Without a key rows are told apart by nothing: they are compared by count, so all of them are needed.
  const key = rowKey(table, plan) ?? "LEFT(UNHEX(SHA2(UUID(), 256)), 16)";
  const rows = `${tableByKey(job.database, plan)} WHERE ${withinRange(plan, range)} AND ${sampleOf(proven)}`;
  const remembered: Record<string, number> = {};
  for (const group of recordGroups(proven)) {
    const made = group.filter((column) => !isRepeatable(proven, column));
    const scratch = scratchOf(records, group);
    if (made.length > 0) await fillScratch(session, job, scratch, group, made, key, rows);
    const digests = group.flatMap((column) => [
      made.length > 0 ? `original_${column.id}` : originalOf(column),
      made.includes(column) ? proofDigest(`expected_${column.id}`) : "NULL",
    ]);
    const { affectedRows } = await session.run(
      `INSERT INTO ${records.name("proof_rows")} (column_id, row_key, digests)
       SELECT ${groupId(group)}, ${made.length > 0 ? "row_key" : key}, CONCAT(${digests.map((digest) => `IFNULL(${digest}, ${NO_DIGEST})`).join(", ")})
       FROM ${made.length > 0 ? scratch : rows}`,
    );
    remembered[groupId(group)] = affectedRows;
  }
  return remembered;
}

/**
 * New values are stored in columns of the same types first: only so does the server round, cut and convert them as it will
 * when it masks.
 */
async function fillScratch(
  session: WriteSession,
  job: MaskingJob,
  scratch: string,
  group: readonly LedgerColumn[],
  made: readonly LedgerColumn[],
  key: string,
  rows: string,
): Promise<void> {
  const names = [...group.map(({ id }) => `original_${id}`), ...made.map(({ id }) => `expected_${id}`)];
  const values = [...group.map(originalOf), ...made.map(({ plan }) => inLedger(job, plan.sql))];
  await session.run(`DELETE FROM ${scratch}`);
  await session.run(
    `INSERT INTO ${scratch} (row_key, ${names.join(", ")}) SELECT ${key}, ${values.join(", ")} FROM ${rows}`,
  );
}

/** SQL for a row's digest; NULL for NULL, and for what the transform leaves as it is. */
function originalOf({ plan }: LedgerColumn): string {
  const name = quoteName(plan.column);
  return `IF(${name} IS NOT NULL AND NOT (${plan.unchanged}), ${proofDigest(name)}, NULL)`;
}

/** A condition that holds for the rows that are remembered. */
export function sampleOf({ ledgerTable, table }: ProvenTable): string {
  return sampleCondition(rowIdentity(table, ledgerTable.plan), ledgerTable.rowsBefore, WHOLE_TABLE_ROWS);
}
