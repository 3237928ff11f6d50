// Makes the table by which a column's values change places: each value, and the one that takes its place.
import type { WriteSession } from "../../contracts/platform.ts";
import { quoteName, quoteTable } from "../mysql/identifiers.ts";
import { textLiteral } from "../mysql/literals.ts";
import type { MaskingJob } from "./job.ts";
import { keyedHash } from "./keyed.ts";
import { ledgerDatabase } from "./ledger.ts";
import type { Permutation } from "./plan.ts";
import { PERMUTATION } from "./transforms/permute.ts";

const { rank, value, next } = PERMUTATION;

/** Makes it where it is not there. Its unique keys hold it to a bijection. */
export async function createPermutation(session: WriteSession, job: MaskingJob, { name, type }: Permutation) {
  await session.run(
    `CREATE TABLE IF NOT EXISTS ${quoteTable(ledgerDatabase(job), name)} (
       ${rank} BIGINT UNSIGNED AUTO_INCREMENT PRIMARY KEY, ${value} ${type} NOT NULL, ${next} ${type} NULL,
       UNIQUE KEY (${value}), UNIQUE KEY (${next})) ENGINE = InnoDB ROW_FORMAT = DYNAMIC`,
  );
}

/**
 * Fills it, inside a transaction. The values are written down in the order of their keyed hashes, and each is given the
 * one after it: a single cycle, so that no value stays where it is unless it is the only one. Without window functions,
 * which MySQL 5 lacks: ranks are AUTO_INCREMENT's, and lie one increment apart within a statement.
 * https://dev.mysql.com/doc/refman/8.4/en/innodb-auto-increment-handling.html
 */
export async function permuteValues(session: WriteSession, job: MaskingJob, permutation: Permutation): Promise<void> {
  const table = quoteTable(ledgerDatabase(job), permutation.name);
  await session.run(`DELETE FROM ${table}`);
  const { affectedRows: values } = await session.run(
    `INSERT INTO ${table} (${value}) SELECT v FROM (${valuesOf(job.database, permutation)}) present
     ORDER BY ${placeOf(permutation, "v")}`,
  );
  await session.run(
    `UPDATE ${table} a JOIN ${table} b ON b.${rank} = a.${rank} + @@SESSION.auto_increment_increment
     SET a.${next} = b.${value}`,
  );
  const { affectedRows: last } = await session.run(
    `UPDATE ${table} SET ${next} = (SELECT v FROM (SELECT ${value} AS v FROM ${table} ORDER BY ${rank} LIMIT 1) first)
     WHERE ${next} IS NULL`,
  );
  if (values > 0 && last !== 1) throw new TypeError("The ranks of a permutation have gaps.");
}

/**
 * SQL for what `permuteValues` will make of a few values, without making its table: it reads all of the permutation's.
 *
 * @param sample SQL for the values, as `own`
 * @returns SQL for rows of `own` and `next`, in no order
 */
export function permutedSample(database: string, permutation: Permutation, sample: string): string {
  const values = valuesOf(database, permutation);
  const [place, itsPlace] = [placeOf(permutation, "later.v"), placeOf(permutation, "present.v")];
  const after = `SELECT later.v FROM (${values}) later WHERE ${place} > ${itsPlace} ORDER BY ${place} LIMIT 1`;
  const first = `SELECT later.v FROM (${values}) later ORDER BY ${place} LIMIT 1`;
  return `SELECT own, COALESCE((${after}), (${first})) AS next
    FROM (${sample}) sample JOIN (${values}) present ON present.value = own`;
}

function placeOf({ domain }: Permutation, v: string): string {
  return keyedHash("permute", `CONCAT(${textLiteral(`${domain}:`)}, ${v})`);
}

/**
 * Each value once as `v`, whichever columns have it, and as `value`, of the columns' own type. Of texts that compare as
 * equal the first column's, and its lowest.
 */
function valuesOf(database: string, { columns, of }: Permutation): string {
  const selects = columns.map(({ table, column }, i) => {
    const name = quoteName(column);
    const from = `FROM ${quoteTable(database, table)}`;
    return of === "text"
      ? `SELECT ${name} AS t, MIN(CONCAT('${ordinal(i)}', CAST(CONVERT(${name} USING utf8mb4) AS BINARY))) AS b ${from}
         WHERE ${name} <> '' GROUP BY ${name}`
      : `SELECT DISTINCT ${name} AS v, ${name} AS value ${from} WHERE ${name} ${of === "integer" ? "IS NOT NULL" : "<> ''"}`;
  });
  if (of !== "text") return selects.join(" UNION ");
  const spelled = `SUBSTRING(MIN(b), ${ordinal(0).length + 1})`;
  return `SELECT CONVERT(${spelled} USING utf8mb4) AS v, t AS value FROM (${selects.join(" UNION ALL ")}) texts GROUP BY t`;
}

/** Sorts as text as the number does. */
function ordinal(i: number): string {
  return String(i).padStart(6, "0");
}
