// After masking: rows that hold their original still. Where the transform gives it again, that is by chance; else it is a leak.
import type { WriteSession } from "../../../contracts/platform.ts";
import { quoteName, quoteTable } from "../../mysql/identifiers.ts";
import { type Range, tableByKey, withinRange } from "../chunk-range.ts";
import { PROOF_DIGEST_BYTES, proofDigest } from "../keyed.ts";
import type { LedgerColumn, Whole } from "../ledger.ts";
import { inLedger } from "../masked-sql.ts";
import { holdsOriginal } from "./chance.ts";
import type { ProvenTable } from "./proven-table.ts";

/**
 * Tries a column's transform on a range's rows that hold their original. What it gives is stored in a column of the same
 * type, as masking does.
 *
 * @returns how many rows there are, and for how many it gives another value
 */
export async function tryAgain(
  session: WriteSession,
  proven: ProvenTable,
  column: LedgerColumn,
  range: Range,
): Promise<{ readonly rows: number; readonly leaks: number }> {
  const { job, records, table } = proven;
  const { plan } = proven.ledgerTable;
  const scratch = `${records.name("proof_rows").slice(0, -1)}_again\``;
  const name = quoteName(column.plan.column);
  await session.run(`DROP TEMPORARY TABLE IF EXISTS ${scratch}`);
  await session.run(
    `CREATE TEMPORARY TABLE ${scratch} (held BINARY(${PROOF_DIGEST_BYTES}))
     SELECT ${name} AS given FROM ${quoteTable(job.database, table.name)} LIMIT 0`,
  );
  await session.run(
    `INSERT INTO ${scratch} (held, given)
     SELECT ${proofDigest(name)}, ${inLedger(job, column.plan.sql)} FROM ${tableByKey(job.database, plan)}
     WHERE ${withinRange(plan, range)} AND ${holdsOriginal(proven, column)}`,
  );
  const [found] = await session.query<{ found: Whole; leaks: Whole | null }>(
    `SELECT COUNT(*) AS found, SUM(IFNULL(${proofDigest("given")} <> held, 1)) AS leaks FROM ${scratch}`,
  );
  await session.run(`DROP TEMPORARY TABLE ${scratch}`);
  return { rows: Number(found?.found), leaks: Number(found?.leaks ?? 0) };
}
