// Where a table is divided into the ranges in which the proof reads it, before masking and after it.
import type { WriteSession } from "../../contracts/platform.ts";
import { quoteName } from "../mysql/identifiers.ts";
import { type Boundary, findBoundary, tableByKey } from "./chunk-range.ts";
import type { MaskingJob } from "./job.ts";
import type { Whole } from "./ledger.ts";
import type { TablePlan } from "./plan.ts";

/**
 * Rows of a range: a quarter of a second's reading. All looks at a range follow one another, so that a table that is larger
 * than the server's memory comes from the disk once for all of them.
 */
const RANGE_ROWS = 100_000;
/** A table is shared out among the sessions; below so many rows the steps themselves begin to count. */
const LEAST_RANGE_ROWS = 5_000;
/** Where less than a quarter of a key's numbers is taken, its span says too little of where the rows are. */
const NUMBERS_A_ROW = 4;

/** The ends of all ranges but the last. @param rows how many the table has */
export async function divide(
  session: WriteSession,
  { database, connections, proofRangeRows }: MaskingJob,
  plan: TablePlan,
  rows: number,
): Promise<Boundary[]> {
  // As many ranges for each session: were one left over, all others would wait for it.
  const ranges = connections * Math.max(1, Math.ceil(rows / (connections * RANGE_ROWS)));
  const rangeRows = proofRangeRows ?? Math.max(LEAST_RANGE_ROWS, Math.ceil(rows / ranges));
  if (rows <= rangeRows) return [];
  return (
    (await evenEnds(session, database, plan, rows, rangeRows)) ?? walkedEnds(session, database, plan, rows, rangeRows)
  );
}

/** By arithmetic: a range of whole numbers has at most a row for each. Undefined where the key is none, or has large gaps. */
async function evenEnds(
  session: WriteSession,
  database: string,
  plan: TablePlan,
  rows: number,
  rangeRows: number,
): Promise<Boundary[] | undefined> {
  const [part, ...others] = plan.chunkKey?.columns ?? [];
  if (!part || part.literal.form !== "number" || others.length > 0) return undefined;
  const name = quoteName(part.column);
  const [key] = await session.query<{ least: Whole | null; most: Whole | null }>(
    `SELECT MIN(${name}) AS least, MAX(${name}) AS most FROM ${tableByKey(database, plan)}`,
  );
  const [least, most] = [String(key?.least), String(key?.most)];
  if (!isWhole(least) || !isWhole(most)) return undefined;
  const span = BigInt(most) - BigInt(least) + 1n;
  if (span > BigInt(rows * NUMBERS_A_ROW)) return undefined;
  const ranges = Math.ceil(rows / rangeRows);
  return Array.from({ length: ranges - 1 }, (_, i) => [
    String(BigInt(least) + (span * BigInt(i + 1)) / BigInt(ranges) - 1n),
  ]);
}

function isWhole(number: string): boolean {
  return /^-?\d+$/.test(number);
}

/** By walking the key, which reads the table once. */
async function walkedEnds(
  session: WriteSession,
  database: string,
  plan: TablePlan,
  rows: number,
  rangeRows: number,
): Promise<Boundary[]> {
  const ends: Boundary[] = [];
  while ((ends.length + 1) * rangeRows < rows) {
    const end = await findBoundary(session, database, plan, ends.at(-1) ?? null, rangeRows);
    if (!end) break;
    ends.push(end);
  }
  return ends;
}
