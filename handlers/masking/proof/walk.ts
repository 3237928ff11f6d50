// Walks a table in ranges of its chunk key, small enough for one answer of the server.
import type { WriteSession } from "../../../contracts/platform.ts";
import { findBoundary, rangeCondition, type Boundary } from "../chunk-range.ts";
import type { TablePlan } from "../plan.ts";

export interface WalkedRange {
  /** Where it ends; null for the last. */
  readonly high: Boundary | null;
  readonly condition: string;
}

/** The ranges after `low`. A table without a chunk key is one. */
export async function* walk(
  session: WriteSession,
  database: string,
  table: TablePlan,
  low: Boundary | null,
  rows: number,
): AsyncGenerator<WalkedRange> {
  const key = table.chunkKey;
  if (!key) {
    yield { high: null, condition: "TRUE" };
    return;
  }
  for (let from = low; ;) {
    const high: Boundary | null = await findBoundary(session, database, table, from, rows);
    yield { high, condition: rangeCondition(key, { low: from, high }) };
    if (high === null) return;
    from = high;
  }
}
